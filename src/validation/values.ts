/** Values as configurations and senders give them: durations, URLs, JSON of unknown shape. */

import { describePattern } from './validator.ts';

export const DURATION = describePattern(
  '^\\d{1,9}(\\.\\d{1,9})?[smhd]$',
  'a duration: a number with s, m, h or d, such as 20s or 6h',
);

const UNITS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** @returns milliseconds; undefined if `text` is not a duration */
export function parseDuration(text: string): number | undefined {
  if (!new RegExp(DURATION).test(text)) return undefined;
  return Number(text.slice(0, -1)) * (UNITS[text.slice(-1)] ?? Number.NaN);
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The text where it is one, else none: what should be text may be anything. */
export function stringOrEmpty(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** @returns undefined if `text` is no absolute URL */
export function parseUrl(text: string | undefined): URL | undefined {
  return text !== undefined && URL.canParse(text) ? new URL(text) : undefined;
}

/** A host that `http:` may be used with: what is sent there stays on the machine. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** @returns why nothing may be sent to an address; undefined if there is no reason */
export function checkAddress(text: string, root: boolean): string | undefined {
  const url = parseUrl(text);
  if (!url) return 'must be a URL';
  const plain = url.protocol === 'http:' && isLoopback(url.hostname);
  if (url.protocol !== 'https:' && !plain) return 'must be https: (http: for loopback hosts only)';
  if (url.username !== '' || url.password !== '') return 'must not hold credentials';
  if (url.search !== '' || url.hash !== '') return 'must not have a query or a fragment';
  if (root && url.pathname !== '/') return 'must not have a path';
  return undefined;
}

/** Returns how many brackets are open at one time. Those within strings count as well. */
export function countOpenBrackets(text: string): number {
  let open = 0;
  let most = 0;
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    open += bracket === '[' || bracket === '{' ? 1 : -1;
    most = Math.max(most, open);
  }
  return most;
}

/** Counts the keys of all objects in a value, however deep it is. */
export function countKeys(value: unknown): number {
  let count = 0;
  const left = [value];
  while (left.length > 0) {
    const one = left.pop();
    if (typeof one !== 'object' || one === null) continue;
    const values = Object.values(one);
    if (!Array.isArray(one)) count += values.length;
    for (const inner of values) left.push(inner);
  }
  return count;
}

/** Counts the keys in valid JSON, duplicate ones too: the strings that a colon follows. */
export function countKeysInJson(text: string): number {
  let count = 0;
  for (const [, colon] of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"\s*(:)?/g)) if (colon) count += 1;
  return count;
}
