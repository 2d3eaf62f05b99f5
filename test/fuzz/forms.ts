/** Slack's forms, and what can be done to them: as pairs, as the JSON within, as percent-encoding. */

import { type Change, mutate } from './mutations.ts';
import { write } from './tree.ts';

type Pair = [key: string, value: string];

export function hasForm(body: string): boolean {
  return /^[\w]+=/.test(body);
}

export function readForm(body: string): Pair[] {
  return [...new URLSearchParams(body)];
}

/** Odd ways to write a pair, most of which are no way at all. */
const WRITINGS: readonly ((key: string, value: string) => string)[] = [
  (key, value) => `${encode(key)}=${encode(value)}`,
  (key, value) => `${encode(key)}=${encode(value).replaceAll('%20', '+')}`,
  (key, value) => `${encode(key)}=${value}`,
  (key, value) => `${encode(key)}[]=${encode(value)}`,
  (key, value) => `${encode(key)}=${encode(value).replaceAll('%', '%25')}`,
  (key, value) => `${encode(key)}=${encode(value)}%zz%`,
  (key) => encode(key),
  (_, value) => `=${encode(value)}`,
  (key, value) => `${encode(key)}=${encode(value)};${encode(key)}=other`,
  (key, value) => `${encode(key)}=${encode(value)}&&&`,
];

/** The form, with these changes in its pairs or, where it has one, in its payload. */
export function formOf(pairs: readonly Pair[], changes: readonly Change[]): string {
  const form = pairs.map((pair): Pair => [...pair]);
  const written = new Map<Pair, number>();
  for (const change of changes) {
    const pair = form[change.at % form.length];
    if (!pair) continue;
    if (pair[0] === 'payload' && change.to % 4 !== 0) {
      pair[1] = within(pair[1], change);
    } else alter(form, pair, change, written);
  }
  return form
    .map((pair) => (WRITINGS[written.get(pair) ?? 0] ?? String)(pair[0], pair[1]))
    .join('&');
}

function alter(form: Pair[], pair: Pair, change: Change, written: Map<Pair, number>): void {
  const { how, key, value, to } = change;
  const text = typeof value === 'string' ? value : write(value);
  switch (how) {
    case 'put':
      pair[1] = text;
      return;
    case 'append':
      pair[1] += text;
      return;
    case 'rename':
      pair[0] = key;
      return;
    case 'remove':
      form.splice(form.indexOf(pair), 1);
      return;
    case 'repeat':
      form.splice(to % (form.length + 1), 0, [pair[0], text]);
      return;
    case 'add':
      form.splice(to % (form.length + 1), 0, [key, text]);
      return;
    case 'move': {
      const other = form[to % form.length];
      if (other) other[1] = pair[1];
      return;
    }
    case 'swap':
      written.set(pair, to % WRITINGS.length);
  }
}

/** What was made no JSON by an earlier change stays as it is. */
function within(payload: string, change: Change): string {
  try {
    return write(mutate(JSON.parse(payload), [{ ...change, at: change.at + change.to }]));
  } catch {
    return payload;
  }
}

function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}
