import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { setImmediate as settled } from 'node:timers/promises';
import { systemClock } from '../../src/clock.ts';
import { createTokenSource } from '../../src/google/access-token.ts';

const LIFE = 3_600_000;
const SOON = 1_000;

let now: number;
let asked: number;
let down: boolean;
const clock = { now: () => now, random: () => 0, sleep: async () => {} };
const source = () =>
  createTokenSource(async () => {
    asked += 1;
    if (down) throw new Error('canary');
    return { value: `token-${asked}`, expiresAt: now + LIFE };
  }, clock);

beforeEach(() => {
  now = 1_800_000_000_000;
  asked = 0;
  down = false;
});

test('a token is fetched once, for all who ask, and kept', async () => {
  const tokens = source();
  const all = await Promise.all(Array.from({ length: 200 }, () => tokens.get(now + SOON)));
  assert.deepEqual(new Set(all), new Set(['token-1']));
  now += LIFE / 2;
  assert.equal(await tokens.get(now + SOON), 'token-1');
  assert.equal(asked, 1);
});

test('it is renewed ahead of its expiry, while the old one serves on', async () => {
  const tokens = source();
  await tokens.get(now + SOON);
  now += LIFE - 100_000;
  assert.equal(await tokens.get(now + SOON), 'token-1', 'nobody waits for the new one');
  await settled();
  assert.equal(await tokens.get(now + SOON), 'token-2');
  assert.equal(asked, 2);
});

test('while it is valid a source that fails stops nobody, and is not asked at each request', async () => {
  const tokens = source();
  await tokens.get(now + SOON);
  down = true;
  now += LIFE - 100_000;
  for (let i = 0; i < 80; i++) {
    now += 1_000;
    assert.equal(await tokens.get(now + SOON), 'token-1');
    await settled();
  }
  assert.ok(asked > 3 && asked < 30, `asked ${asked} times in 80 s`);
  down = false;
  now += 5_000;
  await tokens.get(now + SOON);
  await settled();
  assert.notEqual(await tokens.get(now + SOON), 'token-1', 'its recovery is noticed');
});

test('ten minutes without a source cost nothing while the token is valid', async () => {
  const tokens = source();
  await tokens.get(now + SOON);
  const MINUTE = 60_000;
  now += LIFE - 11 * MINUTE;
  down = true;
  for (let seconds = 0; seconds < 600; seconds++) {
    now += 1_000;
    assert.equal(await tokens.get(now + SOON), 'token-1');
    await settled();
  }
  assert.ok(asked > 10 && asked < 100, `asked ${asked} times`);
  down = false;
  now += 5_000;
  await tokens.get(now + SOON);
  await settled();
  const next = await tokens.get(now + SOON);
  assert.equal(next, `token-${asked}`, 'the next one is there before the old one ends');
  now += LIFE - MINUTE * 5;
  assert.equal(await tokens.get(now + SOON), next);
});

test('when it is over a source that fails is CREDENTIALS_UNAVAILABLE, until it recovers', async () => {
  const tokens = source();
  await tokens.get(now + SOON);
  down = true;
  now += LIFE;
  for (let i = 0; i < 3; i++) {
    await assert.rejects(
      tokens.get(now + SOON),
      (error: Error & { reason: string; body: string }) => {
        assert.equal(error.reason, 'CREDENTIALS_UNAVAILABLE');
        assert.doesNotMatch(error.message + error.body, /canary/);
        return true;
      },
    );
  }
  down = false;
  assert.match(await tokens.get(now + SOON), /^token-/);
});

test('a token is not used within its last seconds: it would end on the way', async () => {
  const tokens = source();
  await tokens.get(now + SOON);
  now += LIFE - 5_000;
  assert.equal(await tokens.get(now + SOON), 'token-2');
});

test('one that was refused is not used again; another’s is left alone', async () => {
  const tokens = source();
  const first = await tokens.get(now + SOON);
  tokens.invalidate('some other');
  assert.equal(await tokens.get(now + SOON), first);
  tokens.invalidate(first);
  assert.equal(await tokens.get(now + SOON), 'token-2');
  tokens.invalidate(first);
  assert.equal(await tokens.get(now + SOON), 'token-2', 'a late refusal of the old one');
});

test('a source that hangs is given up at the deadline, and asked again', {
  timeout: 10_000,
}, async () => {
  let hanging = true;
  const real = { ...clock, now: Date.now };
  const tokens = createTokenSource(
    () =>
      hanging
        ? new Promise(() => {})
        : Promise.resolve({ value: 'new', expiresAt: Date.now() + LIFE }),
    real,
  );
  const before = Date.now();
  await assert.rejects(tokens.get(before + 300), { reason: 'CREDENTIALS_UNAVAILABLE' });
  assert.ok(Date.now() - before < 1_000);
  hanging = false;
  assert.equal(await tokens.get(Date.now() + 5_000), 'new');
});

test('the old token is used to its last second where no other can be had', async () => {
  const tokens = source();
  await tokens.get(now + SOON);
  now += LIFE - 8_000;
  down = true;
  assert.equal(await tokens.get(now + SOON), 'token-1');
  down = false;
  assert.match(await tokens.get(now + SOON), /^token-[34]$/);
});

test('a source that hung is asked anew within the time there is, however short', async () => {
  let hang = true;
  const tokens = createTokenSource(
    () =>
      hang
        ? new Promise(() => {})
        : Promise.resolve({ value: 'recovered', expiresAt: Date.now() + LIFE }),
    systemClock,
  );
  await assert.rejects(tokens.get(Date.now() + 300));
  hang = false;
  assert.equal(await tokens.get(Date.now() + 300), 'recovered');
});
