import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import fc from 'fast-check';
import { backoff, retryAfter } from '../../src/google/retry-policy.ts';
import type { Behaviour } from '../emulator/index.ts';
import { assertError } from '../support/error-form.ts';
import { getCancelRequests, startTestApp, type TestApp } from '../support/test-app.ts';

const SECONDS = 2;

let app: TestApp;
before(async () => {
  app = await startTestApp({ config: { limits: { upstreamSeconds: SECONDS } } });
});
after(() => app.stop());

/** Successes give the retry budget back what other tests took. */
async function refill() {
  const name = app.createOperation();
  for (let batch = 0; batch < 10; batch++) {
    await Promise.all(Array.from({ length: 10 }, () => app.post({ name }).expect(200)));
  }
}

/** An operation of the test's own, whose cancels meet these behaviours. */
function meeting(...behaviours: Behaviour[]) {
  const name = app.createOperation();
  const path = `/v1/${name}:cancel`;
  app.emulator.script({ path }, behaviours);
  const attempts = () => getCancelRequests(app.emulator).filter((request) => request.path === path);
  return { name, attempts };
}

async function logged(name: string) {
  const line = await app.process.log(({ operation }) => operation === name);
  return line.upstream as { status?: number; attempts: number; milliseconds: number };
}

describe('what is worth another attempt gets one, three at most', () => {
  beforeEach(refill);

  const temporary: Record<string, Behaviour> = {
    '503': { status: 503 },
    '504': { status: 504 },
    'a 503 in HTML': { status: 503, raw: '<html>' },
    'a broken connection': { reset: 'before' },
    'a broken answer': { reset: 'middle' },
  };
  for (const [what, behaviour] of Object.entries(temporary)) {
    test(`${what}, then 200`, async () => {
      const { name, attempts } = meeting(behaviour);
      await app.post({ name }).expect(200);
      assert.equal(attempts().length, 2);
      const { status, attempts: told } = await logged(name);
      assert.deepEqual([status, told], [200, 2]);
    });

    test(`${what} thrice is UPSTREAM_UNAVAILABLE after 3 attempts`, async () => {
      const { name, attempts } = meeting(behaviour, behaviour, behaviour);
      const answer = await app.post({ name });
      const { metadata } = assertError(answer, 'UPSTREAM_UNAVAILABLE');
      assert.equal(attempts().length, 3);
      assert.equal((await logged(name)).attempts, 3);
      const status = behaviour.status && String(behaviour.status);
      assert.equal(metadata.upstreamStatus, status);
      await app.post({ name }).expect(200);
    });
  }
});

describe('Retry-After', { concurrency: 4 }, () => {
  before(refill);

  for (const status of [503, 429]) {
    test(`of ${status} is honoured where it fits`, async () => {
      const { name, attempts } = meeting({ status, headers: { 'retry-after': '1' } });
      await app.post({ name }).expect(200);
      const [first, second] = attempts();
      const pause = (second?.time ?? 0) - (first?.time ?? 0);
      assert.ok(pause >= 950 && pause < 1_900, `${pause} ms`);
    });

    test(`of ${status} that does not fit means no further attempt, at once`, async () => {
      const retryAfter = { 'retry-after': String(SECONDS + 1) };
      const { name, attempts } = meeting({ status, headers: retryAfter });
      const before = Date.now();
      const answer = await app.post({ name });
      assert.equal(answer.status, status);
      assert.equal(answer.headers['retry-after'], String(SECONDS + 1));
      assert.equal(attempts().length, 1);
      assert.ok(Date.now() - before < 1_500);
    });
  }

  test('as a date is understood', async () => {
    const date = new Date(Date.now() + 60_000).toUTCString();
    const { name, attempts } = meeting({ status: 503, headers: { 'retry-after': date } });
    await app.post({ name }).expect(503).expect('Retry-After', date);
    assert.equal(attempts().length, 1);
  });

  test('that 429 does not carry means no further attempt', async () => {
    const { name, attempts } = meeting({ status: 429 });
    const answer = await app.post({ name }).expect(429);
    assert.equal(answer.body.error.status, 'RESOURCE_EXHAUSTED');
    assert.equal(attempts().length, 1);
  });

  test('is read as RFC 9110 has it, or not at all', () => {
    const now = Date.parse('2026-01-01T00:00:00Z');
    assert.equal(retryAfter('3', now), 3_000);
    assert.equal(retryAfter('Thu, 01 Jan 2026 00:00:02 GMT', now), 2_000);
    assert.equal(retryAfter('Wed, 31 Dec 2025 00:00:00 GMT', now), 0);
    for (const text of [undefined, '', 'soon', '-1s', 'NaN'])
      assert.equal(retryAfter(text, now), undefined);
  });
});

describe('the deadline', { concurrency: 4 }, () => {
  before(refill);

  for (const hang of ['before', 'middle'] as const) {
    test(`ends a hang (${hang} the answer) with 504`, async () => {
      const { name, attempts } = meeting({ hang });
      const before = Date.now();
      assertError(await app.post({ name }), 'UPSTREAM_DEADLINE_EXCEEDED');
      const took = Date.now() - before;
      assert.ok(took > SECONDS * 900 && took < SECONDS * 1_000 + 1_500, `${took} ms`);
      assert.equal(attempts().length, 1);
      const { status, milliseconds } = await logged(name);
      assert.equal(status, undefined);
      assert.ok(milliseconds >= SECONDS * 900);
    });
  }

  test('is for all attempts together', async () => {
    const { name, attempts } = meeting({ status: 503, delay: 1_500 }, { hang: 'before' });
    const before = Date.now();
    assertError(await app.post({ name }), 'UPSTREAM_DEADLINE_EXCEEDED');
    assert.ok(Date.now() - before < SECONDS * 1_000 + 1_500);
    assert.equal(attempts().length, 2);
  });
});

test('pauses grow, and are jittered', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 0.999, noNaN: true }), (chance) => {
      const clock = { now: () => 0, sleep: async () => {}, random: () => chance };
      const [first, second] = [backoff(1, clock), backoff(2, clock)];
      assert.ok(first > 0 && first < 1_000 && second > first && second < 2_000);
      const other = { ...clock, random: () => chance / 2 };
      assert.ok(chance < 1e-6 || backoff(1, other) < first);
    }),
  );
});
