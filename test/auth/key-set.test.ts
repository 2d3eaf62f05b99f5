import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { verifyIdToken } from '../../src/auth/id-token.ts';
import { createRemoteKeySet } from '../../src/auth/key-set.ts';
import { TLS } from '../fixtures/tls.ts';
import { KEY_ID, NOW, SECONDS, signToken, TOKEN_KEYS } from '../support/auth.ts';

const HOUR = 3_600_000;
const MAX_AGE = 3600;
const URL_ = new URL('https://keys.example');
const RSA = { ...TOKEN_KEYS.publicKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256' };
const jwk = (kid: string, over: object = {}) => ({ ...RSA, kid, ...over });

describe('a remote key set', () => {
  let now: number;
  let published: object[];
  let down: boolean;
  let fetches: number;
  const clock = { now: () => now, random: () => 0, sleep: async () => {} };
  const fetch = async () => {
    fetches += 1;
    if (down) throw new Error('down');
    return { body: JSON.stringify({ keys: published }), maxAge: MAX_AGE };
  };
  const create = () => createRemoteKeySet(URL_, fetch, clock);
  const unavailable = {
    reason: 'KEYS_UNAVAILABLE',
    code: 503,
    message: "Google's public keys could not be fetched.",
    headers: { 'Retry-After': '5' },
  };
  beforeEach(() => {
    now = 1_000_000;
    published = [jwk('one')];
    down = false;
    fetches = 0;
  });

  test('that has expired is fetched again, while the old keys are still used', async () => {
    const keys = create();
    assert.ok(await keys.get('one'));
    now += MAX_AGE * 1000 - 1;
    assert.ok(await keys.get('one'));
    assert.equal(fetches, 1);
    now += 1;
    assert.ok(await keys.get('one'));
    assert.equal(fetches, 2);
  });

  test('without a key that it had forgets that key when the new set arrives', async () => {
    const keys = create();
    assert.ok(await keys.get('one'));
    published = [jwk('two')];
    now += MAX_AGE * 1000;
    await keys.get('one');
    await sleep(5);
    assert.equal(await keys.get('one'), undefined);
    assert.ok(await keys.get('two'));
  });

  test('is fetched again for an unknown id, but not for each of many', async () => {
    const keys = create();
    assert.ok(await keys.get('one'));
    published = [jwk('two'), jwk('one')];
    now += 60_000;
    assert.ok(await keys.get('two'), 'Google has rotated its keys');
    const before = fetches;
    for (let i = 0; i < 100; i++) assert.equal(await keys.get(`made-up-${i}`), undefined);
    assert.equal(fetches, before);
  });

  test('is fetched again for an unknown id from 10 s after the last fetch on', async () => {
    const keys = create();
    assert.ok(await keys.get('one'));
    published = [jwk('two')];
    now += 9_999;
    assert.equal(await keys.get('two'), undefined);
    now += 1;
    assert.ok(await keys.get('two'));
    assert.equal(fetches, 2);
  });

  test('is fetched once for all requests that come at one time', async () => {
    const keys = create();
    const found = await Promise.all(Array.from({ length: 50 }, () => keys.get('one')));
    assert.ok(found.every((key) => key !== undefined));
    assert.equal(fetches, 1);
  });

  test('that could not be fetched is fetched by the next request, half a second later', async () => {
    const keys = create();
    down = true;
    for (const tried of [1, 2]) {
      await assert.rejects(keys.get('one'), unavailable);
      assert.equal(fetches, tried);
      now += 500;
    }
    down = false;
    assert.ok(await keys.get('one'));
  });

  test('that was never fetched is fetched at most ten times a second', async () => {
    const sleeping = {
      ...clock,
      sleep: async (milliseconds: number) => {
        now += milliseconds;
      },
    };
    const keys = createRemoteKeySet(URL_, fetch, sleeping);
    down = true;
    const began = now;
    for (let i = 0; i < 20; i++) {
      const all = Array.from({ length: 5 }, (_, n) => keys.get(`made-up-${i}-${n}`));
      for (const one of all) await assert.rejects(one, { reason: 'KEYS_UNAVAILABLE' });
    }
    assert.equal(fetches, 20);
    assert.equal(now - began, 1_900);
    down = false;
    assert.ok(await keys.get('one'), 'and no request is refused for having come too soon');
  });

  test('that was never fetched is fetched soon, also after the clock was set back', async () => {
    const pauses: number[] = [];
    const sleep = async (milliseconds: number) => void pauses.push(milliseconds);
    const keys = createRemoteKeySet(URL_, fetch, { ...clock, sleep });
    down = true;
    await assert.rejects(keys.get('one'), unavailable);
    down = false;
    now -= 3_600_000;
    assert.ok(await keys.get('one'));
    assert.deepEqual(pauses, [100]);
  });

  test('is fetched again for an unknown id, also after the clock was set back', async () => {
    const keys = create();
    await keys.get('one');
    now -= 3_600_000;
    await keys.get('unknown');
    assert.equal(fetches, 2);
  });

  test('is used for 24 h past its expiry while it cannot be fetched, and no longer', async () => {
    const keys = create();
    assert.ok(await keys.get('one'));
    down = true;
    const expiry = now + MAX_AGE * 1000;
    for (let hours = 0; hours < 24; hours++) {
      now = expiry + hours * HOUR;
      assert.ok(await keys.get('one'), `${hours} h`);
      await sleep(0);
    }
    now = expiry + 24 * HOUR - 1;
    assert.ok(await keys.get('one'));
    now += 1;
    await assert.rejects(keys.get('one'), unavailable);
    down = false;
    now += 100;
    assert.ok(await keys.get('one'), 'and is used again as soon as it can be fetched');
  });

  test('that cannot be fetched makes an unknown id KEYS_UNAVAILABLE, until it can', async () => {
    const keys = create();
    assert.ok(await keys.get('one'));
    down = true;
    now += 60_000;
    await assert.rejects(keys.get('two'), unavailable);
    assert.ok(await keys.get('one'), 'a known key is used meanwhile');
    down = false;
    published = [jwk('two')];
    now += 10_000;
    assert.ok(await keys.get('two'));
  });

  test('that is slow to fetch again delays no request with a known key', async () => {
    let hangs = false;
    const slow = () => (hangs ? new Promise<never>(() => {}) : fetch());
    const keys = createRemoteKeySet(URL_, slow, clock);
    assert.ok(await keys.get('one'));
    hangs = true;
    now += MAX_AGE * 1000;
    for (let i = 0; i < 2; i++) assert.ok(await Promise.race([keys.get('one'), sleep(1_000)]));
  });

  test('without a usable key does not replace one that has some', async () => {
    const keys = create();
    assert.ok(await keys.get('one'));
    for (const useless of [[], [jwk('one', { n: undefined })], [jwk('one', { kty: 'EC' })]]) {
      published = useless;
      now += MAX_AGE * 1000;
      await keys.get('one');
      await sleep(5);
      assert.ok(await keys.get('one'));
    }
  });

  for (const [maxAge, kept] of [
    [0, 60],
    [59, 60],
    [61, 61],
    [86_399, 86_399],
    [1e9, 86_400],
  ] as const) {
    test(`is kept for ${kept} s if its max-age is ${maxAge}`, async () => {
      const keys = createRemoteKeySet(URL_, async () => ({ ...(await fetch()), maxAge }), clock);
      await keys.get('one');
      now += kept * 1000 - 1;
      await keys.get('one');
      assert.equal(fetches, 1);
      now += 1;
      await keys.get('one');
      assert.equal(fetches, 2);
    });
  }
});

describe("a key set's document", () => {
  const clock = { now: () => NOW, random: () => 0, sleep: async () => {} };
  const parse = (body: string) =>
    createRemoteKeySet(URL_, async () => ({ body, maxAge: 60 }), clock);

  for (const body of [
    ...['', '{}', '[]', 'null', '5', '"key"', 'true', '{"keys":[]}', '{"keys":{}}', '{"keys":[5]}'],
    ...['{"one":null}', '{"one":{}}', '{"one":"no key"}', '{"keys":[{"kid":"one"}]}'],
    ...['{"keys":[{"kty":"RSA","kid":"one"}]}'],
  ]) {
    test(`${JSON.stringify(body)} is no key set: KEYS_UNAVAILABLE`, () =>
      assert.rejects(parse(body).get('one'), { reason: 'KEYS_UNAVAILABLE' }));
  }

  test('may hold keys for other uses, which are never used for a token', async () => {
    const keys = parse(
      JSON.stringify({
        keys: [
          jwk('encryption', { use: 'enc' }),
          jwk('algorithm', { alg: 'RS512' }),
          jwk('type', { kty: 'EC' }),
          jwk('broken', { n: undefined }),
          jwk('twice'),
          jwk('twice'),
          { ...RSA, use: undefined, alg: undefined, kid: 'bare' },
        ],
      }),
    );
    assert.ok(await keys.get('bare'));
    for (const id of ['encryption', 'algorithm', 'type', 'broken', 'twice', 'undefined', '']) {
      assert.equal(await keys.get(id), undefined, id);
    }
  });

  test('without a kid holds a key that no token can name', async () => {
    const keys = parse(JSON.stringify({ keys: [jwk('one'), { ...RSA, kid: undefined }] }));
    assert.ok(await keys.get('one'));
    for (const id of ['', 'undefined', 'null']) assert.equal(await keys.get(id), undefined);
  });

  test('may be PEM by key id, as Google published its keys before: certificates or public keys', async () => {
    const pem = TOKEN_KEYS.publicKey.export({ type: 'spki', format: 'pem' });
    const keys = parse(JSON.stringify({ certificate: TLS.cert, [KEY_ID]: pem }));
    assert.ok(await keys.get('certificate'));
    const token = signToken({ iat: SECONDS, exp: SECONDS + 60 });
    const claims = await verifyIdToken(token, { expected: {}, keys, now: NOW });
    assert.equal(typeof claims, 'object');
    for (const id of ['constructor', '__proto__', 'other']) {
      assert.equal(await keys.get(id), undefined);
    }
  });

  test('of PEM keys needs one that is RSA', async () => {
    const { publicKey } = generateKeyPairSync('ed25519');
    const pem = publicKey.export({ type: 'spki', format: 'pem' });
    await assert.rejects(parse(JSON.stringify({ one: pem })).get('one'), {
      reason: 'KEYS_UNAVAILABLE',
    });
  });
});
