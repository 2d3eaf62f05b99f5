/** When a failed call is worth another one, and when to make it. */

import type { Clock } from '../clock.ts';

export const MAX_ATTEMPTS = 3;

const FIRST_BACKOFF_MS = 150;

/** RFC 9110, 5.6.7, the one form that servers must write. */
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** Grows by attempt (1, 2, …) and is jittered, so that callers who failed together return apart. */
export function backoff(attempt: number, clock: Clock): number {
  const longest = FIRST_BACKOFF_MS * 2 ** (attempt - 1);
  return longest / 2 + (clock.random() * longest) / 2;
}

/**
 * A `Retry-After` header (RFC 9110, 10.2.3), seconds or a date, in milliseconds from now; undefined
 * where there is none that one can read.
 */
export function retryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\s*\d{1,9}\s*$/.test(header)) return Number(header) * 1000;
  // Date.parse alone reads almost anything as a date.
  const date = HTTP_DATE.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(date - now, 0);
}

/**
 * Keeps retries under a tenth of the calls, beyond an allowance to start from: an upstream in
 * trouble is not made worse by everyone asking three times.
 */
export class RetryBudget {
  static readonly RATIO = 0.1;
  readonly #allowance: number;
  #left: number;

  constructor(allowance = 10) {
    this.#allowance = allowance;
    this.#left = allowance;
  }

  deposit(): void {
    this.#left = Math.min(this.#left + RetryBudget.RATIO, this.#allowance);
  }

  /** Whether one more retry may be made; it counts as made. */
  tryWithdraw(): boolean {
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
