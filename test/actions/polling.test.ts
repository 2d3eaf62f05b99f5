/** How often, and until when, a cancel with a wait reads the operation. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { cancel } from '../../src/actions/cancel.ts';
import type { CallOptions } from '../../src/google/api-client.ts';
import { createPolicy, decide } from '../../src/policy/policy.ts';
import {
  CALL,
  createCommand,
  createFakeClock,
  createFakeUpstream,
  createParsedResponse,
  NO_RATE_LIMIT,
  NOW,
  parseRules,
} from '../support/fakes.ts';

const name = 'projects/p/locations/l/operations/o';

interface Options {
  readonly wait: string;
  readonly random?: () => number;
  readonly cancelFirst?: true;
  readonly signal?: AbortSignal;
  /** How long the cancel takes, in milliseconds. */
  readonly cancelTime?: number;
  /** Is called at each read with its number, from 1. */
  readonly onRead?: (read: number) => void | Promise<void>;
}

/** Cancels an operation that runs on. Reads take no time. */
async function run({ wait, random = () => 0.5, cancelTime = 0, onRead, ...options }: Options) {
  const deadlines: number[] = [];
  let cancels = 0;
  const clock = createFakeClock(random);
  const upstream = createFakeUpstream({
    async get(_, { deadline }: CallOptions) {
      deadlines.push(deadline - NOW);
      await onRead?.(deadlines.length);
      return createParsedResponse({ name });
    },
    async cancel() {
      cancels += 1;
      if (cancelTime > 0) await clock.sleep(cancelTime);
      return createParsedResponse({});
    },
  });
  const command = {
    ...createCommand('cancel', { name, wait }),
    ...(options.cancelFirst ? { cancelFirst: true as const } : {}),
  };
  const request = { caller: 'c', identities: [], operation: command.operation, sweep: false };
  const decision = decide(createPolicy(parseRules([{}])), request);
  assert.ok(decision.kind === 'allowed');
  const signal = options.signal ?? new AbortController().signal;
  const deps = { upstream, clock, rateLimiter: NO_RATE_LIMIT };
  const { outcome } = await cancel(decision.permit, command, undefined, CALL, deps, signal);
  return { outcome, cancels, reads: deadlines.length, deadlines, sleeps: clock.sleeps };
}

const chance = fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true }));

test('the longest wait reads 15 to 40 times, each pause of 0.15 s to 4 s, whatever the jitter', async () => {
  await fc.assert(
    fc.asyncProperty(chance, async (stream) => {
      const { reads, sleeps } = await run({ wait: '55s', random: () => stream.next().value });
      assert.ok(reads >= 15 && reads <= 40, `${reads} reads`);
      assert.equal(sleeps.length, reads - 2, 'a pause before each read but the first two');
      for (const pause of sleeps.slice(0, -1))
        assert.ok(pause >= 150 && pause <= 4_000, `${pause}`);
      const total = sleeps.reduce((sum, pause) => sum + pause, 0);
      assert.ok(Math.abs(total - 55_000) < 1, `${total} ms, all of the wait and no more`);
    }),
    { numRuns: 100 },
  );
});

test('pauses grow, and the later ones are as long as the one before', async () => {
  const { sleeps } = await run({ wait: '55s' });
  for (const [index, pause] of sleeps.slice(1, -1).entries()) assert.ok(pause >= sleeps[index]!);
  assert.ok(sleeps.at(-2)! > 5 * sleeps[0]!);
});

test('two who wait at one time do not read at one time', async () => {
  const [one = assert.fail(), two = assert.fail()] = await Promise.all(
    [0.1, 0.9].map((random) => run({ wait: '55s', random: () => random })),
  );
  for (const [index, pause] of one.sleeps.slice(0, 10).entries()) {
    assert.ok(Math.abs(pause - two.sleeps[index]!) > 0.1 * pause);
  }
});

test('a chat cancel reads before its deadline only, and not before the cancel', async () => {
  const { reads, sleeps } = await run({ wait: '2s', cancelFirst: true });
  assert.equal(sleeps.length, reads, 'a pause after each read, the last one up to the deadline');
  const total = sleeps.reduce((sum, pause) => sum + pause, 0);
  assert.ok(Math.abs(total - 2_000) < 1, `${total} ms`);
});

test('a wait of 0s reads once before and once after the cancel', async () => {
  const { outcome, reads, sleeps } = await run({ wait: '0s' });
  assert.deepEqual([outcome, reads, sleeps], ['PENDING', 2, []]);
});

test('each read after the cancel has time until 1 s after the wait', async () => {
  const { deadlines } = await run({ wait: '10s' });
  assert.deepEqual(new Set(deadlines.slice(1)), new Set([11_000]));
});

test('a wait that is over before the cancel is accepted has time for one read', async () => {
  const { outcome, deadlines } = await run({ wait: '0s', cancelTime: 1_500 });
  assert.deepEqual([outcome, deadlines.slice(1)], ['PENDING', [2_500]]);
});

describe('when nobody waits any more', () => {
  test('a wait reads no more, and says what is known', async () => {
    const controller = new AbortController();
    const onRead = (read: number) => {
      if (read === 5) controller.abort();
    };
    const { outcome, reads } = await run({ wait: '55s', signal: controller.signal, onRead });
    assert.deepEqual([outcome, reads], ['PENDING', 5]);
  });

  test('a wait does not wait for a read that hangs', async () => {
    const controller = new AbortController();
    const onRead = async (read: number) => {
      if (read < 3) return;
      controller.abort();
      await new Promise(() => {});
    };
    const { outcome } = await run({ wait: '55s', signal: controller.signal, onRead });
    assert.equal(outcome, 'PENDING');
  });

  test('the cancel is sent all the same, without a wait', async () => {
    const { outcome, cancels } = await run({ wait: '55s', signal: AbortSignal.abort() });
    assert.deepEqual([outcome, cancels], ['CANCEL_REQUESTED', 1]);
  });
});
