import assert from 'node:assert/strict';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { type Emulator, startEmulator } from './index.ts';
import { call } from './testing.ts';

const QUEUE = 'projects/p/locations/l/queues/sweeps';

interface Delivery {
  headers: IncomingHttpHeaders;
  body: string;
  time: number;
}

/** A handler on loopback that answers 30 ms later: the given statuses in turn, then 200. */
async function handler(...statuses: number[]) {
  const deliveries: Delivery[] = [];
  let [running, most] = [0, 0];
  const server = createServer(async (request, response) => {
    most = Math.max(most, ++running);
    const time = performance.now();
    const body = (await request.toArray()).join('');
    deliveries.push({ headers: request.headers, body, time });
    await new Promise((done) => setTimeout(done, 30));
    running--;
    response.writeHead(statuses.shift() ?? 200).end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/ops`,
    deliveries,
    mostAtOnce: () => most,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

const create = (emulator: Emulator, task: unknown) =>
  call(emulator, 'POST', `/v2/${QUEUE}/tasks`, { body: { task } });

test('a task is sent to its URL with its headers, its body and an ID token', async () => {
  await using emulator = await startEmulator();
  await using target = await handler();
  const created = await create(emulator, {
    name: `${QUEUE}/tasks/one`,
    httpRequest: {
      url: target.url,
      headers: { 'Content-Type': 'application/json', 'X-Google-Forged': '1' },
      body: Buffer.from('{"name":"é"}').toString('base64'),
      oidcToken: { serviceAccountEmail: 'sweeper@p.iam.gserviceaccount.com', audience: 'aud' },
    },
  });
  assert.equal(created.status, 200);
  assert.equal(created.json.name, `${QUEUE}/tasks/one`);
  assert.equal(created.json.httpRequest.body, undefined);
  await emulator.tasksIdle();
  const [delivery] = target.deliveries;
  assert.equal(delivery?.body, '{"name":"é"}');
  const { headers } = delivery;
  assert.equal(headers['content-type'], 'application/json');
  assert.equal(headers['x-google-forged'], undefined);
  assert.equal(headers['x-cloudtasks-queuename'], 'sweeps');
  assert.equal(headers['x-cloudtasks-taskname'], 'one');
  assert.equal(headers['x-cloudtasks-taskretrycount'], '0');
  const payload = headers.authorization?.split('.')[1] ?? '';
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
  assert.deepEqual(
    [claims.iss, claims.aud, claims.email, claims.email_verified],
    ['https://accounts.google.com', 'aud', 'sweeper@p.iam.gserviceaccount.com', true],
  );
  const [task] = emulator.tasks;
  assert.deepEqual([task?.state, task?.attempts.map(({ status }) => status)], ['done', [200]]);
});

test('a name is taken once and for all, also when its task is done', async () => {
  await using emulator = await startEmulator();
  await using target = await handler();
  const task = { name: `${QUEUE}/tasks/one`, httpRequest: { url: target.url } };
  assert.equal((await create(emulator, task)).status, 200);
  const running = await create(emulator, task);
  await emulator.tasksIdle();
  const done = await create(emulator, task);
  for (const { status, json } of [running, done]) {
    assert.deepEqual([status, json.error.status], [409, 'ALREADY_EXISTS']);
  }
  const unnamed = [{ httpRequest: { url: target.url } }, { httpRequest: { url: target.url } }];
  for (const each of unnamed) assert.equal((await create(emulator, each)).status, 200);
  await emulator.tasksIdle();
  assert.equal(target.deliveries.length, 3);
});

test('anything but a 2xx is tried again with growing pauses, up to the most attempts', async () => {
  await using emulator = await startEmulator();
  emulator.queue.minBackoff = 20;
  emulator.queue.maxAttempts = 3;
  await using target = await handler(503, 404);
  await create(emulator, { name: `${QUEUE}/tasks/a`, httpRequest: { url: target.url } });
  await emulator.tasksIdle();
  const retries = target.deliveries.map(({ headers }) => [
    headers['x-cloudtasks-taskretrycount'],
    headers['x-cloudtasks-taskexecutioncount'],
    headers['x-cloudtasks-taskpreviousresponse'],
  ]);
  assert.deepEqual(retries, [
    ['0', '0', undefined],
    ['1', '0', '503'],
    ['2', '1', '404'],
  ]);
  const [a = 0, b = 0, c = 0] = target.deliveries.map(({ time }) => time);
  assert.ok(b - a >= 19 && c - b >= 39, `${b - a} ${c - b}`);
  assert.equal(emulator.tasks[0]?.state, 'done');

  await using failing = await handler(500, 500, 500, 500);
  await create(emulator, { name: `${QUEUE}/tasks/b`, httpRequest: { url: failing.url } });
  await emulator.tasksIdle();
  assert.deepEqual([emulator.tasks[1]?.state, failing.deliveries.length], ['failed', 3]);
});

test('the rate and the number at once are bounded', async () => {
  await using emulator = await startEmulator();
  await using target = await handler();
  const createSome = async () => {
    for (let i = 0; i < 6; i++) await create(emulator, { httpRequest: { url: target.url } });
    await emulator.tasksIdle();
  };
  emulator.queue.concurrentDispatches = 2;
  await createSome();
  assert.equal(target.mostAtOnce(), 2);
  Object.assign(emulator.queue, { concurrentDispatches: 100, dispatchesPerSecond: 50 });
  await createSome();
  assert.equal(target.deliveries.length, 12);
  const [first = 0, last = 0] = [target.deliveries[6]?.time, target.deliveries[11]?.time];
  assert.ok(last - first >= 50, `${last - first}`);
});

test('nothing leaves loopback, and nothing is sent before its time', async () => {
  await using emulator = await startEmulator();
  await using target = await handler();
  await create(emulator, { httpRequest: { url: 'https://hook.example.com/ops' } });
  const scheduleTime = new Date(Date.now() + 60).toISOString();
  await create(emulator, { httpRequest: { url: target.url }, scheduleTime });
  assert.deepEqual(
    emulator.tasks.map(({ state }) => state),
    ['undeliverable', 'queued'],
  );
  await emulator.tasksIdle();
  const [delivery] = target.deliveries;
  assert.ok(delivery && performance.timeOrigin + delivery.time >= Date.parse(scheduleTime) - 5);
});

test('what Cloud Tasks refuses', async () => {
  await using emulator = await startEmulator();
  const url = 'http://127.0.0.1:1/';
  const refused = [
    undefined,
    {},
    { httpRequest: {} },
    { httpRequest: { url: 'ftp://x' } },
    { httpRequest: { url, httpMethod: 'BREW' } },
    { httpRequest: { url, httpMethod: 'GET', body: 'eA==' } },
    { httpRequest: { url, body: '{"not":"base64"}' } },
    { httpRequest: { url, body: 'A'.repeat(140_000) } },
    { httpRequest: { url, oidcToken: {} } },
    { httpRequest: { url }, name: `${QUEUE}/tasks/a.b` },
    { httpRequest: { url }, name: 'projects/p/locations/l/queues/other/tasks/a' },
    { httpRequest: { url }, scheduleTime: 'soon' },
  ];
  for (const task of refused) {
    const { status, json } = await create(emulator, task);
    assert.deepEqual([status, json.error.status], [400, 'INVALID_ARGUMENT'], JSON.stringify(task));
  }
  const anonymous = await call(emulator, 'POST', `/v2/${QUEUE}/tasks`, { body: {}, token: null });
  assert.equal(anonymous.status, 401);
  assert.equal(emulator.tasks.length, 0);
});

test('closing the emulator ends an attempt under way and those to come', async () => {
  const emulator = await startEmulator();
  await using target = await handler(500);
  emulator.queue.minBackoff = 30;
  await create(emulator, { httpRequest: { url: target.url } });
  while (emulator.tasks[0]?.attempts[0]?.status === undefined) {
    await new Promise((done) => setTimeout(done, 2));
  }
  await emulator.close();
  await new Promise((done) => setTimeout(done, 60));
  assert.equal(target.deliveries.length, 1);
});
