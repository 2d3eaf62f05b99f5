import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { keySource } from '../src/proofs/google-keys.ts';
import { assertAdmitted, assertRefused } from './support/admission.ts';
import { assertError } from './support/error-form.ts';
import { type House, openHouse } from './support/house.ts';

const CERTS = '/oauth2/v1/certs';
const EMAIL = 'sweeper@example.com';

describe("Google's keys, through the front door", () => {
  let house: House;
  beforeEach(async () => {
    const google = { audience: 'hook', emails: [EMAIL] };
    house = await openHouse({
      config: { callers: { google: { type: 'json', auth: { google } } } },
    });
  });
  afterEach(() => house.stop());

  const headers = (claims = {}) => ({
    Authorization: `Bearer ${house.cloud.mintIdToken({ aud: 'hook', email: EMAIL, email_verified: true, ...claims })}`,
  });
  const fetched = () => house.cloud.requests.filter(({ path }) => path === CERTS).length;
  async function assertUnavailable() {
    const answer = await house.hook.http.post('/google').set(headers()).send({});
    assertError(answer, 'KEYS_UNAVAILABLE');
    assert.match(answer.headers['retry-after'] ?? '', /^\d+$/);
  }

  test('that cannot be had at first are KEYS_UNAVAILABLE, and then come', async () => {
    for (const fault of [
      { status: 500 },
      { malformed: true },
      { raw: '{}' },
      { reset: 'before' },
      { redirect: CERTS },
    ] as const) {
      house.cloud.script({ path: CERTS }, fault);
      await assertUnavailable();
    }
    await assertAdmitted(house, 'google', headers());
  });

  test('that never come cost about 2 s', async () => {
    house.cloud.script({ path: CERTS }, { hang: 'before' });
    const before = Date.now();
    await assertUnavailable();
    assert.ok(Date.now() - before < 3_000);
    await assertAdmitted(house, 'google', headers());
  });

  test('are fetched once for 50 who come at one time, and then kept', async () => {
    const token = headers();
    await Promise.all(Array.from({ length: 50 }, () => assertAdmitted(house, 'google', token)));
    await assertAdmitted(house, 'google', token);
    assert.equal(fetched(), 1);
  });

  test('are kept when they cannot be had any more', async () => {
    await assertAdmitted(house, 'google', headers());
    house.cloud.script({ path: CERTS }, { status: 500 }, { repeat: true });
    await assertAdmitted(house, 'google', headers());
  });

  test('are not asked for by a token that is for someone else, or none', async () => {
    await assertRefused(house, 'google', headers({ aud: 'other' }));
    await assertRefused(house, 'google', headers({ email: 'other@example.com' }));
    await assertRefused(house, 'google', { Authorization: 'Bearer a.b.c' });
    assert.equal(fetched(), 0);
  });
});

describe("Google's keys, in the course of time", () => {
  const pem = () =>
    generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const MAX_AGE = 3600;
  let now: number;
  let published: Record<string, string>;
  let down: boolean;
  let asked: number;
  const clock = { now: () => now, random: () => 0, sleep: async () => {} };
  const fetch = async () => {
    asked += 1;
    if (down) throw new Error('down');
    return { body: JSON.stringify(published), maxAge: MAX_AGE };
  };
  const source = () => keySource(new URL('https://keys.example'), fetch, clock);
  beforeEach(() => {
    now = 1_000_000;
    published = { one: pem() };
    down = false;
    asked = 0;
  });

  test('are asked for anew when they are too old, while the old ones serve on', async () => {
    const keys = source();
    assert.ok(await keys.get('one'));
    now += MAX_AGE * 1000 - 1;
    assert.ok(await keys.get('one'));
    assert.equal(asked, 1);
    now += 1;
    assert.ok(await keys.get('one'));
    assert.equal(asked, 2);
  });

  test('that Google withdrew are good no longer than they may be kept', async () => {
    const keys = source();
    assert.ok(await keys.get('one'));
    published = { two: pem() };
    now += MAX_AGE * 1000;
    await keys.get('one');
    await sleep(1);
    assert.equal(await keys.get('one'), undefined);
    assert.ok(await keys.get('two'));
  });

  test('are asked for anew by an unknown id, but not for every one of them', async () => {
    const keys = source();
    assert.ok(await keys.get('one'));
    published = { two: pem(), one: pem() };
    now += 60_000;
    assert.ok(await keys.get('two'), 'Google had rotated');
    const before = asked;
    for (let i = 0; i < 100; i++) assert.equal(await keys.get(`made-up-${i}`), undefined);
    assert.equal(asked, before);
  });

  test('serve on for days while they cannot be had; what is unknown then is said to be', async () => {
    const keys = source();
    assert.ok(await keys.get('one'));
    down = true;
    for (let hours = 0; hours < 72; hours++) {
      now += 3_600_000;
      assert.ok(await keys.get('one'));
      await sleep(0);
    }
    await assert.rejects(keys.get('two'), { reason: 'KEYS_UNAVAILABLE', code: 503 });
    down = false;
    published = { two: pem() };
    now += 60_000;
    assert.ok(await keys.get('two'));
  });

  test('that are known are waited for by nobody, however long the next ones take', async () => {
    let hangs = false;
    const slow = () => (hangs ? new Promise<never>(() => {}) : fetch());
    const keys = keySource(new URL('https://keys.example'), slow, clock);
    assert.ok(await keys.get('one'));
    hangs = true;
    now += MAX_AGE * 1000;
    assert.ok(await Promise.race([keys.get('one'), sleep(1_000)]));
    assert.ok(await Promise.race([keys.get('one'), sleep(1_000)]));
  });

  test('that make no sense do not take the place of those that do', async () => {
    const keys = source();
    assert.ok(await keys.get('one'));
    published = { one: 'no key' };
    now += MAX_AGE * 1000;
    await keys.get('one');
    await sleep(1);
    assert.ok(await keys.get('one'));
  });
});
