import assert from 'node:assert/strict';
import { Agent, request } from 'node:http';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { type Behaviour, type Emulator, startEmulator } from './index.ts';
import { call } from './testing.ts';

const NAME = 'projects/p/locations/l/operations/o';
const CANCEL = { method: 'POST', path: `/v1/${NAME}:cancel` };

/** An emulator with one running operation and a script on its cancel. */
async function scripted(behaviours: Behaviour | Behaviour[], options?: { repeat?: boolean }) {
  const emulator = await startEmulator();
  emulator.addOperation({ name: NAME, duration: Infinity, onCancel: 'ignore' });
  return { emulator, script: emulator.script(CANCEL, behaviours, options) };
}

const cancel = (emulator: Emulator) => call(emulator, 'POST', `/v1/${NAME}:cancel`, { body: '' });
const wasCancelled = (emulator: Emulator) =>
  emulator.operation(NAME)?.metadata.requestedCancellation;

test('script: one behaviour per matching request, then the usual answer', async () => {
  const { emulator, script } = await scripted([
    { status: 503, headers: { 'retry-after': '1' } },
    { status: 429, json: { odd: true } },
    { status: 200, raw: 'hello', headers: { 'content-type': 'text/plain' } },
  ]);
  await using _ = emulator;
  assert.equal((await call(emulator, 'GET', `/v1/${NAME}`)).status, 200, 'no match');
  const first = await cancel(emulator);
  assert.deepEqual([first.status, first.json.error.status], [503, 'UNAVAILABLE']);
  assert.equal(first.headers.get('retry-after'), '1');
  const second = await cancel(emulator);
  assert.deepEqual([second.status, second.json], [429, { odd: true }]);
  assert.equal((await cancel(emulator)).text, 'hello');
  assert.equal(wasCancelled(emulator), false);
  assert.deepEqual([script.hits, script.left], [3, 0]);
  assert.deepEqual((await cancel(emulator)).json, {});
  assert.equal(wasCancelled(emulator), true);
});

test('script: repeats until it is removed; matches by predicate and by pattern', async () => {
  const { emulator, script } = await scripted([{ status: 500 }, { status: 502 }], { repeat: true });
  await using _ = emulator;
  const statuses = [];
  for (let i = 0; i < 4; i++) statuses.push((await cancel(emulator)).status);
  assert.deepEqual(statuses, [500, 502, 500, 502]);
  script.remove();
  assert.equal((await cancel(emulator)).status, 200);
  emulator.script({ method: 'DELETE', path: `/v1/${NAME}` }, { status: 500 });
  emulator.script({ path: /operations\/o$/ }, { status: 403 });
  emulator.script(({ headers }) => headers['x-mark'] === '1', { status: 418 });
  const marked = { headers: { 'x-mark': '1' } };
  assert.equal((await call(emulator, 'GET', `/v1/${NAME}`, marked)).status, 403);
  assert.equal((await call(emulator, 'GET', `/v1/${NAME}`)).status, 200);
  assert.equal((await call(emulator, 'GET', `/v1/${NAME}`, marked)).status, 418);
  emulator.script({}, { status: 500 }, { repeat: true });
  emulator.clearScripts();
  assert.equal((await call(emulator, 'GET', `/v1/${NAME}`)).status, 200);
});

test('delay: late by a time, or until a promise settles', async () => {
  let release = () => {};
  const gate = new Promise<void>((done) => {
    release = done;
  });
  const { emulator } = await scripted([{ delay: 60 }, { delay: gate }]);
  await using _ = emulator;
  const started = performance.now();
  assert.equal((await cancel(emulator)).status, 200);
  assert.ok(performance.now() - started >= 55);
  let answered = false;
  const held = cancel(emulator).then(() => {
    answered = true;
  });
  await call(emulator, 'GET', `/v1/${NAME}`);
  assert.equal(answered, false);
  release();
  await held;
});

test('hang: no answer at all, or half of one; closing the emulator ends both', async () => {
  const { emulator } = await scripted([{ hang: 'before' }, { hang: 'middle' }]);
  const started = performance.now();
  const before = assert.rejects(cancel(emulator));
  while (emulator.requests.length < 1) await setTimeout(5);
  const half = await fetch(`${emulator.url}/v1/${NAME}:cancel`, {
    method: 'POST',
    headers: { authorization: 'Bearer x' },
  });
  assert.equal(half.status, 200);
  const body = assert.rejects(half.text());
  await emulator.close();
  await Promise.all([before, body]);
  assert.ok(performance.now() - started < 2000);
});

test('reset: before the answer and in its middle; with effect only the answer is lost', async () => {
  const { emulator } = await scripted([
    { reset: 'before' },
    { reset: 'middle', json: { long: 'x'.repeat(1000) } },
    { reset: 'before', effect: true },
  ]);
  await using _ = emulator;
  await assert.rejects(cancel(emulator), (error: Error) => /fetch failed/.test(error.message));
  await assert.rejects(cancel(emulator), (error: Error) => /terminated/.test(error.message));
  assert.equal(wasCancelled(emulator), false);
  await assert.rejects(cancel(emulator));
  assert.equal(wasCancelled(emulator), true);
  assert.deepEqual(
    emulator.requests.map(({ status }) => status),
    [undefined, undefined, undefined],
  );
});

test('oversized, redirect, malformed, and an echo of the Authorization header', async () => {
  const { emulator } = await scripted([
    { oversized: 3_000_000 },
    { redirect: 'http://127.0.0.1:1/elsewhere' },
    { malformed: true },
    { echo: true, status: 403 },
  ]);
  await using _ = emulator;
  const oversized = await cancel(emulator);
  assert.equal(oversized.headers.get('content-length'), null);
  assert.ok(oversized.text.length >= 3_000_000);
  assert.equal(typeof oversized.json.name, 'string');
  const redirect = await cancel(emulator);
  assert.equal(redirect.status, 307);
  assert.equal(redirect.headers.get('location'), 'http://127.0.0.1:1/elsewhere');
  const malformed = await cancel(emulator);
  assert.match(malformed.headers.get('content-type') ?? '', /json/);
  assert.deepEqual([malformed.status, malformed.json], [200, undefined]);
  assert.ok(malformed.text.length > 0);
  const echo = await cancel(emulator);
  assert.equal(echo.json.error.status, 'PERMISSION_DENIED');
  assert.match(echo.json.error.message, /Bearer a-token/);
  assert.equal(wasCancelled(emulator), false);
});

test('faults reach the metadata server and the certificates as well', async () => {
  await using emulator = await startEmulator();
  emulator.script({ path: '/oauth2/v3/certs' }, { status: 500 });
  emulator.script({ path: /\/token$/ }, { malformed: true });
  assert.equal((await call(emulator, 'GET', '/oauth2/v3/certs')).status, 500);
  const path = '/computeMetadata/v1/instance/service-accounts/default/token';
  const token = await call(emulator, 'GET', path, { headers: { 'metadata-flavor': 'Google' } });
  assert.deepEqual([token.status, token.json, emulator.tokens.issued], [200, undefined, 0]);
});

/** A GET over the agent's kept-alive connection; resolves with the status or the error's code. */
function over(agent: Agent, emulator: Emulator): Promise<number | string | undefined> {
  return new Promise((done) => {
    const headers = { authorization: 'Bearer x' };
    request(`${emulator.url}/v1/${NAME}`, { agent, headers })
      .on('response', (response) => response.resume().on('end', () => done(response.statusCode)))
      .on('error', (error: NodeJS.ErrnoException) => done(error.code))
      .end();
  });
}

test('a reused connection is reset on its next request, and a new one works', async () => {
  const { emulator } = await scripted([]);
  await using _ = emulator;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    assert.deepEqual([await over(agent, emulator), await over(agent, emulator)], [200, 200]);
    emulator.sockets.resetOnReuse = 1;
    const fresh = new Agent();
    assert.equal(await over(fresh, emulator), 200, 'a first request is spared');
    fresh.destroy();
    assert.equal(await over(agent, emulator), 'ECONNRESET');
    assert.equal(await over(agent, emulator), 200);
    assert.equal(emulator.sockets.resetOnReuse, 0);
    assert.deepEqual(
      emulator.requests.map(({ connection, status }) => [connection, status]),
      [
        [1, 200],
        [1, 200],
        [2, 200],
        [1, undefined],
        [3, 200],
      ],
    );
  } finally {
    agent.destroy();
  }
});

test('idle connections can be dropped, those with a request under way stay', async () => {
  const { emulator } = await scripted([{ delay: 100 }]);
  await using _ = emulator;
  const agent = new Agent({ keepAlive: true });
  try {
    await over(agent, emulator);
    const slow = cancel(emulator);
    while (emulator.requests.length < 2) await setTimeout(5);
    assert.deepEqual([emulator.sockets.open, emulator.sockets.dropIdle()], [2, 1]);
    assert.equal((await slow).status, 200);
    assert.equal(emulator.sockets.opened, 2);
  } finally {
    agent.destroy();
  }
});
