/**
 * Requests whose end two readers may see in different places (RFC 9112, 11.2). A front end that reads
 * such a one otherwise than the function would let a sender hide a request in another one's body.
 */

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { assertError } from '../support/error-form.ts';
import { connectTo, parseResponse, sendRaw } from '../support/socket.ts';
import { getCancelRequests, OPS_TOKEN, startTestApp, type TestApp } from '../support/test-app.ts';

let app: TestApp;
before(async () => {
  app = await startTestApp();
});
after(() => app.stop());
beforeEach(() => app.emulator.clearRequests());

const HEAD = `POST /ops HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer ${OPS_TOKEN}\r\n`;

/** A whole request that would cancel, to be hidden in another. */
function hidden(): string {
  const body = JSON.stringify({ name: app.createOperation() });
  return `${HEAD}Content-Length: ${body.length}\r\n\r\n${body}`;
}

const ambiguous: Record<string, (rest: string) => string> = {
  'a length and chunks': (rest) =>
    `${HEAD}Content-Length: ${rest.length + 5}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${rest}`,
  'chunks and a length': (rest) =>
    `${HEAD}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${rest}`,
  'two lengths': (rest) => `${HEAD}Content-Length: 0\r\nContent-Length: 5\r\n\r\n${rest}`,
  'two lengths in one line': (rest) => `${HEAD}Content-Length: 0, 5\r\n\r\n${rest}`,
  'a length with a sign': (rest) => `${HEAD}Content-Length: +0\r\n\r\n${rest}`,
  'a length in hexadecimal': (rest) => `${HEAD}Content-Length: 0x0\r\n\r\n${rest}`,
  'a length beyond all numbers': (rest) =>
    `${HEAD}Content-Length: 18446744073709551616\r\n\r\n${rest}`,
  'an encoding that is unknown': (rest) =>
    `${HEAD}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${rest}`,
  'chunks that are not the last encoding (CVE-2022-32213)': (rest) =>
    `${HEAD}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${rest}`,
  'two encodings (CVE-2020-8287)': (rest) =>
    `${HEAD}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n${rest}`,
  'a blank before the colon (CVE-2021-22959)': (rest) => `${HEAD}Content-Length : 0\r\n\r\n${rest}`,
  'a folded line (RFC 9112, 5.2)': (rest) =>
    `${HEAD}Transfer-Encoding:\r\n chunked\r\nContent-Length: 0\r\n\r\n${rest}`,
  'a line that ends in CR alone (CVE-2023-30589)': (rest) =>
    `${HEAD}X: y\rContent-Length: 0\r\n\r\n${rest}`,
  'a line that ends in LF alone (CVE-2022-32214)': (rest) =>
    `${HEAD.replace('Host: h\r\n', 'Host: h\n')}Content-Length: 0\r\n\r\n${rest}`,
  'headers that end in CR and something': (rest) =>
    `${HEAD}Content-Length: 0\r\n\rX\r\n\r\n${rest}`,
  'a name with a NUL': (rest) => `${HEAD}Content-Length\0: 0\r\n\r\n${rest}`,
  'a chunk whose size is none': (rest) =>
    `${HEAD}Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n${rest}`,
  'a chunk whose size is beyond all numbers': (rest) =>
    `${HEAD}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n\r\n${rest}`,
  'a chunk that is longer than its size': (rest) =>
    `${HEAD}Transfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n${rest}`,
  'a chunk that ends in LF alone': (rest) =>
    `${HEAD}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\n0\r\n\r\n${rest}`,
  'an upgrade to another protocol': (rest) =>
    `${HEAD}Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 5, 0\r\n\r\n${rest}`,
};

describe('an ambiguous request is refused, and nothing after it on the connection is read', () => {
  for (const [what, request] of Object.entries(ambiguous)) {
    test(what, async () => {
      const raw = await sendRaw(app.process.url, request(hidden()));
      assert.equal(raw.match(/^HTTP\/1\.1 /gm)?.length, 1, raw);
      assertError(parseResponse(raw), 'MALFORMED_BODY');
      assert.match(raw, /^connection: close\r$/im);
      assert.deepEqual(getCancelRequests(app.emulator), []);
      await app.process.http.get('/').expect(200);
    });
  }
});

test('a second request in the same bytes is refused and cancels nothing', async () => {
  const raw = await sendRaw(app.process.url, hidden() + hidden());
  assert.deepEqual(raw.match(/^HTTP\/1\.1 \d+/gm), ['HTTP/1.1 200', 'HTTP/1.1 429']);
  assert.equal(getCancelRequests(app.emulator).length, 1);
});

test('the rest of a refused body is no request', async () => {
  const rest = hidden();
  const raw = await sendRaw(
    app.process.url,
    `POST /nobody HTTP/1.1\r\nHost: h\r\nContent-Length: ${rest.length}\r\nConnection: close\r\n\r\n${rest}`,
  );
  assert.deepEqual(raw.match(/^HTTP\/1\.1 \d+/gm), ['HTTP/1.1 404']);
  assert.deepEqual(getCancelRequests(app.emulator), []);
});

test('an extension of a chunk that never ends is cut off (CVE-2024-22019)', async () => {
  const socket = connectTo(app.process.url);
  const closed = new Promise<void>((done) => socket.once('close', () => done()));
  let raw = '';
  socket.on('data', (chunk) => {
    raw += chunk;
  });
  socket.write(`${HEAD}Transfer-Encoding: chunked\r\n\r\n2;`);
  let sent = 0;
  while (!socket.closed && !socket.destroyed && sent < 10_000_000) {
    socket.write('x'.repeat(10_000));
    sent += 10_000;
    await new Promise((done) => setImmediate(done));
  }
  socket.end();
  await closed;
  assert.ok(sent < 10_000_000, 'it took them all');
  assert.doesNotMatch(raw, /^HTTP\/1\.1 200/);
  await app.process.http.get('/').expect(200);
});
