import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { createRateLimiter } from '../../src/actions/context.ts';
import type { Clock } from '../../src/clock.ts';
import { StatusError } from '../../src/errors.ts';
import { assertError } from '../support/error-form.ts';

/** @returns the limiter, and what counting a cancel at a time (milliseconds) says: the error, if any */
function limiterOf(limits: Readonly<Record<string, number | undefined>>) {
  const callers = new Map(
    Object.entries(limits).map(([route, cancelsPerMinute]) => [route, { cancelsPerMinute }]),
  );
  let now = 0;
  const clock: Clock = { now: () => now, random: () => 0, sleep: async () => {} };
  const limiter = createRateLimiter(callers, clock);
  return (time: number, caller = 'ops'): StatusError | undefined => {
    now = time;
    try {
      limiter.count(caller);
      return undefined;
    } catch (error) {
      assert.ok(error instanceof StatusError);
      return error;
    }
  };
}

const seconds = (error: StatusError | undefined) => error?.headers['Retry-After'];

describe('a caller with cancelsPerMinute', () => {
  test('is refused beyond the limit, and told when the next cancel is free', () => {
    const count = limiterOf({ ops: 2 });
    assert.equal(count(0), undefined);
    assert.equal(count(10_500), undefined);
    assert.equal(seconds(count(20_000)), '40');
    assert.equal(seconds(count(59_999)), '1');
    assert.equal(count(60_000), undefined, 'the first cancel is a minute old');
    assert.equal(seconds(count(60_000)), '11', 'the second one is free at 70.5 s');
    assert.equal(count(71_000), undefined);
  });

  test('gets an error that says: per instance, not sent, final', () => {
    const count = limiterOf({ ops: 1 });
    count(0);
    const error = count(1_000) ?? assert.fail('was not refused');
    const headers = { ...error.headers, 'content-type': 'application/json' };
    const answer = { status: error.code, headers, text: error.body };
    const { message, metadata } = assertError(answer, 'RATE_LIMITED');
    assert.equal(
      message,
      '"ops" may send at most 1 cancel per minute on each instance (cancelsPerMinute). Try again in 59 s.',
    );
    assert.deepEqual(metadata, { caller: 'ops', cancelsPerMinute: '1', scope: 'instance' });
    assert.equal(error.sent, false);
    assert.equal(error.retryable, false);
  });

  test('is not refused for longer because the clock was set back', () => {
    const count = limiterOf({ ops: 1 });
    assert.equal(count(3_600_000), undefined);
    assert.equal(count(0), undefined);
    assert.equal(seconds(count(1_000)), '59');
  });

  test('does not use up the limit of another caller', () => {
    const count = limiterOf({ ops: 1, alerts: 1 });
    assert.equal(count(0, 'ops'), undefined);
    assert.equal(count(0, 'alerts'), undefined);
    assert.ok(count(0, 'ops'));
  });

  test('is refused exactly where the last 60 s hold as many cancels as the limit', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 30_000 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), gaps, (limit, pauses) => {
        const count = limiterOf({ ops: limit });
        const sent: number[] = [];
        let now = 0;
        for (const pause of pauses) {
          now += pause;
          const recent = sent.filter((time) => time > now - 60_000);
          const error = count(now);
          assert.equal(error !== undefined, recent.length >= limit);
          if (error) {
            const free = (sent.at(-limit) ?? 0) + 60_000;
            assert.equal(seconds(error), String(Math.ceil((free - now) / 1000)));
          } else sent.push(now);
        }
      }),
    );
  });
});

test('a caller without cancelsPerMinute has no limit', () => {
  const count = limiterOf({ ops: undefined });
  for (let times = 0; times < 1_000; times++) assert.equal(count(0), undefined);
});
