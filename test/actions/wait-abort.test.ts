/** Nobody polls for nobody: a wait ends with its client, and with the instance. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectTo, parseResponse } from '../support/socket.ts';
import { getCancelRequests, OPS_TOKEN, startTestApp, type TestApp } from '../support/test-app.ts';

async function inHouse(run: (app: TestApp) => Promise<void>): Promise<void> {
  const app = await startTestApp({ config: { limits: { upstreamSeconds: 30 } } });
  try {
    await run(app);
  } finally {
    app.process.process.kill('SIGKILL');
    await app.stop();
  }
}

const reads = ({ emulator }: TestApp) =>
  emulator.requests.filter(({ method, path }) => method === 'GET' && path.startsWith('/v1/'))
    .length;

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    assert.ok(tries < 300, 'it never came to that');
    await sleep(10);
  }
}

function bytes(body: object): string {
  const text = JSON.stringify(body);
  return `POST /ops HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nAuthorization: Bearer ${OPS_TOKEN}\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
}

describe('a wait', { concurrency: 2 }, () => {
  for (const leave of ['destroy', 'resetAndDestroy'] as const) {
    test(`ends when its client has gone (${leave}): no more reads arrive`, () =>
      inHouse(async (app) => {
        const name = app.createOperation();
        const socket = connectTo(app.process.url);
        socket.write(bytes({ name, wait: '50s' }));
        await until(() => reads(app) >= 3);
        socket[leave]();
        await app.process.log(({ operation }) => operation === name);
        const seen = reads(app);
        await sleep(2_500);
        assert.equal(reads(app), seen);
        assert.equal(getCancelRequests(app.emulator).length, 1);
        const line = await app.process.log(({ operation }) => operation === name);
        assert.equal(line.outcome, 'PENDING');
      }));
  }

  test('takes the read that hangs with it when its client goes', () =>
    inHouse(async (app) => {
      const name = app.createOperation();
      const hang = [{}, {}, { hang: 'before' as const }];
      app.emulator.script({ method: 'GET', path: `/v1/${name}` }, hang);
      const socket = connectTo(app.process.url);
      socket.write(bytes({ name, wait: '50s' }));
      await until(() => reads(app) >= 3);
      const open = app.emulator.sockets.open;
      socket.destroy();
      await until(() => app.emulator.sockets.open === open - 1);
      const line = await app.process.log(({ operation }) => operation === name);
      assert.equal(line.outcome, 'PENDING');
    }));

  test('is no longer than its time because a read hangs: what the cancel did is the answer', () =>
    inHouse(async (app) => {
      for (const wait of ['0s', '1s']) {
        const name = app.createOperation();
        const hang = [{}, { hang: 'before' as const }];
        app.emulator.script({ method: 'GET', path: `/v1/${name}` }, hang);
        const before = performance.now();
        const { status, headers, body } = await app.post({ name, wait });
        assert.deepEqual([status, headers['cancel-outcome'], body], [200, 'CANCEL_REQUESTED', {}]);
        const took = performance.now() - before;
        assert.ok(took < 3_000, `${took} ms for ${wait}`);
      }
    }));

  test('that was over before the cancel was accepted has time for one read all the same', () =>
    inHouse(async (app) => {
      const name = app.createOperation();
      app.emulator.script({ path: `/v1/${name}:cancel` }, { delay: 1_500 });
      const { headers } = await app.post({ name, wait: '0s' });
      assert.equal(headers['cancel-outcome'], 'PENDING');
    }));

  test('goes on while its client stays, beside one that has gone', () =>
    inHouse(async (app) => {
      const gone = connectTo(app.process.url);
      gone.write(bytes({ name: app.createOperation(), wait: '50s' }));
      const name = app.createOperation();
      const answer = app.post({ name, wait: '2s' }).then((given) => given);
      await until(() => getCancelRequests(app.emulator).length === 2);
      gone.destroy();
      assert.equal((await answer).headers['cancel-outcome'], 'PENDING');
      const own = app.emulator.requests.filter(({ path }) => path === `/v1/${name}`);
      assert.ok(own.length >= 4, `${own.length} reads`);
    }));

  test('answers at once on SIGTERM, with what is known, and the instance exits 0', () =>
    inHouse(async (app) => {
      const names = Array.from({ length: 5 }, () => app.createOperation());
      const flights = names.map((name) => app.post({ name, wait: '50s' }).then((one) => one));
      await until(() => reads(app) >= 15);
      const before = performance.now();
      const exit = app.process.stop();
      for (const { status, headers, body } of await Promise.all(flights)) {
        assert.deepEqual([status, headers['cancel-outcome']], [200, 'PENDING']);
        assert.equal(body.metadata.requestedCancellation, true);
      }
      assert.ok(performance.now() - before < 1_000, 'at once');
      assert.equal(await exit, 0);
      assert.ok(performance.now() - before < 2_000);
    }));

  test('answers at once on SIGTERM although a read hangs, with what was known before it', () =>
    inHouse(async (app) => {
      const name = app.createOperation();
      const path = `/v1/${name}`;
      app.emulator.script({ method: 'GET', path }, [{}, {}, { hang: 'before' }]);
      const flight = app.post({ name, wait: '50s' }).then((one) => one);
      await until(() => reads(app) >= 3);
      const before = performance.now();
      const exit = app.process.stop();
      assert.equal((await flight).headers['cancel-outcome'], 'PENDING');
      assert.ok(performance.now() - before < 1_000, 'at once');
      assert.equal(await exit, 0);
    }));

  test('that begins while the instance stops is no wait, but a cancel', () =>
    inHouse(async (app) => {
      const name = app.createOperation();
      const socket = connectTo(app.process.url);
      let raw = '';
      socket.on('data', (chunk) => {
        raw += chunk;
      });
      const text = bytes({ name, wait: '50s' });
      socket.write(text.slice(0, -5));
      await sleep(200);
      const exit = app.process.stop();
      await sleep(100);
      socket.write(text.slice(-5));
      assert.equal(await exit, 0);
      assert.equal(parseResponse(raw).headers['cancel-outcome'], 'CANCEL_REQUESTED');
      assert.equal(getCancelRequests(app.emulator).length, 1);
    }));
});
