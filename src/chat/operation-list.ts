/** Running operations, as a chat shows them: what each does, for how long, and a button. */

import type { CommandResult, RunningOperation } from '../command.ts';
import { truncate } from './chat-command.ts';
import type { ChatReply, OperationItem, TextLine } from './text.ts';

/** A target is upstream's text, of any length. */
const MAX_TARGET = 300;

export function renderList(
  parent: string,
  { found, more }: Extract<CommandResult, { kind: 'list' }>,
  now: number,
): ChatReply {
  const place = { code: parent };
  if (found.length === 0) {
    const none: TextLine = ['Nothing runs in ', place, ' that you may cancel.'];
    return { lines: [none], operations: [], inChannel: false };
  }
  const rest = more === 0 ? '' : ` (${more} more are younger)`;
  const head: TextLine = ['Running in ', place, `, the oldest first${rest}:`];
  return { lines: [head], operations: found.map((one) => offer(one, now)), inChannel: false };
}

function offer(found: RunningOperation, now: number): OperationItem {
  const { name } = found;
  return { name, lines: [[{ code: name }], describeOperation(found, now)] };
}

interface Facts {
  readonly verb?: string | undefined;
  readonly target?: string | undefined;
  readonly createTime?: string | undefined;
}

/** `create of projects/…, for 3 h`, as far as it is known. */
export function describeOperation(
  { verb, target, createTime }: Facts,
  now: number,
  done = false,
): TextLine {
  const time = age(createTime, now);
  return [
    verb ? { code: truncate(verb, MAX_TARGET) } : 'No verb is given',
    ...(target ? [' of ', { code: truncate(target, MAX_TARGET) }] : []),
    ...(time === undefined ? [] : [done ? `, begun ${time} ago` : `, for ${time}`]),
  ];
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

/** The two largest units, such as `2 d 4 h`; undefined where the time cannot be read. */
export function age(time: string | undefined, now: number): string | undefined {
  const since = Math.max(now - Date.parse(time ?? ''), 0);
  if (Number.isNaN(since)) return undefined;
  const at = UNITS.findIndex(([, size]) => since >= size);
  const [unit, size] = UNITS[at < 0 ? UNITS.length - 1 : at] ?? ['s', 1_000];
  const next = UNITS[at < 0 ? UNITS.length : at + 1];
  const rest = next ? Math.floor((since % size) / next[1]) : 0;
  const first = `${Math.floor(since / size)} ${unit}`;
  return next && rest > 0 ? `${first} ${rest} ${next[0]}` : first;
}
