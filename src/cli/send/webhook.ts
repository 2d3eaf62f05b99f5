/** The webhook that was asked for, before anything proves it. */

import { type Io, UsageError } from '../command.ts';
import { REQUESTS } from './bodies.ts';
import type { Option, Options } from './options.ts';
import type { Webhook } from './senders/webhook.ts';
import type { Settings } from './settings.ts';

/** @throws UsageError where an option would do nothing */
export function createWebhook(
  { values, name }: Options,
  settings: Settings,
  ofProof: readonly Option[],
  io: Io,
): Webhook {
  const request = REQUESTS[settings.type];
  if (!request) throw new Error(`nothing is known of what ${settings.type} sends`);
  const { takes, headers, body } = request;
  const ofRequest = values.body === undefined ? takes : [];
  const all: readonly string[] = [...EVERYWHERE, ...ofProof, ...ofRequest];
  const unused = Object.keys(values).find((option) => !all.includes(option));
  if (unused !== undefined) {
    const why = takes.includes(unused as Option)
      ? '--body says all'
      : `${settings.type} has no use for it`;
    throw new UsageError(`--${unused} does nothing here: ${why}`);
  }
  if (values.body === undefined) {
    return { method: 'POST', headers, body: body({ values, name, settings }) };
  }
  if (name !== undefined) throw new UsageError('--body says all: leave the operation out');
  try {
    return { method: 'POST', headers, body: io.readBytes(values.body) };
  } catch {
    throw new UsageError('--body is no readable file');
  }
}

const EVERYWHERE = ['url', 'timeout', 'dry-run', 'config', 'caller', 'type', 'auth', 'body'];
