/** What a stranger's head shows is answered before their body is read, and their bodies keep nobody out. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sent } from '../fixtures/fixture.ts';
import { type Callers, openCallers, routed } from '../support/callers.ts';
import { assertError } from '../support/error-form.ts';
import { dial, parseAnswer } from '../support/socket.ts';

const MIB = 1_048_576;

let callers: Callers;
before(async () => {
  callers = await openCallers();
});
after(() => callers.stop());

/** A request's head on a connection of its own, with what it says of a body that is still to come. */
async function begin(route: string, sent: Sent, framing: string): Promise<Socket> {
  const socket = dial(callers.url);
  await once(socket, 'connect');
  const headers = Object.entries(sent.headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const query = sent.query === undefined ? '' : `?${sent.query}`;
  const head = `${sent.method} /${route}${query} HTTP/1.1\r\nHost: hook\r\n${framing}\r\n`;
  socket.write(`${head}${headers.join('')}\r\n`);
  return socket;
}

async function answerOn(socket: Socket, milliseconds = 1_500) {
  const [bytes] = await once(socket, 'data', { signal: AbortSignal.timeout(milliseconds) });
  return parseAnswer(String(bytes));
}

async function refusedAtOnce(route: string, sent: Sent, what: string): Promise<void> {
  const socket = await begin(route, sent, 'Content-Length: 2000');
  const answer = await answerOn(socket).catch((error) => assert.fail(`${what}: ${error}`));
  const { message } = assertError(answer, 'UNAUTHENTICATED');
  assert.equal(message, 'No valid proof of who sent this request.');
  socket.destroy();
}

function signedBy(secret: 'current' | 'foreign', body = '{}') {
  const index = routed.findIndex(({ fixture }) => fixture.name.includes('standardWebhooks'));
  const { fixture, route } = routed[index] ?? assert.fail('no such fixture');
  return { route, sent: fixture.send(callers.world(), body, { secret }) };
}

describe('before any of the body is there, a 401 answers', () => {
  for (const { type, fixture, route } of routed) {
    test(`${type}: ${fixture.name}`, async () => {
      const { proof, timed, coversBody } = fixture;
      const world = callers.world();
      const name = callers.running();
      const send = (proving = {}) => fixture.send(world, fixture.body(world, name), proving);
      for (const part of proof) {
        const whole = part.get(send());
        await refusedAtOnce(route, part.set(send(), undefined), `no ${part.what}`);
        await refusedAtOnce(route, part.set(send(), ''), `an empty ${part.what}`);
        // As long as a signature is.
        if (whole.length < part.prefix.length + 44) continue;
        await refusedAtOnce(route, part.set(send(), whole.slice(0, -4)), `a short ${part.what}`);
      }
      if (timed) await refusedAtOnce(route, send({ at: world.now - timed.stale }), 'stale');
      if (!coversBody) await refusedAtOnce(route, send({ secret: 'foreign' }), 'foreign');
      assert.deepEqual(callers.asked(), []);
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

test('a stranger in the middle of sending gets to see the 401, and may use the connection again', async () => {
  const stranger: Sent = { method: 'POST', headers: { authorization: 'Bearer x' }, body: '' };
  const { route } = routed.find(({ fixture }) => fixture.name === 'bearer') ?? assert.fail();
  for (const closing of [true, false]) {
    const length = `Content-Length: ${MIB}${closing ? '\r\nConnection: close' : ''}`;
    const socket = await begin(route, stranger, length);
    assertError(await answerOn(socket), 'UNAUTHENTICATED');
    let sent = 0;
    const closed = once(socket, 'close').then(() => sent);
    for (; sent < MIB; await sleep(5)) {
      sent += MIB / 16;
      socket.write(Buffer.alloc(MIB / 16));
    }
    if (closing) assert.equal(await closed, MIB, 'the body was let come to its end');
    else {
      socket.write('GET / HTTP/1.1\r\nHost: hook\r\n\r\n');
      assert.equal((await answerOn(socket)).status, 200);
    }
    socket.destroy();
  }
});

test('a stranger who sends for ever is cut off, long after the answer', async () => {
  const stranger: Sent = { method: 'POST', headers: { authorization: 'Bearer x' }, body: '' };
  const { route } = routed.find(({ fixture }) => fixture.name === 'bearer') ?? assert.fail();
  const started = Date.now();
  const socket = await begin(route, stranger, `Content-Length: ${MIB}`);
  assertError(await answerOn(socket), 'UNAUTHENTICATED');
  const dripping = setInterval(() => socket.write('x'), 50);
  await once(socket, 'close');
  clearInterval(dripping);
  const took = Date.now() - started;
  assert.ok(took > 1_500 && took < 5_000, `${took} ms`);
});

describe('bodies signed by nobody knows whom', () => {
  const sockets: Socket[] = [];
  const slow = async (bytes: number) => {
    const { route, sent } = signedBy('foreign');
    const socket = await begin(route, sent, `Content-Length: ${MIB}`);
    sockets.push(socket);
    if (bytes > 0 && !socket.write(Buffer.alloc(bytes))) await once(socket, 'drain');
    return socket;
  };
  const assertServed = async () => {
    for (const { fixture, route } of routed) {
      const name = callers.running();
      const world = callers.world();
      const answer = await callers.ask(route, fixture.send(world, fixture.body(world, name)));
      fixture.accepted(answer, name, world);
      callers.forget();
    }
  };
  after(() => {
    for (const socket of sockets) socket.destroy();
  });

  test('of which 64 MiB are on their way keep nobody out: the oldest gives way', async () => {
    const first = await slow(MIB - 1);
    for (let others = 0; others < 63; others++) await slow(MIB - 1);
    await assertServed();
    const answer = first.read() ?? (await once(first, 'data'))[0];
    const refusal = parseAnswer(String(answer));
    assertError(refusal, 'OVERLOADED');
    assert.match(refusal.headers['retry-after'] ?? '', /^\d+$/);
    for (const socket of sockets.splice(0)) socket.destroy();
  });

  test('of which 1,100 are waited for keep nobody out either', async () => {
    const first = await slow(0);
    for (let i = 0; i < 22; i++) await Promise.all(Array.from({ length: 50 }, () => slow(0)));
    await assertServed();
    assertError(await answerOn(first), 'OVERLOADED');
    for (const socket of sockets.splice(0)) socket.destroy();
  });

  test('that come in very many very small pieces count as what they cost', async () => {
    const { route, sent } = signedBy('foreign');
    const socket = await begin(route, sent, 'Transfer-Encoding: chunked');
    socket.write('1\r\n \r\n'.repeat(70_000));
    assertError(await answerOn(socket, 5_000), 'OVERLOADED');
    socket.destroy();
  });
});
