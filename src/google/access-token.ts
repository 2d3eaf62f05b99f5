/**
 * Keeps the function's own access token
 * (https://cloud.google.com/docs/authentication/application-default-credentials): fetched once for all
 * callers and refreshed ahead of its expiry. A source that fails does not stop the use of a valid token.
 */

import type { Clock } from '../clock.ts';
import { StatusError } from '../errors.ts';

export interface Token {
  readonly value: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

export interface TokenSource {
  /**
   * @param deadline milliseconds since 1970
   * @throws StatusError CREDENTIALS_UNAVAILABLE
   */
  get(deadline: number): Promise<string>;
  /** Starts to fetch the first token. A failure shows in `get`. */
  prefetch(): void;
  /** Drops a token that upstream refused: the next `get` fetches another one. */
  invalidate(token: string): void;
  /** Fails every `get` that waits for a token, now and later. */
  abort(): void;
}

/** The metadata server hands out a new token only within the last 5 minutes of the old one. */
const REFRESH_AHEAD_MS = 225_000;
/** A token that expires while the request is in flight is of no use. */
const MIN_LIFETIME_MS = 10_000;
/**
 * After this long, or a third of the time left, a second request goes out beside the first one, so that
 * the recovery of a source that hangs is noticed.
 */
const HEDGE_DELAY_MS = 2_500;
/** The most such requests that are waited for. The response of an older one is still accepted. */
const MAX_IN_FLIGHT = 3;
/** While a token is valid, a source that failed is not asked again for this long. */
const RETRY_AHEAD_MS = 5_000;

/** @param fetch fetches a token once, without a cache */
export function createTokenSource(fetch: () => Promise<Token>, clock: Clock): TokenSource {
  let token: Token | undefined;
  let askedAt = Number.NEGATIVE_INFINITY;
  const inFlight = new Set<Promise<Token>>();
  let end: (error: Error) => void = () => {};
  const aborted = new Promise<never>((_, reject) => {
    end = reject;
  });
  aborted.catch(() => {});

  function refresh(): void {
    askedAt = clock.now();
    const own = fetch().then((fresh) => {
      if (!token || fresh.expiresAt > token.expiresAt) token = fresh;
      return fresh;
    });
    // `get` sees a failure; where none waits, the rejection must not end the process.
    own.catch(() => {}).finally(() => inFlight.delete(own));
    inFlight.add(own);
    const [oldest] = inFlight;
    if (oldest && inFlight.size > MAX_IN_FLIGHT) inFlight.delete(oldest);
  }

  const validFor = (least: number) =>
    token && token.expiresAt - clock.now() > least ? token.value : undefined;

  function refreshAhead(): void {
    const idle = inFlight.size === 0 && clock.now() - askedAt >= RETRY_AHEAD_MS;
    if (idle && validFor(REFRESH_AHEAD_MS) === undefined) refresh();
  }

  return {
    async get(deadline) {
      const known = validFor(MIN_LIFETIME_MS);
      if (known !== undefined) {
        refreshAhead();
        return known;
      }
      const hedgeDelay = Math.min(HEDGE_DELAY_MS, (deadline - clock.now()) / 3);
      for (;;) {
        if (inFlight.size === 0 || clock.now() - askedAt >= hedgeDelay) refresh();
        const wait = Math.min(askedAt + hedgeDelay, deadline) - clock.now();
        try {
          return (await Promise.race([withTimeout(Promise.any(inFlight), wait), aborted])).value;
        } catch (error) {
          // A token that arrived late, or the old one until its last second.
          const last = validFor(0);
          if (last !== undefined) return last;
          if (!(error instanceof Timeout) || clock.now() >= deadline) throw unavailable(error);
        }
      }
    },
    prefetch: refresh,
    invalidate(value) {
      if (token?.value === value) token = undefined;
    },
    abort: () => end(new Error('aborted')),
  };
}

class Timeout extends Error {}

function withTimeout<T>(promise: Promise<T>, milliseconds: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Timeout('timed out')), Math.max(milliseconds, 0));
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function unavailable(cause: unknown): StatusError {
  return StatusError.create(
    'CREDENTIALS_UNAVAILABLE',
    "The access token of the function's service account is unavailable.",
    { cause, headers: { 'Retry-After': '5' } },
  );
}
