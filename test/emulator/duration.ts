import type { Exchange } from './exchange.ts';
import { StatusError } from './status.ts';

const UNITS: Record<string, number> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `"30s"`, `"1.5h"`, `"250ms"` in milliseconds; `undefined` for anything else. */
export function parseDuration(text: string): number | undefined {
  const [, number, unit] = /^(\d{1,9}(?:\.\d{1,9})?)(ms|s|m|h|d)$/.exec(text) ?? [];
  return number === undefined || unit === undefined ? undefined : Number(number) * UNITS[unit]!;
}

/** How long what is started is to take, in milliseconds: a header that only tests send. */
export function startDuration({ headers }: Exchange): number | undefined {
  const given = headers['x-emulator-duration'];
  if (given === undefined) return undefined;
  const parsed = parseDuration(String(given));
  if (parsed === undefined) {
    throw new StatusError('INVALID_ARGUMENT', `X-Emulator-Duration: not a duration: ${given}`);
  }
  return parsed;
}
