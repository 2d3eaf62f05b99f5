/** What `cancel-hook send` is asked for, as far as the words alone tell. */

import { parseDuration } from '../../validation/duration.ts';
import { parsed } from '../arguments.ts';
import { UsageError } from '../command.ts';

const text = { type: 'string' } as const;
const several = { type: 'string', multiple: true } as const;
const flag = { type: 'boolean' } as const;

export const OPTIONS = {
  url: text,
  timeout: text,
  'dry-run': flag,
  // Who sends it.
  config: text,
  caller: text,
  type: text,
  auth: text,
  secret: text,
  'id-token': text,
  username: text,
  header: text,
  'timestamp-header': text,
  audience: text,
  field: text,
  // What it says.
  reason: text,
  wait: text,
  'validate-only': flag,
  parent: text,
  'older-than': text,
  verb: several,
  target: several,
  limit: text,
  text,
  button: flag,
  'add-on': flag,
  principal: several,
  body: text,
} as const;

export type Values = ReturnType<typeof parsed<typeof OPTIONS>>['values'];
export type Option = keyof typeof OPTIONS;

export interface Options {
  readonly values: Values;
  /** The operation; undefined where none is named. */
  readonly name: string | undefined;
  readonly url: string;
  /** Milliseconds. */
  readonly timeout: number;
}

/** @throws UsageError */
export function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parsed(args, OPTIONS);
  const [name, ...more] = positionals;
  if (more.length > 0) throw new UsageError('takes one operation');
  if (values.url === undefined) throw new UsageError('needs --url');
  const timeout = parseDuration(values.timeout ?? '60s');
  // Of timers, Node takes no longer ones.
  if (!timeout || timeout > 2 ** 31 - 1)
    throw new UsageError('--timeout is a duration, such as 60s');
  return { values, name, url: values.url, timeout };
}
