/** `wait` over HTTP: the response, the client that disconnects, and the instance that stops. */

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NewOperation } from '../emulator/index.ts';
import { connectTo } from '../support/socket.ts';
import {
  getCancelRequests,
  OPERATIONS,
  OPS_TOKEN,
  startTestApp,
  type TestApp,
} from '../support/test-app.ts';

let app: TestApp;
before(async () => {
  // Shorter than the waits below: the time for a single cancel does not bound a wait.
  app = await startTestApp({ config: { limits: { upstreamSeconds: 1 } } });
});
after(() => app.stop());
beforeEach(() => {
  app.emulator.clearRequests();
  app.emulator.clearScripts();
});

let added = 0;
function addOperation(settings: Omit<NewOperation, 'name'>): string {
  const name = `${OPERATIONS}/awaited-${++added}`;
  app.emulator.addOperation({ name, ...settings });
  return name;
}
const readsOf = (name: string, { emulator } = app) =>
  emulator.requests.filter(({ method, path }) => method === 'GET' && path === `/v1/${name}`).length;

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    assert.ok(tries < 300, 'the condition did not hold within 3 s');
    await sleep(10);
  }
}

describe('the response is the operation as upstream has it, with the outcome', {
  concurrency: true,
}, () => {
  const rows: [string, Omit<NewOperation, 'name'>, string, string][] = [
    ['it ended with code 1', { cancelDelay: 300 }, '5s', 'CANCELLED'],
    ['it finished despite the cancel', { onCancel: 'complete' }, '5s', 'COMPLETED'],
    ['it ended with another error', { onCancel: 'fail' }, '5s', 'FAILED'],
    ['it still runs', { onCancel: 'ignore' }, '0s', 'PENDING'],
    ['it runs for longer than upstreamSeconds', { onCancel: 'ignore' }, '1.5s', 'PENDING'],
    ['it was done before', { duration: 0 }, '5s', 'ALREADY_DONE'],
  ];
  for (const [what, settings, wait, outcome] of rows) {
    test(`${outcome}: ${what}`, async () => {
      const name = addOperation(settings);
      const response = await app.post({ name, wait }).expect(200).expect('Cancel-Outcome', outcome);
      assert.deepEqual(response.body, app.emulator.operation(name));
      const sent = getCancelRequests(app.emulator).filter(
        ({ path }) => path === `/v1/${name}:cancel`,
      );
      assert.equal(sent.length, outcome === 'ALREADY_DONE' ? 0 : 1);
      const line = await app.process.log(({ operation }) => operation === name);
      assert.equal(line.outcome, outcome);
    });
  }
});

test('the operation is passed on byte for byte', async () => {
  const name = app.createOperation();
  const raw = `{ "done":true,\n "name": "${name}", "error": {"code": 1.0, "message":"\\u00fc"} }\n`;
  app.emulator.script({ method: 'GET', path: `/v1/${name}` }, [{}, { raw }]);
  const response = await app.post({ name, wait: '5s' }).expect('Cancel-Outcome', 'CANCELLED');
  assert.equal(response.text, raw);
});

test('a read that fails after an accepted cancel is CANCEL_REQUESTED, with what the cancel returned', async () => {
  const name = app.createOperation();
  app.emulator.script({ path: `/v1/${name}:cancel` }, { raw: '{"own": 1.0}' });
  app.emulator.script({ method: 'GET', path: `/v1/${name}` }, [{}, { raw: '<html>' }]);
  const response = await app.post({ name, wait: '5s' }).expect(200);
  assert.equal(response.headers['cancel-outcome'], 'CANCEL_REQUESTED');
  assert.equal(response.text, '{"own": 1.0}');
});

test('a wait ends when its time is over, and not before', async () => {
  const started = performance.now();
  const name = app.createOperation();
  await app.post({ name, wait: '0.8s' }).expect('Cancel-Outcome', 'PENDING');
  const took = performance.now() - started;
  assert.ok(took >= 780 && took < 2_000, `${took} ms`);
});

test('a read that hangs makes a wait at most 1 s longer', async () => {
  const name = app.createOperation();
  app.emulator.script({ method: 'GET', path: `/v1/${name}` }, [{}, { hang: 'before' }]);
  const started = performance.now();
  const response = await app.post({ name, wait: '1s' }).expect(200);
  const took = performance.now() - started;
  assert.equal(response.headers['cancel-outcome'], 'CANCEL_REQUESTED');
  assert.ok(took < 3_000, `${took} ms`);
});

test('a wait ends with its client, and takes a read that hangs with it; other waits go on', async () => {
  const [gone, stays] = [app.createOperation(), app.createOperation()];
  app.emulator.script({ method: 'GET', path: `/v1/${gone}` }, [{}, {}, { hang: 'before' }]);
  const body = JSON.stringify({ name: gone, wait: '50s' });
  const socket = connectTo(app.process.url);
  socket.write(
    `POST /ops HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nAuthorization: Bearer ${OPS_TOKEN}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  await until(() => readsOf(gone) >= 3);
  const other = app.post({ name: stays, wait: '2s' }).then((response) => response);
  await until(() => readsOf(stays) >= 2);
  const { open } = app.emulator.sockets;
  socket.destroy();
  await until(() => app.emulator.sockets.open < open);
  const line = await app.process.log(({ operation }) => operation === gone);
  assert.equal(line.outcome, 'PENDING');
  assert.equal((await other).headers['cancel-outcome'], 'PENDING');
  assert.ok(readsOf(stays) >= 4, `${readsOf(stays)} reads`);
  assert.equal(readsOf(gone), 3);
});

test('waits end at once on SIGTERM, with what is known, and the instance exits with 0', async () => {
  const stopped = await startTestApp({ config: { limits: { upstreamSeconds: 30 } } });
  try {
    const names = Array.from({ length: 5 }, () => stopped.createOperation());
    const [hangs = ''] = names;
    const reads = [{}, {}, { hang: 'before' as const }];
    stopped.emulator.script({ method: 'GET', path: `/v1/${hangs}` }, reads);
    const responses = names.map((name) => stopped.post({ name, wait: '50s' }).then((one) => one));
    await until(() => names.every((name) => readsOf(name, stopped) >= 3));
    const started = performance.now();
    const exit = stopped.process.stop();
    for (const { status, headers, body } of await Promise.all(responses)) {
      assert.deepEqual([status, headers['cancel-outcome']], [200, 'PENDING']);
      assert.equal(body.metadata.requestedCancellation, true);
    }
    assert.ok(performance.now() - started < 1_000, 'at once');
    assert.equal(await exit, 0);
  } finally {
    await stopped.stop();
  }
});
