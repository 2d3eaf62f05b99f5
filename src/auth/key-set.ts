/** Google's public keys for ID tokens, fetched once for all and kept. */

import { createPublicKey, type KeyObject } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { StatusError } from '../errors.ts';

export interface KeySet {
  /**
   * @returns the key with that id, undefined where Google has none
   * @throws StatusError KEYS_UNAVAILABLE where that cannot be known now
   */
  get(id: string): Promise<KeyObject | undefined>;
}

/** @returns JSON text and for how many seconds it may be kept */
export type FetchKeys = (url: URL) => Promise<{ body: string; maxAge: number }>;

/** An id that is unknown asks again, for Google may have rotated; but not more often than this. */
const REFETCH_MS = 10_000;
/** Where no key has ever come, everybody asks again, strangers too: they wait for one another. */
const FIRST_REFETCH_MS = 100;
const MIN_AGE_SECONDS = 60;
const MAX_AGE_SECONDS = 86_400;

/** @param url where a JSON object of key id → PEM (a certificate or a public key) is served */
export function createRemoteKeySet(url: URL, fetch: FetchKeys, clock: Clock): KeySet {
  let keys = new Map<string, KeyObject>();
  let freshUntil = 0;
  let triedAt = Number.NEGATIVE_INFINITY;
  let failed = false;
  let fetching: Promise<void> | undefined;

  async function refresh(): Promise<void> {
    try {
      const pause = triedAt + FIRST_REFETCH_MS - clock.now();
      if (pause > 0) await clock.sleep(pause);
      triedAt = clock.now();
      const { body, maxAge } = await fetch(url);
      keys = parseKeys(body);
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
      const stale = clock.now() >= freshUntil;
      const canRefetch = keys.size === 0 || clock.now() - triedAt >= REFETCH_MS;
      if (fetching || (canRefetch && (stale || !keys.has(id)))) {
        fetching ??= refresh();
        // A key that Google once published verifies on while the next ones cannot be had.
        if (!keys.has(id)) await fetching;
      }
      const key = keys.get(id);
      if (!key && failed) {
        throw StatusError.create('KEYS_UNAVAILABLE', "Google's public keys could not be fetched.", {
          headers: { 'Retry-After': '5' },
        });
      }
      return key;
    },
  };
}

function parseKeys(body: string): Map<string, KeyObject> {
  const entries = Object.entries(JSON.parse(body)).map(
    ([id, pem]) => [id, createPublicKey(String(pem))] as const,
  );
  if (entries.length === 0) throw new Error('no keys');
  return new Map(entries);
}
