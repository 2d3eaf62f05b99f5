/** Ten thousand operations in a hundred pages: the right ones, in flat memory and linear time. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { getPeakMegabytes, getResidentMegabytes, resetPeakMemory } from '../support/memory.ts';
import { PAGE, SWEEP, seedOperations } from '../support/seed.ts';
import { getCancelRequests, OPERATIONS, startTestApp, type TestApp } from '../support/test-app.ts';

const MANY = 10_000;
const FEW = 1_000;

let app: TestApp;
before(async () => {
  app = await startTestApp({
    config: {
      allow: [{ operations: [`${OPERATIONS}/*`], sweep: true }],
      limits: { sweepMax: MANY },
    },
  });
});
after(() => app.stop());

const lists = () => app.emulator.requests.filter(({ path }) => path.endsWith('/operations')).length;

/** Plants so many and sweeps them; fails unless exactly the right ones were cancelled. */
async function sweep(count: number): Promise<number> {
  const right = seedOperations(app.emulator, count);
  assert.equal(right.length, count * 0.4);
  const started = performance.now();
  const { body } = await app.post(SWEEP).expect(200);
  const took = performance.now() - started;
  const { matched, denied, remaining, operations } = body;
  assert.deepEqual([matched, denied, remaining], [right.length, 0, 0]);
  assert.deepEqual(
    operations.map(({ name, outcome }: Record<string, string>) => `${name} ${outcome}`),
    right.map((name) => `${name} CANCEL_REQUESTED`),
  );
  const asked = getCancelRequests(app.emulator).map(({ path }) =>
    path.slice('/v1/'.length, -':cancel'.length),
  );
  assert.deepEqual(asked.toSorted(), right.toSorted());
  assert.equal(lists(), count / PAGE);
  // Eight at a time: none overtakes more than the seven that are under way beside it.
  const places = new Map(right.map((name, place) => [name, place]));
  for (const [turn, name] of asked.entries()) {
    assert.ok((places.get(name) ?? Infinity) - turn < 8, `${name} before its turn`);
  }
  return took;
}

test('10,000 in 100 pages: exactly the right ones, the oldest first, growing by less than 40 MB', async (t) => {
  const pid = app.process.process.pid ?? assert.fail('no process');
  // So that code loaded late and the heap's first growth do not count.
  await sweep(FEW);
  const held = getResidentMegabytes(pid);
  resetPeakMemory(pid);
  await sweep(MANY);
  // Resident memory, its highest point: VmHWM, which the kernel keeps for each process.
  const growth = getPeakMegabytes(pid) - held;
  t.diagnostic(`from ${held.toFixed(1)} MB by ${growth.toFixed(1)} MB at most`);
  assert.ok(growth < 40, `${growth} MB`);
});

test('the time is linear: what one takes among 10,000 is what it takes among 1,000', async (t) => {
  const few = [await sweep(FEW), await sweep(FEW), await sweep(FEW)].map((took) => took / FEW);
  const each = (await sweep(MANY)) / MANY;
  const usual = few.toSorted((a, b) => a - b)[1] ?? assert.fail();
  t.diagnostic(
    `${(each * 1000).toFixed(0)} µs each, ${(each / usual).toFixed(2)} of that of 1,000`,
  );
  // Were it quadratic, it would be ten times as much.
  assert.ok(each < 3 * usual, `${each} ms against ${usual} ms`);
});
