/** Running operations, as a chat shows them: what each does, for how long, and a button. */

import type { Answer, Found } from '../command.ts';
import { clip } from './chat-command.ts';
import type { Line, Offer, Words } from './text.ts';

/** A target is upstream's text, of any length. */
const MOST_TARGET = 300;

export function listed(
  parent: string,
  { found, more }: Extract<Answer, { kind: 'list' }>,
  now: number,
): Words {
  const place = { code: parent };
  if (found.length === 0) {
    const none: Line = ['Nothing runs in ', place, ' that you may cancel.'];
    return { lines: [none], offers: [], forAll: false };
  }
  const rest = more === 0 ? '' : ` (${more} more are younger)`;
  const head: Line = ['Running in ', place, `, the oldest first${rest}:`];
  return { lines: [head], offers: found.map((one) => offer(one, now)), forAll: false };
}

function offer(found: Found, now: number): Offer {
  const { name } = found;
  return { name, lines: [[{ code: name }], work(found, now)] };
}

interface Facts {
  readonly verb?: string | undefined;
  readonly target?: string | undefined;
  readonly createTime?: string | undefined;
}

/** `create of projects/…, for 3 h`, as far as it is known. */
export function work({ verb, target, createTime }: Facts, now: number, done = false): Line {
  const time = age(createTime, now);
  return [
    verb ? { code: clip(verb, MOST_TARGET) } : 'No verb is given',
    ...(target ? [' of ', { code: clip(target, MOST_TARGET) }] : []),
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
