import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRemoteKeySet } from '../../src/auth/key-set.ts';

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
  const source = () => createRemoteKeySet(new URL('https://keys.example'), fetch, clock);
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

  test('are asked for at once by an unknown id ten seconds after they were asked for last', async () => {
    const keys = source();
    assert.ok(await keys.get('one'));
    published = { two: pem() };
    now += 9_999;
    assert.equal(await keys.get('two'), undefined);
    now += 1;
    assert.ok(await keys.get('two'));
    assert.equal(asked, 2);
  });

  test('that could not be had are asked for by the next request, half a second later', async () => {
    const keys = source();
    down = true;
    for (const tried of [1, 2]) {
      await assert.rejects(keys.get('one'), {
        reason: 'KEYS_UNAVAILABLE',
        message: "Google's public keys could not be fetched.",
        headers: { 'Retry-After': '5' },
      });
      assert.equal(asked, tried);
      now += 500;
    }
    down = false;
    assert.ok(await keys.get('one'));
  });

  test('that are none at all, or no keys, could not be had', async () => {
    for (const body of [
      '{}',
      '[]',
      'null',
      '5',
      '"key"',
      'true',
      '',
      '{"one":null}',
      '{"one":{}}',
    ]) {
      const keys = createRemoteKeySet(
        new URL('https://k'),
        async () => ({ body, maxAge: 60 }),
        clock,
      );
      await assert.rejects(keys.get('one'), { reason: 'KEYS_UNAVAILABLE' }, body);
    }
  });

  test('are kept a minute at least, and a day at most, whatever Google says', async () => {
    for (const [maxAge, kept] of [
      [0, 60],
      [59, 60],
      [61, 61],
      [86_399, 86_399],
      [1e9, 86_400],
    ] as const) {
      let asked = 0;
      const counted = async () => {
        asked += 1;
        return { body: JSON.stringify(published), maxAge };
      };
      const keys = createRemoteKeySet(new URL('https://k'), counted, clock);
      await keys.get('one');
      now += kept * 1000 - 1;
      await keys.get('one');
      assert.equal(asked, 1, `${maxAge}`);
      now += 1;
      await keys.get('one');
      assert.equal(asked, 2, `${maxAge}`);
    }
  });

  test('that were never had are asked for ten times a second at most, by all together', async () => {
    const sleeping = {
      ...clock,
      sleep: async (milliseconds: number) => {
        now += milliseconds;
      },
    };
    const keys = createRemoteKeySet(new URL('https://keys.example'), fetch, sleeping);
    down = true;
    const began = now;
    for (let i = 0; i < 20; i++) {
      const all = Array.from({ length: 5 }, (_, n) => keys.get(`made-up-${i}-${n}`));
      for (const one of all) await assert.rejects(one, { reason: 'KEYS_UNAVAILABLE' });
    }
    assert.equal(asked, 20);
    assert.equal(now - began, 1_900);
    down = false;
    assert.ok(await keys.get('one'), 'and nobody is refused for having come too soon');
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
    const keys = createRemoteKeySet(new URL('https://keys.example'), slow, clock);
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
