/** Fetches Google's public keys, and for how long its response may be kept. */

import type { FetchKeys } from '../auth/key-set.ts';
import type { SendRequest } from './http-client.ts';

/** A chat app waits 3 s for a response, so a fetch must end earlier. */
const TIMEOUT_MS = 2_000;

/** The returned function throws if there is no response with status 200 in time. */
export function fetchKeys(request: SendRequest): FetchKeys {
  return async (url) => {
    const { status, headers, body } = await request({
      method: 'GET',
      origin: url,
      path: url.pathname,
      headers: { Accept: 'application/json' },
      timeout: TIMEOUT_MS,
    });
    if (status !== 200) throw new Error(`keys: HTTP ${status}`);
    const maxAge = /(?:^|[\s,])max-age=(\d{1,9})/i.exec(headers['cache-control'] ?? '')?.[1];
    return { body, maxAge: Number(maxAge ?? 0) };
  };
}
