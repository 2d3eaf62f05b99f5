/** How often an operation is read while somebody waits for it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cancel } from '../../src/actions/cancel.ts';
import { createPolicy, decide } from '../../src/policy/policy.ts';
import {
  CALL,
  createCommand,
  createFakeClock,
  createFakeUpstream,
  createParsedResponse,
  parseRules,
} from '../support/fakes.ts';

const name = 'projects/p/locations/l/operations/o';

/** A wait for an operation that runs on; reads take no time. */
async function waitOut(wait: string, random: () => number, over: object = {}) {
  let reads = 0;
  const clock = createFakeClock(random);
  const upstream = createFakeUpstream({
    get: async () => {
      reads += 1;
      return createParsedResponse({ name });
    },
    cancel: async () => createParsedResponse({}),
  });
  const ask = { ...createCommand('cancel', { name, wait }), ...over };
  const question = { caller: 'c', identities: [], operation: ask.operation, sweep: false };
  const decision = decide(createPolicy(parseRules([{}])), question);
  assert.ok(decision.kind === 'allowed');
  const { signal } = new AbortController();
  const doors = { upstream, clock, observe: false };
  const { outcome } = await cancel(decision.permit, ask, undefined, CALL, doors, signal);
  assert.equal(outcome, 'PENDING');
  return { reads, sleeps: clock.sleeps };
}

const chance = fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true }));

test('the longest wait reads 15 to 40 times, each pause of 0.15 s to 4 s, whatever the jitter', async () => {
  await fc.assert(
    fc.asyncProperty(chance, async (stream) => {
      const { reads, sleeps } = await waitOut('55s', () => stream.next().value);
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
  const { sleeps } = await waitOut('55s', () => 0.5);
  for (const [index, pause] of sleeps.slice(1, -1).entries()) assert.ok(pause >= sleeps[index]!);
  assert.ok(sleeps.at(-2)! > 5 * sleeps[0]!);
});

test('two who wait at one time do not read at one time', async () => {
  const [one, two] = await Promise.all([waitOut('55s', () => 0.1), waitOut('55s', () => 0.9)]);
  for (const [index, pause] of one.sleeps.slice(0, 10).entries()) {
    assert.ok(Math.abs(pause - two.sleeps[index]!) > 0.1 * pause);
  }
});

test('a chat cancel reads before its deadline only, and not before the cancel', async () => {
  const { reads, sleeps } = await waitOut('2s', () => 0.5, { cancelFirst: true });
  assert.equal(sleeps.length, reads, 'a pause after each read, the last one up to the deadline');
  const total = sleeps.reduce((sum, pause) => sum + pause, 0);
  assert.ok(Math.abs(total - 2_000) < 1, `${total} ms`);
});

test('a wait of 0s reads once before and once after the cancel', async () => {
  assert.deepEqual(await waitOut('0s', () => 0.5), { reads: 2, sleeps: [] });
});
