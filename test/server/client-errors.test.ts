/** What Node cannot parse gets a response in the form of all errors, and one log line. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertError } from '../support/error-form.ts';
import type { LogLine } from '../support/function.ts';
import { connectTo, parseResponse, sendRaw } from '../support/socket.ts';
import { OPS_TOKEN, startTestApp, type TestApp } from '../support/test-app.ts';

let app: TestApp;
before(async () => {
  app = await startTestApp();
  await app.process.log(({ message }) => message === 'GET /');
});
after(() => app.stop());

/** The lines that came since `seen` of them were there, once there is one. */
async function linesSince(seen: number): Promise<LogLine[]> {
  for (let tries = 0; tries < 100 && app.process.logs().length === seen; tries++) await sleep(5);
  await sleep(30);
  return app.process.logs().slice(seen);
}

describe('what is not readable as HTTP is MALFORMED_BODY, and leaves one line', () => {
  const hostile: Record<string, string> = {
    'no HTTP at all': 'EHLO canary\r\n\r\n',
    'a method that is none': 'G@T /canary HTTP/1.1\r\nHost: h\r\n\r\n',
    'a TLS greeting': '\x16\x03\x01\x02\x00\x01\x00',
    'a header without a colon': 'GET / HTTP/1.1\r\nHost: h\r\nno colon canary\r\n\r\n',
    'two lengths':
      'POST /ops HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
    'a length and chunks':
      'POST /ops HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'a length below zero': 'POST /ops HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n',
    'headers without end': `GET / HTTP/1.1\r\nHost: h\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
    'no host': 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n',
    'two hosts': 'GET / HTTP/1.1\r\nHost: h\r\nhOST: canary\r\nConnection: close\r\n\r\n',
    'a tunnel': 'CONNECT canary.example:443 HTTP/1.1\r\nHost: h\r\n\r\n',
    'chunks that are none': `POST /ops HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer ${OPS_TOKEN}\r\nTransfer-Encoding: chunked\r\n\r\ncanary\r\n`,
  };
  for (const [what, bytes] of Object.entries(hostile)) {
    test(what, async () => {
      const seen = app.process.logs().length;
      const raw = await sendRaw(app.process.url, bytes);
      assertError(parseResponse(raw), 'MALFORMED_BODY');
      assert.equal(raw.match(/HTTP\/1\.1 /g)?.length, 1, 'one answer');
      const [line, ...more] = await linesSince(seen);
      assert.deepEqual(more, [], 'one line');
      assert.deepEqual([line?.severity, line?.error], ['INFO', 'MALFORMED_BODY']);
      assert.match(line?.message ?? '', /MALFORMED_BODY/);
      assert.equal(Object(line?.httpRequest).status, 400);
      assert.doesNotMatch(JSON.stringify(line), /canary/);
    });
  }
});

test('HTTP/1.0 needs to name no host', async () => {
  assert.equal(parseResponse(await sendRaw(app.process.url, 'GET / HTTP/1.0\r\n\r\n')).status, 200);
});

test('an expectation that nobody knows is ignored, and the request served', async () => {
  const seen = app.process.logs().length;
  const body = JSON.stringify({ name: app.createOperation() });
  const raw = await sendRaw(
    app.process.url,
    `POST /ops HTTP/1.1\r\nHost: h\r\nExpect: a-coffee\r\nConnection: close\r\nContent-Type: application/json\r\nAuthorization: Bearer ${OPS_TOKEN}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  const { status, headers } = parseResponse(raw);
  assert.deepEqual([status, headers['cancel-outcome']], [200, 'CANCEL_REQUESTED']);
  assert.equal((await linesSince(seen)).length, 1);
});

test('a connection that says nothing leaves no line', async () => {
  const seen = app.process.logs().length;
  for (const leave of ['end', 'destroy', 'resetAndDestroy'] as const) {
    const socket = connectTo(app.process.url);
    await once(socket, 'connect');
    socket[leave]();
  }
  await app.process.http.get('/').expect(200);
  assert.equal((await linesSince(seen)).length, 1, 'but that of the request after them');
});

/** The statuses of all that comes back for bytes that are sent in parts. */
async function statusesOf(...parts: string[]): Promise<number[]> {
  const socket = connectTo(app.process.url);
  const closed = once(socket, 'close');
  let raw = '';
  socket.on('data', (chunk) => {
    raw += chunk;
  });
  for (const part of parts) {
    socket.write(part);
    await sleep(50);
  }
  await closed;
  return [...raw.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status));
}

function authenticated(headers: string): string {
  return `POST /ops HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nAuthorization: Bearer ${OPS_TOKEN}\r\n${headers}\r\n\r\n`;
}

function cancelOf(name: string): string {
  const body = JSON.stringify({ name });
  return `${authenticated(`Content-Length: ${body.length}`)}${body}`;
}

const CHUNKED = 'Transfer-Encoding: chunked';

describe('what is not HTTP after a request in progress closes the connection after its response', () => {
  const followers = {
    'no HTTP': 'EHLO canary\r\n\r\n',
    'a tunnel': 'CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n',
  };
  for (const [what, follower] of Object.entries(followers)) {
    test(what, { timeout: 10_000 }, async () => {
      const seen = app.process.logs().length;
      const name = app.createOperation();
      app.emulator.script({ path: `/v1/${name}:cancel` }, { delay: 200 });
      assert.deepEqual(await statusesOf(`${cancelOf(name)}${follower}`), [200]);
      const [line, ...more] = await linesSince(seen);
      assert.deepEqual([line?.operation, more], [name, []]);
    });
  }
});

describe('a request that is refused by its head gets no second response for an unreadable body', () => {
  const heads: Readonly<Record<string, readonly [status: number, head: string]>> = {
    'for its encoding': [415, authenticated(`Content-Encoding: gzip\r\n${CHUNKED}`)],
    'for its credentials': [401, authenticated(CHUNKED).replace(OPS_TOKEN, 'none')],
    'for its credentials, at the end of the connection': [
      401,
      authenticated(`Connection: close\r\n${CHUNKED}`).replace(OPS_TOKEN, 'none'),
    ],
  };
  for (const [what, [status, head]] of Object.entries(heads)) {
    test(what, { timeout: 10_000 }, async () => {
      const seen = app.process.logs().length;
      assert.deepEqual(await statusesOf(head, 'canary\r\n\r\n'), [status]);
      assert.equal((await linesSince(seen)).length, 1, 'one line');
    });
  }

  test('nor for one that ends early', async () => {
    const bytes = `${authenticated('Content-Length: 999999999')}canary`;
    const raw = await sendRaw(app.process.url, bytes, { end: true });
    assert.deepEqual(raw.match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 413']);
  });
});
