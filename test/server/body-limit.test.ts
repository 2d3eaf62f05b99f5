import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { assertError } from '../support/error-form.ts';
import { getPeakMegabytes, getResidentMegabytes, resetPeakMemory } from '../support/memory.ts';
import { connectTo, parseResponse, sendRaw } from '../support/socket.ts';
import { OPERATIONS, OPS_TOKEN, startTestApp, type TestApp } from '../support/test-app.ts';

const LIMIT = 65_536;
const NAME = `${OPERATIONS}/operation-1`;
const HEAD = `POST /ops HTTP/1.1\r\nHost: hook\r\nAuthorization: Bearer ${OPS_TOKEN}\r\nContent-Type: application/json\r\nConnection: close\r\n`;

let app: TestApp;
before(async () => {
  app = await startTestApp({ config: { limits: { bodyBytes: LIMIT } } });
});
after(() => app.stop());

function padded(bytes: number): string {
  const json = JSON.stringify({ name: NAME });
  return json.padEnd(bytes, ' ');
}

function chunked(body: string): string {
  const chunks = body.match(/[\s\S]{1,10000}/g) ?? [];
  const framed = chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('');
  return `${HEAD}Transfer-Encoding: chunked\r\n\r\n${framed}0\r\n\r\n`;
}

const send = async (bytes: string, end = false) =>
  parseResponse(await sendRaw(app.process.url, bytes, { end }));

describe('a body over bodyBytes is BODY_TOO_LARGE', () => {
  test('where its length is declared', async () => {
    const body = padded(LIMIT + 1);
    const { metadata } = assertError(
      await send(`${HEAD}Content-Length: ${body.length}\r\n\r\n${body}`),
      'BODY_TOO_LARGE',
    );
    assert.deepEqual(metadata, { limitBytes: String(LIMIT) });
  });

  test('where it comes in chunks', async () => {
    assertError(await send(chunked(padded(LIMIT + 1))), 'BODY_TOO_LARGE');
  });

  test('where only its length is there, at once', async () => {
    const before = Date.now();
    const socket = connectTo(app.process.url);
    socket.write(`${HEAD}Expect: 100-continue\r\nContent-Length: 10000000000\r\n\r\n`);
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    await new Promise((done) => socket.once('close', done).setTimeout(4_000, () => done(0)));
    socket.destroy();
    const text = Buffer.concat(chunks)
      .toString()
      .replace(/^HTTP\/1\.1 100[^\r]*\r\n\r\n/, '');
    assertError(parseResponse(text), 'BODY_TOO_LARGE');
    assert.ok(Date.now() - before < 4_000);
  });

  test('a body of exactly bodyBytes is accepted', async () => {
    const { status } = await send(chunked(padded(LIMIT)));
    assert.equal(status, 404, 'it came as far as upstream, which knows no such operation');
  });

  test('only for an authenticated sender; anyone else gets 401', async () => {
    const body = padded(LIMIT + 1);
    const declared = `${HEAD}Content-Length: ${body.length}\r\n\r\n${body}`;
    assertError(await send(declared.replace(OPS_TOKEN, 'nobody')), 'UNAUTHENTICATED');
    assertError(await send(chunked(body).replace(OPS_TOKEN, 'nobody')), 'UNAUTHENTICATED');
  });
});

test('a body that ends early is MALFORMED_BODY with one log line', async () => {
  const seen = app.process.logs().length;
  const answer = await send(`${HEAD}Content-Length: 200\r\n\r\n${padded(100)}`, true);
  assertError(answer, 'MALFORMED_BODY');
  await app.process.log((line) => line.error === 'MALFORMED_BODY');
  assert.equal(app.process.logs().length, seen + 1);
});

describe('a hostile body is refused at little cost', () => {
  const hostile: [string, string, 'INVALID_REQUEST' | 'MALFORMED_BODY'][] = [
    ['arrays 30,000 deep', '['.repeat(30_000) + ']'.repeat(30_000), 'INVALID_REQUEST'],
    ['objects 9,000 deep', `${'{"a":'.repeat(9_000)}1${'}'.repeat(9_000)}`, 'INVALID_REQUEST'],
    ['arrays without end', '['.repeat(60_000), 'INVALID_REQUEST'],
    [
      'thousands of unknown fields',
      JSON.stringify(Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`f${i}`, i]))),
      'INVALID_REQUEST',
    ],
    ['one very long field', JSON.stringify({ ['k'.repeat(60_000)]: 1 }), 'INVALID_REQUEST'],
    ['the same field often', `{${'"name":1,'.repeat(6_000)}"name":1}`, 'INVALID_REQUEST'],
    ['a very long name', JSON.stringify({ name: `${NAME}/`.repeat(900) }), 'INVALID_REQUEST'],
    [
      'a very long wait',
      JSON.stringify({ name: NAME, wait: '1'.repeat(60_000) }),
      'INVALID_REQUEST',
    ],
    ['a number beyond all measure', `{"name": ${'9'.repeat(60_000)}}`, 'INVALID_REQUEST'],
  ];
  for (const [what, body, reason] of hostile) {
    test(what, async () => {
      const before = Date.now();
      const answer = await send(`${HEAD}Content-Length: ${body.length}\r\n\r\n${body}`);
      assertError(answer, reason);
      assert.ok(Date.now() - before < 2_000);
      assert.ok(answer.text.length < 32_768, `an answer of ${answer.text.length} characters`);
    });
  }
});

test('a body in chunks of one byte takes the memory of its bytes', async () => {
  const large = await startTestApp();
  const { pid = 0 } = large.process.process;
  const chunks = '1\r\n \r\n'.repeat(500_000);
  const before = getResidentMegabytes(pid);
  resetPeakMemory(pid);
  const raw = await sendRaw(
    large.process.url,
    `${HEAD}Transfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`,
  );
  const grown = getPeakMegabytes(pid) - before;
  await large.stop();
  assertError(parseResponse(raw), 'MALFORMED_BODY');
  assert.ok(grown < 60, `${grown.toFixed(0)} MB`);
});
