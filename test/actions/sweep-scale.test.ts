/** A sweep of 10,000 operations in 100 pages: bounded memory, linear time. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sweep } from '../../src/actions/sweep.ts';
import { createCommand, createContext, NOW } from '../support/fakes.ts';
import { createListServer, MINUTE, PARENT } from '../support/list-server.ts';
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

/** Adds operations and sweeps them. Fails unless exactly the right ones were cancelled. */
async function sweepAll(count: number): Promise<void> {
  const right = seedOperations(app.emulator, count);
  assert.equal(right.length, count * 0.4);
  const { body } = await app.post(SWEEP).expect(200);
  const { matched, denied, remaining, operations, omitted = 0 } = body;
  assert.deepEqual([matched, denied, remaining], [right.length, 0, 0]);
  assert.deepEqual(
    operations.map(({ name, outcome }: Record<string, string>) => `${name} ${outcome}`),
    right.slice(0, right.length - omitted).map((name) => `${name} CANCEL_REQUESTED`),
  );
  // A response stays below 64 KiB.
  assert.ok(operations.length > 200, `${operations.length} of ${right.length}`);
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
}

test('10,000 in 100 pages: exactly the right ones, the oldest first, growing by less than 40 MB', async (t) => {
  const pid = app.process.process.pid ?? assert.fail('no process');
  // So that code loaded late and the heap's first growth do not count.
  await sweepAll(FEW);
  const held = getResidentMegabytes(pid);
  resetPeakMemory(pid);
  await sweepAll(MANY);
  // Resident memory, its highest point: VmHWM, which the kernel keeps for each process.
  const growth = getPeakMegabytes(pid) - held;
  t.diagnostic(`from ${held.toFixed(1)} MB by ${growth.toFixed(1)} MB at most`);
  assert.ok(growth < 40, `${growth} MB`);
});

test('the CPU time is linear: an operation costs the same among 10,000 as among 1,000', async (t) => {
  async function cpuPerOperation(count: number): Promise<number> {
    const operations = Array.from({ length: count }, (_, n) => ({
      name: `${PARENT}/operations/o-${n}`,
      metadata: { createTime: new Date(NOW - MINUTE - ((n * 7_919) % count)).toISOString() },
    }));
    const { upstream, cancelled } = createListServer({
      operations,
      pageSizes: [PAGE],
      filter: 'understood',
    });
    const ctx = createContext({ deps: { upstream }, limits: { sweepMax: MANY } });
    const command = createCommand('sweep', { parent: PARENT, olderThan: '10s' });
    const before = process.cpuUsage();
    await sweep(command, ctx);
    const { user } = process.cpuUsage(before);
    assert.equal(cancelled.length, count);
    return user / count;
  }
  await cpuPerOperation(FEW);
  const few = [await cpuPerOperation(FEW), await cpuPerOperation(FEW), await cpuPerOperation(FEW)];
  const usual = few.toSorted((a, b) => a - b)[1] ?? assert.fail();
  const many = await cpuPerOperation(MANY);
  t.diagnostic(`${many.toFixed(1)} µs each, ${(many / usual).toFixed(2)} of that among 1,000`);
  // If it were quadratic, it would be ten times as much.
  assert.ok(many < 3 * usual, `${many} µs against ${usual} µs`);
});
