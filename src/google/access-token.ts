/**
 * The hook's own access token, by Application Default Credentials
 * (https://cloud.google.com/docs/authentication/application-default-credentials): fetched once for
 * all callers, renewed ahead of its expiry, and never the reason why a valid one is not used.
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
  /** Asks for the first one ahead of need; whether it comes is for `get` to tell. */
  prefetch(): void;
  /** Upstream refused it: the next `get` brings another. */
  invalidate(token: string): void;
  /** Whoever waits for a token waits no longer, now and later. */
  abort(): void;
}

/** The metadata server hands out a new token only within the last 5 minutes of the old one. */
const REFRESH_AHEAD_MS = 225_000;
/** A token that ends while the request is under way is of no use. */
const MIN_LIFETIME_MS = 10_000;
/** A source that lets one wait so long, or a third of what time there is, is inFlight once more beside that, so that its recovery is noticed. */
const HEDGE_DELAY_MS = 2_500;
/** How many such questions are waited for; the answer of an older one is still taken. */
const MAX_IN_FLIGHT = 3;
/** While an old token is good, a source that fails is left alone for this long. */
const RETRY_AHEAD_MS = 5_000;

/** @param fetch asks the source once, without a cache */
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
    // Whoever waits hears of a failure; where nobody does, it must not end the process.
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
      const patience = Math.min(HEDGE_DELAY_MS, (deadline - clock.now()) / 3);
      for (;;) {
        if (inFlight.size === 0 || clock.now() - askedAt >= patience) refresh();
        const wait = Math.min(askedAt + patience, deadline) - clock.now();
        try {
          return (await Promise.race([withTimeout(Promise.any(inFlight), wait), aborted])).value;
        } catch (error) {
          // One that came late, or the old one to its last second.
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
    "No access token could be had for the hook's own service account.",
    { cause, headers: { 'Retry-After': '5' } },
  );
}
