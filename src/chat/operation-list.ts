/** The running operations of a location, and how an operation is described. */

import type { CommandResult, RunningOperation } from '../command.ts';
import { type ChatReply, ephemeral, type OperationItem, type TextLine, truncate } from './text.ts';

/** A target is text of Google Cloud's, of any length. */
const MAX_TARGET = 300;

/** @param now milliseconds since 1970 */
export function renderList(
  parent: string,
  { found, more }: Extract<CommandResult, { kind: 'list' }>,
  now: number,
): ChatReply {
  const place = { code: parent };
  if (found.length === 0) {
    return ephemeral([['No operation that you may cancel is running in ', place, '.']]);
  }
  const rest = more === 0 ? '' : ` (and ${more} newer)`;
  const head: TextLine = ['Running in ', place, `, oldest first${rest}:`];
  return { lines: [head], operations: found.map((one) => toItem(one, now)), inChannel: false };
}

function toItem(operation: RunningOperation, now: number): OperationItem {
  const { name } = operation;
  return { name, lines: [[{ code: name }], describeOperation(operation, now)] };
}

interface Metadata {
  readonly verb?: string | undefined;
  readonly target?: string | undefined;
  readonly createTime?: string | undefined;
}

/** Returns `create of projects/…, for 3 h`, as far as it is known. @param now milliseconds since 1970 */
export function describeOperation(
  { verb, target, createTime }: Metadata,
  now: number,
  done = false,
): TextLine {
  const age = formatAge(createTime, now);
  return [
    verb ? { code: truncate(verb, MAX_TARGET) } : 'Kind unknown',
    ...(target ? [' of ', { code: truncate(target, MAX_TARGET) }] : []),
    ...(age === undefined ? [] : [done ? `, started ${age} ago` : `, for ${age}`]),
  ];
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

/** Returns the two largest units, such as `2 d 4 h`; undefined where the time cannot be read. */
export function formatAge(time: string | undefined, now: number): string | undefined {
  const age = Math.max(now - Date.parse(time ?? ''), 0);
  if (Number.isNaN(age)) return undefined;
  const at = UNITS.findIndex(([, size]) => age >= size);
  const [unit, size] = UNITS[at < 0 ? UNITS.length - 1 : at] ?? ['s', 1_000];
  const next = UNITS[at < 0 ? UNITS.length : at + 1];
  const rest = next ? Math.floor((age % size) / next[1]) : 0;
  const first = `${Math.floor(age / size)} ${unit}`;
  return next && rest > 0 ? `${first} ${rest} ${next[0]}` : first;
}
