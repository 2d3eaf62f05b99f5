/**
 * The hook's own access token, by Application Default Credentials
 * (https://cloud.google.com/docs/authentication/application-default-credentials): fetched once for
 * all callers, renewed ahead of its expiry, and never the reason why a valid one is not used.
 */

import type { Clock } from '../clock.ts';
import { StatusError } from '../status.ts';

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
  /** Upstream refused it: the next `get` brings another. */
  reject(token: string): void;
  /** Whoever waits for a token waits no longer, now and later. */
  abort(): void;
}

/** The metadata server hands out a new token only within the last 5 minutes of the old one. */
const RENEW_AHEAD_MS = 225_000;
/** A token that ends while the request is under way is of no use. */
const LEAST_LIFE_MS = 10_000;
/** A source that hangs is given up and asked again, so that its recovery is noticed. */
const ATTEMPT_MS = 2_500;
/** While an old token is good, a source that fails is left alone for this long. */
const RETRY_AHEAD_MS = 5_000;

/** @param fetch asks the source once, without a cache */
export function tokenSource(fetch: () => Promise<Token>, clock: Clock): TokenSource {
  let token: Token | undefined;
  let flight: Promise<Token> | undefined;
  let triedAt = Number.NEGATIVE_INFINITY;
  const { promise: aborted, reject: end } = Promise.withResolvers<never>();
  aborted.catch(() => {});

  function renew(): Promise<Token> {
    triedAt = clock.now();
    const own = withTimeout(fetch(), ATTEMPT_MS)
      .then((fresh) => {
        token = fresh;
        return fresh;
      })
      .finally(() => {
        if (flight === own) flight = undefined;
      });
    // Whoever waits hears of a failure; where nobody does, it must not end the process.
    own.catch(() => {});
    return own;
  }

  return {
    async get(deadline) {
      const left = (token?.expiresAt ?? 0) - clock.now();
      if (token && left > LEAST_LIFE_MS) {
        if (left < RENEW_AHEAD_MS && clock.now() - triedAt >= RETRY_AHEAD_MS) flight ??= renew();
        return token.value;
      }
      for (;;) {
        flight ??= renew();
        try {
          const waited = withTimeout(flight, deadline - clock.now());
          return (await Promise.race([waited, aborted])).value;
        } catch (error) {
          if (!(error instanceof Timeout) || clock.now() >= deadline) throw unavailable(error);
        }
      }
    },
    reject(value) {
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
  return StatusError.of(
    'CREDENTIALS_UNAVAILABLE',
    "No access token could be had for the hook's own service account.",
    { cause, headers: { 'Retry-After': '5' } },
  );
}
