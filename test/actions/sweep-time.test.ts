/** A sweep is bounded: so many at one time, so long altogether; and one failure stops nothing else. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Behaviour } from '../emulator/index.ts';
import { assertError } from '../support/error-form.ts';
import { connectTo } from '../support/socket.ts';
import {
  getCancelRequests,
  OPERATIONS,
  OPS_TOKEN,
  startTestApp,
  type TestApp,
} from '../support/test-app.ts';

const PARENT = 'projects/my-project/locations/us-central1';
const allow = [{ operations: [`${OPERATIONS}/*`], sweep: true }];
const ask = { parent: PARENT, olderThan: '1m' };
const CANCEL = { path: /:cancel$/ };
const LIST = { path: /\/operations$/ };

interface Swept {
  name: string;
  outcome?: string;
  error?: { code: number; status: string };
}

/** A app with so many operations, o-0 the oldest. */
async function inHouse(
  limits: Record<string, number>,
  count: number,
  run: (app: TestApp) => Promise<void>,
): Promise<void> {
  const app = await startTestApp({ config: { allow, limits } });
  // So that the first token and what is loaded late do not count against short limits.
  for (let tries = 0; tries < 3; tries++) await app.post({ name: `${OPERATIONS}/none` });
  app.emulator.clearRequests();
  for (let n = 0; n < count; n++) {
    const createTime = Date.now() - 3_600_000 + n * 1000;
    const name = `${OPERATIONS}/o-${n}`;
    app.emulator.addOperation({ name, createTime, duration: Infinity, onCancel: 'ignore' });
  }
  try {
    await run(app);
  } finally {
    app.process.process.kill('SIGKILL');
    await app.stop();
  }
}

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    assert.ok(tries < 300, 'it never came to that');
    await sleep(10);
  }
}

describe('a sweep', { concurrency: 2 }, () => {
  for (const [limits, most] of [
    [{}, 8],
    [{ concurrentCancels: 3 }, 3],
    [{ concurrentCancels: 1 }, 1],
  ] as const) {
    test(`has ${most} cancels under way at one time, and no more`, () =>
      inHouse(limits, 20, async (app) => {
        let seen = 0;
        app.emulator.script(
          ({ path }) => {
            if (!CANCEL.path.test(path)) return false;
            const open = getCancelRequests(app.emulator).filter(
              ({ status }) => status === undefined,
            );
            seen = Math.max(seen, open.length);
            return true;
          },
          { delay: 200 },
          { repeat: true },
        );
        const { body } = await app.post(ask).expect(200);
        assert.equal(body.operations.length, 20);
        assert.equal(seen, most);
      }));
  }

  test('goes on where one operation fails, and tells each error in its place', () =>
    inHouse({ upstreamSeconds: 0.5 }, 10, async (app) => {
      const failing: Record<number, Behaviour> = {
        1: { status: 403 },
        3: { status: 500 },
        4: { raw: '<html>' },
        6: { hang: 'before' },
        8: { status: 501 },
      };
      for (const [n, behaviour] of Object.entries(failing)) {
        app.emulator.script({ path: `/v1/${OPERATIONS}/o-${n}:cancel` }, behaviour);
      }
      const { body } = await app.post(ask).expect(200);
      assert.deepEqual([body.matched, body.denied, body.remaining], [10, 0, 0]);
      assert.deepEqual(
        body.operations.map(({ outcome, error }: Swept) => outcome ?? error?.status),
        Array.from({ length: 10 }, (_, n) => {
          const failed: Record<number, string> = {
            1: 'PERMISSION_DENIED',
            3: 'INTERNAL',
            4: 'UNAVAILABLE',
            6: 'DEADLINE_EXCEEDED',
            8: 'UNIMPLEMENTED',
          };
          return failed[n] ?? 'CANCEL_REQUESTED';
        }),
      );
      const line = await app.process.log((one) => one.sweep !== undefined);
      assert.equal(line.severity, 'ERROR');
    }));

  test('tells what was done meanwhile as ALREADY_DONE, and what is gone as NOT_FOUND', () =>
    inHouse({}, 3, async (app) => {
      const [done, gone] = [`${OPERATIONS}/o-0`, `${OPERATIONS}/o-1`];
      app.emulator.script({ path: `/v1/${done}:cancel` }, { status: 400 });
      app.emulator.script({ path: `/v1/${done}` }, { json: { name: done, done: true } });
      app.emulator.script({ path: `/v1/${gone}:cancel` }, { status: 404 });
      // What the 200 of a cancel says of itself counts for nothing.
      const json = { done: true, error: { code: 1 } };
      app.emulator.script({ path: `/v1/${OPERATIONS}/o-2:cancel` }, { json });
      const { body } = await app.post(ask).expect(200);
      assert.deepEqual(
        body.operations.map(({ outcome, error }: Swept) => outcome ?? error?.status),
        ['ALREADY_DONE', 'NOT_FOUND', 'CANCEL_REQUESTED'],
      );
    }));

  test('whose time is over answers what it has done, and what is left', () =>
    inHouse({ sweepSeconds: 1, concurrentCancels: 2 }, 60, async (app) => {
      app.emulator.script(CANCEL, { delay: 150 }, { repeat: true });
      const before = performance.now();
      const { body } = await app.post(ask).expect(200);
      const took = performance.now() - before;
      assert.ok(took > 900 && took < 1_500, `${took} ms`);
      const { matched, denied, remaining, operations } = body;
      assert.deepEqual([matched, denied, remaining + operations.length], [60, 0, 60]);
      assert.ok(operations.length >= 8 && operations.length <= 16, `${operations.length}`);
      // The oldest were first, and what time cut off is told as that.
      for (const [n, { name, outcome, error }] of operations.entries() as Iterable<
        [number, Swept]
      >) {
        assert.equal(name, `${OPERATIONS}/o-${n}`);
        assert.equal(
          outcome ?? error?.status,
          n < 8 ? 'CANCEL_REQUESTED' : (outcome ?? 'DEADLINE_EXCEEDED'),
        );
      }
      await sleep(400);
      assert.equal(
        getCancelRequests(app.emulator).length,
        operations.length,
        'and nothing goes on behind it',
      );
    }));

  test('whose list takes all of its time cancels nothing, and says so in time', () =>
    inHouse({ sweepSeconds: 1, upstreamSeconds: 9 }, 5, async (app) => {
      app.emulator.script(LIST, { hang: 'before' }, { repeat: true });
      const before = performance.now();
      assertError(await app.post(ask), 'UPSTREAM_DEADLINE_EXCEEDED');
      assert.ok(performance.now() - before < 1_500);
      assert.deepEqual(getCancelRequests(app.emulator), []);
    }));

  test('that is under way on SIGTERM answers what it has done, and what is left', () =>
    inHouse({ concurrentCancels: 2 }, 60, async (app) => {
      app.emulator.script(CANCEL, { delay: 200 }, { repeat: true });
      const flight = app.post(ask).then((answer) => answer);
      await until(() => getCancelRequests(app.emulator).length >= 5);
      const before = performance.now();
      const exit = app.process.stop();
      const { status, body } = await flight;
      assert.ok(performance.now() - before < 1_000, 'at once');
      assert.equal(status, 200);
      assert.equal(body.remaining + body.operations.length, 60);
      assert.ok(body.operations.length < 20);
      assert.equal(body.operations.length, getCancelRequests(app.emulator).length);
      assert.equal(await exit, 0);
    }));

  test('whose client has gone ends, in its list and in its cancels', () =>
    inHouse({ concurrentCancels: 2 }, 60, async (app) => {
      app.emulator.script(CANCEL, { delay: 100 }, { repeat: true });
      const text = JSON.stringify(ask);
      const bytes = `POST /ops HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nAuthorization: Bearer ${OPS_TOKEN}\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
      const socket = connectTo(app.process.url);
      socket.write(bytes);
      await until(() => getCancelRequests(app.emulator).length >= 4);
      socket.destroy();
      await app.process.log((line) => line.sweep !== undefined);
      assert.ok(getCancelRequests(app.emulator).length < 20);

      app.emulator.clearRequests();
      const lists = () => app.emulator.requests.filter(({ path }) => LIST.path.test(path)).length;
      const json = { operations: [], nextPageToken: 'more' };
      app.emulator.script(LIST, { json, delay: 50 }, { repeat: true });
      const another = connectTo(app.process.url);
      another.write(bytes);
      await until(() => lists() >= 2);
      another.destroy();
      await sleep(200);
      const seen = lists();
      await sleep(400);
      assert.equal(lists(), seen, 'no more pages are read');
      assert.deepEqual(getCancelRequests(app.emulator), []);
    }));
});
