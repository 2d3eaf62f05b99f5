import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { assertError } from '../support/error-form.ts';
import { parseResponse, sendRaw } from '../support/socket.ts';
import { OPS_TOKEN, startTestApp, type TestApp } from '../support/test-app.ts';

let app: TestApp;
before(async () => {
  app = await startTestApp();
});
after(() => app.stop());

/** Sent by hand: a client would tidy such paths. */
async function request(line: string, headers = '') {
  const bytes = `${line} HTTP/1.1\r\nHost: hook\r\nConnection: close\r\n${headers}\r\n`;
  return parseResponse(await sendRaw(app.process.url, bytes));
}

describe('another path is UNKNOWN_ROUTE, whatever the method', () => {
  const paths = [
    '/nobody',
    '/OPS',
    '/ops/more',
    '//',
    '//ops',
    '/ops//',
    '/./ops',
    '/../ops',
    '/%6fps',
    '/%',
    '/%00',
    '/%2f',
    '/%c0%af',
    '/favicon.ico',
    '/robots.txt',
    '/__proto__',
    '/constructor',
    '/ops;x=1',
    '/ops%20',
    `/${'a'.repeat(12_000)}`,
    `/${'a/'.repeat(6_000)}`,
  ];
  for (const path of paths) {
    test(path.slice(0, 20), async () => {
      for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS']) {
        const answer = await request(`${method} ${path}`);
        assertError(answer, 'UNKNOWN_ROUTE');
      }
    });
  }

  test('POST / without a caller named default', async () => {
    assertError(await request('POST /', 'Content-Length: 0\r\n'), 'UNKNOWN_ROUTE');
  });

  test('a request target that is no path', async () => {
    assertError(await request('OPTIONS *'), 'UNKNOWN_ROUTE');
  });

  test('a request target may name the host as well (RFC 9112, 3.2.2)', async () => {
    assertError(await request('GET http://hook.example/ops?x'), 'METHOD_NOT_ALLOWED');
    assertError(await request('POST http://hook.example/nobody'), 'UNKNOWN_ROUTE');
    assert.equal((await request('GET http://hook.example')).status, 404);
    assert.equal((await request('GET http://hook.example/')).status, 200);
  });
});

describe('another method is METHOD_NOT_ALLOWED, with Allow', () => {
  for (const method of ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND']) {
    test(`${method} /ops`, async () => {
      const answer = await request(`${method} /ops`, `Authorization: Bearer ${OPS_TOKEN}\r\n`);
      assert.equal(answer.status, 405);
      assert.equal(answer.headers.allow, 'POST');
      if (method !== 'HEAD') assertError(answer, 'METHOD_NOT_ALLOWED');
    });
  }

  test('DELETE /', async () => {
    const answer = await request('DELETE /');
    assertError(answer, 'METHOD_NOT_ALLOWED');
    assert.match(answer.headers.allow ?? '', /\bGET\b/);
  });
});

test('a query says nothing about the route', async () => {
  const name = app.createOperation();
  const ask = app.process.http.post('/ops?a=/nobody&caller=x#').set({
    Authorization: `Bearer ${OPS_TOKEN}`,
  });
  await ask.send({ name }).expect(200);
});

test('one trailing slash after the caller is accepted', async () => {
  const name = app.createOperation();
  const post = app.process.http.post('/ops/').set({ Authorization: `Bearer ${OPS_TOKEN}` });
  await post.send({ name }).expect(200);
});

test('GET and HEAD of /healthz get 200, another method 405', async () => {
  const { status, text } = await request('GET /healthz');
  assert.deepEqual([status, JSON.parse(text).service], [200, 'cancel-hook']);
  assert.equal((await request('HEAD /healthz')).status, 200);
  const refused = await request('POST /healthz', 'Content-Length: 0\r\n');
  assertError(refused, 'METHOD_NOT_ALLOWED');
  assert.equal(refused.headers.allow, 'GET, HEAD');
});
