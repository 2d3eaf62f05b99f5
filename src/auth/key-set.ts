/** Google's public keys (a JWK Set, RFC 7517), fetched once for all requests and kept. */

import { createPublicKey } from 'node:crypto';
import type { CryptoKey, JSONWebKeySet, JWK, KeyObject } from 'jose';
import type { Clock } from '../clock.ts';
import { StatusError } from '../errors.ts';

export interface KeySet {
  /**
   * Returns the key with this id, or undefined if Google publishes none.
   *
   * @throws StatusError KEYS_UNAVAILABLE if the keys cannot be fetched, so that this is not known
   */
  get(id: string): Promise<CryptoKey | KeyObject | undefined>;
}

/** Returns the document's JSON text, and for how many seconds it may be kept. */
export type FetchKeys = (url: URL) => Promise<{ body: string; maxAge: number }>;

type FindKey = (id: string) => Promise<CryptoKey | undefined>;

/** An unknown id causes a new fetch, since Google may have rotated its keys, but not more often than this. */
const REFETCH_MS = 10_000;
/** While there are no keys at all, every request causes a fetch; they share one each 100 ms. */
const FIRST_REFETCH_MS = 100;
const MIN_AGE_SECONDS = 60;
const MAX_AGE_SECONDS = 86_400;
/** How long keys are used past their expiry while new ones cannot be fetched. */
const MAX_STALE_MS = 86_400_000;

/** @param url serves a JWK Set, or a JSON object of key id → PEM (a certificate or a public key) */
export function createRemoteKeySet(url: URL, fetch: FetchKeys, clock: Clock): KeySet {
  let findKey: FindKey | undefined;
  let freshUntil = 0;
  let triedAt = Number.NEGATIVE_INFINITY;
  let failed = false;
  let fetching: Promise<void> | undefined;

  async function refresh(): Promise<void> {
    try {
      const pause = triedAt + FIRST_REFETCH_MS - clock.now();
      // A clock that was set back must not make the pause longer.
      if (pause > 0) await clock.sleep(Math.min(pause, FIRST_REFETCH_MS));
      triedAt = clock.now();
      const { body, maxAge } = await fetch(url);
      findKey = await parseKeySet(body);
      const age = Math.min(Math.max(maxAge, MIN_AGE_SECONDS), MAX_AGE_SECONDS);
      freshUntil = clock.now() + age * 1000;
      failed = false;
    } catch {
      failed = true;
    } finally {
      fetching = undefined;
    }
  }

  return {
    async get(id) {
      if (clock.now() >= freshUntil + MAX_STALE_MS) findKey = undefined;
      const known = await findKey?.(id);
      const stale = clock.now() >= freshUntil;
      const canRefetch = !findKey || Math.abs(clock.now() - triedAt) >= REFETCH_MS;
      if (canRefetch && (stale || !known)) fetching ??= refresh();
      // A request with a known key does not wait for the next keys.
      if (known) return known;
      await fetching;
      const key = await findKey?.(id);
      if (!key && failed) {
        throw StatusError.create('KEYS_UNAVAILABLE', "Google's public keys could not be fetched.", {
          headers: { 'Retry-After': '5' },
        });
      }
      return key;
    },
  };
}

/** @throws Error if the document holds no usable key */
async function parseKeySet(body: string): Promise<FindKey> {
  const { createLocalJWKSet } = await import('jose');
  const set = toJwkSet(JSON.parse(body));
  const find = createLocalJWKSet(set);
  const findKey = (kid: string) => find({ alg: 'RS256', kid });
  await Promise.any(set.keys.map(({ kid = '' }) => findKey(kid)));
  return (kid) => findKey(kid).catch(() => undefined);
}

function toJwkSet(document: Readonly<Record<string, unknown>>): JSONWebKeySet {
  if (Array.isArray(document.keys)) return { keys: document.keys };
  const toJwk = ([kid, pem]: [string, unknown]): JWK => ({
    ...createPublicKey(String(pem)).export({ format: 'jwk' }),
    kid,
  });
  return { keys: Object.entries(document).map(toJwk) };
}
