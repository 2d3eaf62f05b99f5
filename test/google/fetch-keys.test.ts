/** Faults between the function and Google's keys: KEYS_UNAVAILABLE until they can be fetched again. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createRemoteKeySet, type KeySet } from '../../src/auth/key-set.ts';
import { systemClock } from '../../src/clock.ts';
import { createHttpClient, fetchKeys } from '../../src/google/http-client.ts';
import { TOKEN_KEYS } from '../support/auth.ts';
import {
  type Fault,
  type FaultServer,
  formatResponse,
  startFaultServer,
} from '../support/fault-server.ts';
import { broken, hanging, harmless, unusable } from '../support/faults.ts';

const PATH = '/oauth2/v3/certs';
const jwk = { ...TOKEN_KEYS.publicKey.export({ format: 'jwk' }), kid: 'one' };
const GOOD = formatResponse(200, JSON.stringify({ keys: [jwk] }), {
  'cache-control': 'max-age=600',
});
const serve: Fault = ({ socket }) => socket.write(GOOD);

const respond =
  (body: string, status = 200, headers = {}): Fault =>
  ({ socket }) =>
    socket.write(formatResponse(status, body, headers));
const keyless: Readonly<Record<string, Fault>> = {
  'an empty object': respond('{}'),
  'an empty key set': respond('{"keys":[]}'),
  '500': respond(JSON.stringify({ keys: [jwk] }), 500),
  '404': respond(JSON.stringify({ keys: [jwk] }), 404),
  'a redirect': respond('{}', 302, { location: '/elsewhere' }),
};

async function withKeys(run: (keys: KeySet, wire: FaultServer) => Promise<void>): Promise<void> {
  const wire = await startFaultServer('http://127.0.0.1:1');
  const { request, abort } = createHttpClient();
  try {
    const url = new URL(`${wire.url}${PATH}`);
    await run(createRemoteKeySet(url, fetchKeys(request), systemClock), wire);
  } finally {
    abort();
    await wire.stop();
  }
}

describe('after a response that is', { concurrency: 4 }, () => {
  for (const [what, fault] of Object.entries({ ...broken, ...unusable, ...keyless, ...hanging })) {
    test(`${what}: KEYS_UNAVAILABLE within 3 s, one fetch, and the next request succeeds`, () =>
      withKeys(async (keys, wire) => {
        const started = performance.now();
        wire.on('', (request) => fault({ ...request, forward: async () => GOOD }));
        await assert.rejects(keys.get('one'), { reason: 'KEYS_UNAVAILABLE' });
        assert.ok(performance.now() - started < 3_000);
        assert.deepEqual(
          wire.requests.map(({ method, path }) => [method, path]),
          [['GET', PATH]],
        );
        wire.on('', serve);
        assert.ok(await keys.get('one'));
      }));
  }

  for (const [what, fault] of Object.entries(harmless)) {
    test(`${what}: the keys are there`, () =>
      withKeys(async (keys, wire) => {
        wire.on('', (request) => fault({ ...request, forward: async () => GOOD }));
        assert.ok(await keys.get('one'));
      }));
  }
});

test('the max-age of Cache-Control is used, in any case of letters, else 0', async () => {
  for (const [header, maxAge] of [
    ['public, max-age=600, must-revalidate', 600],
    ['Max-Age=7', 7],
    ['no-cache', 0],
    ['s-max-age=9', 0],
    ['max-age=x', 0],
    [undefined, 0],
  ] as const) {
    const headers = header === undefined ? {} : { 'cache-control': header };
    const fetch = fetchKeys(async () => ({ status: 200, headers, body: '{}' }));
    assert.deepEqual(await fetch(new URL(`https://keys.example${PATH}`)), { body: '{}', maxAge });
  }
});
