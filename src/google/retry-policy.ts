/** Says when a failed call to a Google API is sent again. Nothing else decides about retries. */

import type { Clock } from '../clock.ts';
import { ConnectionError, type HttpResponse, MAX_IDLE_SOCKETS } from './http-client.ts';

export interface RetryPolicy {
  /** The most attempts for one call, the first one included. */
  readonly limit: number;
  /** Retried after `Retry-After`, else after the backoff (https://google.aip.dev/194). */
  readonly statusCodes: readonly number[];
  /** Retried only where the response has `Retry-After`. */
  readonly afterStatusCodes: readonly number[];
  /** The longest first delay in milliseconds. It doubles with each attempt, and half of it is random. */
  readonly backoffMs: number;
  /** Retries may be this part of the calls … */
  readonly budgetRatio: number;
  /** … beyond this many. An upstream in trouble is not made worse by everyone asking three times. */
  readonly budgetAllowance: number;
}

export const RETRY_POLICY: RetryPolicy = {
  limit: 3,
  statusCodes: [503, 504],
  afterStatusCodes: [429],
  backoffMs: 150,
  budgetRatio: 0.1,
  budgetAllowance: 10,
};

/** The jittered delay after an attempt (1, 2, …), in milliseconds. */
export function backoff(attempt: number, clock: Clock, { backoffMs } = RETRY_POLICY): number {
  const longest = backoffMs * 2 ** (attempt - 1);
  return longest / 2 + (clock.random() * longest) / 2;
}

/** RFC 9110, section 5.6.7: the one form that servers must generate. */
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * Parses a `Retry-After` header (RFC 9110, section 10.2.3), seconds or a date.
 *
 * @returns milliseconds from `now`; undefined if the header is missing or not readable
 */
export function retryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\s*\d{1,9}\s*$/.test(header)) return Number(header) * 1000;
  // Date.parse alone reads almost anything as a date.
  const date = HTTP_DATE.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(date - now, 0);
}

/** Keeps retries under a ratio of the calls, beyond an allowance. */
class RetryBudget {
  readonly #ratio: number;
  readonly #allowance: number;
  #balance: number;

  constructor(ratio: number, allowance: number) {
    this.#ratio = ratio;
    this.#allowance = allowance;
    this.#balance = allowance;
  }

  /** Counts one call. */
  deposit(): void {
    this.#balance = Math.min(this.#balance + this.#ratio, this.#allowance);
  }

  /** Returns whether one more retry is allowed, and counts it. */
  tryWithdraw(): boolean {
    if (this.#balance < 1) return false;
    this.#balance -= 1;
    return true;
  }
}

export interface Retries {
  /** Counts one call. */
  onCall(): void;
  /**
   * @param outcome what the attempt brought
   * @param deadline milliseconds since 1970
   * @returns milliseconds to wait before the next attempt; undefined if there is none
   */
  nextDelay(
    outcome: HttpResponse | ConnectionError,
    attempt: number,
    deadline: number,
  ): number | undefined;
}

/** Creates the state of a policy for one upstream service. */
export function createRetries(clock: Clock, policy: RetryPolicy = RETRY_POLICY): Retries {
  const budget = new RetryBudget(policy.budgetRatio, policy.budgetAllowance);
  // A stale connection is no sign of an upstream in trouble, and there are only so many of them.
  const staleBudget = new RetryBudget(policy.budgetRatio, MAX_IDLE_SOCKETS);

  function delayAfter(
    outcome: HttpResponse | ConnectionError,
    attempt: number,
  ): number | undefined {
    if (outcome instanceof ConnectionError) {
      if (outcome.kind === 'stale') return 0;
      return outcome.kind === 'broken' ? backoff(attempt, clock, policy) : undefined;
    }
    const requested = retryAfter(outcome.headers['retry-after'], clock.now());
    if (policy.afterStatusCodes.includes(outcome.status)) return requested;
    if (!policy.statusCodes.includes(outcome.status)) return undefined;
    return requested ?? backoff(attempt, clock, policy);
  }

  return {
    onCall() {
      budget.deposit();
      staleBudget.deposit();
    },
    nextDelay(outcome, attempt, deadline) {
      const delay = attempt < policy.limit ? delayAfter(outcome, attempt) : undefined;
      if (delay === undefined || clock.now() + delay >= deadline) return undefined;
      const isStale = outcome instanceof ConnectionError && outcome.kind === 'stale';
      return (isStale ? staleBudget : budget).tryWithdraw() ? delay : undefined;
    },
  };
}
