import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertError } from '../support/error-form.ts';
import { dial } from '../support/socket.ts';
import { OPERATIONS, OPS_TOKEN, startTestApp, type TestApp } from '../support/test-app.ts';

const MIB = 1_048_576;
const NAME = `${OPERATIONS}/missing`;

let app: TestApp;
before(async () => {
  app = await startTestApp({ config: { limits: { bodyBytes: 32 * MIB } } });
});
after(() => app.stop());

/** A request whose body is announced and does not come. */
async function begin(bytes: number): Promise<Socket> {
  const socket = dial(app.process.url);
  await once(socket, 'connect');
  socket.write(
    `POST /ops HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer ${OPS_TOKEN}\r\nContent-Length: ${bytes}\r\n\r\n`,
  );
  return socket;
}

async function refusal(body: object = { name: NAME }) {
  const answer = await app.post(body);
  assertError(answer, 'OVERLOADED');
  assert.match(answer.headers['retry-after'] ?? '', /^\d+$/);
  const line = await app.process.log(({ error }) => error === 'OVERLOADED');
  assert.equal(line.severity, 'ERROR');
}

/** Waits until a request is served again. */
async function recovery(): Promise<void> {
  for (let tries = 0; tries < 50; tries++) {
    const { status } = await app.post({ name: NAME });
    if (status === 404) return;
    await sleep(50);
  }
  assert.fail('the function stays overloaded');
}

test('the 1,001st request in flight is OVERLOADED, with Retry-After; then all goes on', async () => {
  const sockets: Socket[] = [];
  // Not all at one time: that alone may be more than an instance can do.
  for (let i = 0; i < 27; i++) {
    sockets.push(...(await Promise.all(Array.from({ length: 37 }, () => begin(10)))));
  }
  await recovery();
  sockets.push(await begin(10));
  await sleep(100);
  await refusal();
  await app.process.http.get('/').expect(200);
  for (const socket of sockets) socket.destroy();
  await recovery();
});

test('bodies of over 64 MiB at one time are OVERLOADED, with Retry-After', async () => {
  const sockets = await Promise.all([begin(32 * MIB), begin(32 * MIB)]);
  for (const socket of sockets) {
    if (!socket.write(Buffer.alloc(32 * MIB - 1_000, ' '))) await once(socket, 'drain');
  }
  await sleep(200);
  await recovery();
  for (const socket of sockets) socket.write(' '.repeat(600));
  await sleep(100);
  await refusal({ name: NAME, reason: ' '.repeat(2_000) });
  for (const socket of sockets) {
    socket.write(' '.repeat(400));
    const [answer] = await once(socket, 'data');
    assert.match(String(answer), /"MALFORMED_BODY"/, 'who was there first is served');
    socket.destroy();
  }
  await recovery();
});

test('a body counts until its request is answered, not only until it is read', async () => {
  app.emulator.script({ path: /missing$/ }, Array(3).fill({ hang: 'before' }));
  const body = `{"name":"${NAME}","wait":"1s"${' '.repeat(30 * MIB)}}`;
  const ask = () =>
    app.process.http.post('/ops').set('Authorization', `Bearer ${OPS_TOKEN}`).type('json');
  const held = [1, 2].map(() =>
    ask()
      .send(body)
      .catch(() => undefined),
  );
  while (app.emulator.requests.filter(({ path }) => path.endsWith('/missing')).length < 2)
    await sleep(20);
  const third = await ask().send(`{"name":"${NAME}"${' '.repeat(5 * MIB)}}`);
  assertError(third, 'OVERLOADED');
  await Promise.all(held);
  await recovery();
});
