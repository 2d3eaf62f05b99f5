/** Limits how many cancels a caller may send per minute. Each instance of the function counts its own. */

import { describeRate } from '../caller.ts';
import type { Clock } from '../clock.ts';
import { StatusError } from '../errors.ts';

export interface RateLimiter {
  /**
   * Counts one cancel that is about to be sent.
   *
   * @throws StatusError RATE_LIMITED, which is not counted, where the caller's limit is reached
   */
  count(caller: string): void;
}

const WINDOW_MS = 60_000;

/**
 * Creates an exact limit: no 60 seconds, whenever they begin, hold more cancels than the limit.
 *
 * @param callers `cancelsPerMinute` by route; a caller without it has no limit
 */
export function createRateLimiter(
  callers: ReadonlyMap<string, { readonly cancelsPerMinute?: number | undefined }>,
  clock: Clock,
): RateLimiter {
  /** When the latest cancels of each caller were counted: a ring, in which `next` is the oldest. */
  const counted = new Map<string, { readonly times: number[]; next: number }>();

  return {
    count(caller) {
      const limit = callers.get(caller)?.cancelsPerMinute;
      if (limit === undefined) return;
      const ring = counted.get(caller) ?? { times: [], next: 0 };
      counted.set(caller, ring);
      const now = clock.now();
      const free = (ring.times[ring.next] ?? Number.NEGATIVE_INFINITY) + WINDOW_MS;
      if (now < free) throw rateLimited(caller, limit, Math.ceil((free - now) / 1000));
      ring.times[ring.next] = now;
      ring.next = (ring.next + 1) % limit;
    },
  };
}

function rateLimited(caller: string, limit: number, seconds: number): StatusError {
  return StatusError.create(
    'RATE_LIMITED',
    `${JSON.stringify(caller)} may send at most ${describeRate(limit)} (cancelsPerMinute). Try again in ${seconds} s.`,
    {
      metadata: { caller, cancelsPerMinute: String(limit), scope: 'instance' },
      headers: { 'Retry-After': String(seconds) },
      sent: false,
    },
  );
}
