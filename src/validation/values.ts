/** Durations in configurations and requests: `20s`, `5m`, `6h`, `2d`. */

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

/** @returns milliseconds; undefined where `text` is not a duration */
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
