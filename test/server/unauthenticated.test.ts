/** A request whose head shows that its sender is not authenticated gets 401 before its body is read. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sent } from '../fixtures/fixture.ts';
import { ALL_CALLERS, routed, toWorld } from '../support/callers.ts';
import { assertError } from '../support/error-form.ts';
import { connectTo, parseResponse } from '../support/socket.ts';
import { getApiPaths, startTestApp, type TestApp } from '../support/test-app.ts';

const MIB = 1_048_576;

let app: TestApp;
before(async () => {
  app = await startTestApp(ALL_CALLERS);
});
after(() => app.stop());

/** A request's head on a connection of its own, with what it says of a body that is still to come. */
async function begin(route: string, sent: Sent, framing: string): Promise<Socket> {
  const socket = connectTo(app.process.url);
  await once(socket, 'connect');
  const headers = Object.entries(sent.headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const query = sent.query === undefined ? '' : `?${sent.query}`;
  const head = `${sent.method} /${route}${query} HTTP/1.1\r\nHost: hook\r\n${framing}\r\n`;
  socket.write(`${head}${headers.join('')}\r\n`);
  return socket;
}

async function answerOn(socket: Socket, milliseconds = 1_500) {
  const [bytes] = await once(socket, 'data', { signal: AbortSignal.timeout(milliseconds) });
  return parseResponse(String(bytes));
}

async function refusedAtOnce(route: string, sent: Sent, what: string): Promise<void> {
  const socket = await begin(route, sent, 'Content-Length: 2000');
  const answer = await answerOn(socket).catch((error) => assert.fail(`${what}: ${error}`));
  const { message } = assertError(answer, 'UNAUTHENTICATED');
  assert.equal(message, 'Missing or invalid credentials.');
  socket.destroy();
}

describe('a head without valid credentials gets 401 before the body arrives', () => {
  for (const { type, fixture, route } of routed) {
    test(`${type}: ${fixture.name}`, async () => {
      const { credentials, timed, signsBody } = fixture;
      const world = toWorld(app);
      const name = app.createOperation();
      const send = (options = {}) => fixture.send(world, fixture.body(world, name), options);
      for (const part of credentials) {
        const whole = part.get(send());
        await refusedAtOnce(route, part.set(send(), undefined), `no ${part.what}`);
        await refusedAtOnce(route, part.set(send(), ''), `an empty ${part.what}`);
        // As long as a signature is.
        if (whole.length < part.prefix.length + 44) continue;
        await refusedAtOnce(route, part.set(send(), whole.slice(0, -4)), `a short ${part.what}`);
      }
      if (timed) await refusedAtOnce(route, send({ at: world.now - timed.stale }), 'stale');
      if (!signsBody) await refusedAtOnce(route, send({ secret: 'wrongKey' }), 'wrongKey');
      assert.deepEqual(getApiPaths(app.emulator), []);
    });
  }

  test('to Slack without any signature, unless it may still be an ssl_check', async () => {
    const { route } = routed.find(({ type }) => type === 'slack') ?? assert.fail();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const unsigned: Sent = { method: 'POST', headers, body: '' };
    await refusedAtOnce(route, unsigned, 'long');
    const chunked = await begin(route, unsigned, 'Transfer-Encoding: chunked');
    chunked.write(`1f4\r\n${'a'.repeat(500)}\r\n`);
    await assert.rejects(answerOn(chunked, 300));
    chunked.write(`1f5\r\n${'a'.repeat(501)}\r\n`);
    assertError(await answerOn(chunked), 'UNAUTHENTICATED');
    chunked.destroy();
  });
});

test('a sender that is still sending its body receives the 401, and the connection stays usable', async () => {
  const sent: Sent = { method: 'POST', headers: { authorization: 'Bearer x' }, body: '' };
  const { route } = routed.find(({ fixture }) => fixture.name === 'bearer') ?? assert.fail();
  const socket = await begin(route, sent, `Content-Length: ${MIB}`);
  assertError(await answerOn(socket), 'UNAUTHENTICATED');
  for (let bytes = 0; bytes < MIB; bytes += MIB / 16) {
    socket.write(Buffer.alloc(MIB / 16));
    await sleep(5);
  }
  socket.write('GET / HTTP/1.1\r\nHost: hook\r\n\r\n');
  assert.equal((await answerOn(socket)).status, 200);
  socket.destroy();
});
