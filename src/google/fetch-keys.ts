/** Fetches Google's public keys; how long they may be kept, their server says. */

import type { FetchKeys } from '../auth/key-set.ts';
import type { SendRequest } from './http-client.ts';

/** A bot waits 3 s for its answer: there must be time left to give it one. */
const TIMEOUT_MS = 2_000;

/** @returns a function that throws where there is no good answer in time */
export function fetchKeys(request: SendRequest): FetchKeys {
  return async (url) => {
    const { status, headers, body } = await request({
      method: 'GET',
      origin: url,
      path: `${url.pathname}`,
      headers: { Accept: 'application/json' },
      timeout: TIMEOUT_MS,
    });
    if (status !== 200) throw new Error(`keys: HTTP ${status}`);
    const maxAge = /(?:^|[\s,])max-age=(\d{1,9})/i.exec(headers['cache-control'] ?? '')?.[1];
    return { body, maxAge: Number(maxAge ?? 0) };
  };
}
