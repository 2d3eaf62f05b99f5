import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import fc from 'fast-check';
import { parseResourceName } from '../../src/resource-name.ts';
import type { Behaviour } from '../emulator/index.ts';
import { assertError } from '../support/error-form.ts';
import { hostileNames, names } from '../support/names.ts';
import { getCancelRequests, startTestApp, type TestApp } from '../support/test-app.ts';

let app: TestApp;
before(async () => {
  app = await startTestApp({ config: { limits: { upstreamSeconds: 2 } } });
});
after(() => app.stop());
beforeEach(() => {
  app.emulator.clearRequests();
  app.emulator.clearScripts();
});

const script = (...behaviours: Behaviour[]) =>
  app.emulator.script({ path: /:cancel$/ }, behaviours);

test('for every accepted name the request upstream is its name in the template, and nothing else', async () => {
  await fc.assert(
    fc.asyncProperty(names, async (name) => {
      app.emulator.clearRequests();
      script({ json: {} });
      await app.post({ name }).expect(200);
      const [request, ...more] = getCancelRequests(app.emulator);
      assert.deepEqual([request?.method, request?.url], ['POST', `/v1/${name}:cancel`]);
      assert.equal(request?.body, '');
      assert.equal(request?.headers['content-length'], '0');
      assert.equal(request?.headers.host, app.emulator.host);
      assert.deepEqual(more, []);
    }),
    { numRuns: 100 },
  );
});

test('for every refused name nothing leaves the function', async () => {
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(hostileNames, async (name) => {
      if (parseResourceName(name)) return;
      refused += 1;
      app.emulator.clearRequests();
      assertError(await app.post({ name: name.toWellFormed() }), 'INVALID_REQUEST');
      assert.deepEqual(app.emulator.requests, []);
    }),
    { numRuns: 200 },
  );
  assert.ok(refused > 100);
});

describe('an answer of upstream comes back unchanged, byte for byte, after one attempt', () => {
  // Not as JSON.stringify would write it: spaces, escapes, numbers and order are upstream's.
  const error = (code: number, status: string) =>
    `{ "error" : {"status":"${status}",\n\t"message":"\\u00fc \\/ ü", "code": ${code}.0, "details": [{"@type":"x","n":1e2}]}}\n`;
  const answers: [number, string][] = [
    [200, '{ }\n'],
    [200, '{"extra": 1.0}'],
    [400, error(400, 'FAILED_PRECONDITION')],
    [401 + 2, error(403, 'PERMISSION_DENIED')],
    [404, error(404, 'NOT_FOUND')],
    [409, error(409, 'ABORTED')],
    [429, error(429, 'RESOURCE_EXHAUSTED')],
    [500, error(500, 'INTERNAL')],
    [501, error(501, 'UNIMPLEMENTED')],
  ];
  for (const [status, raw] of answers) {
    test(`${status} ${raw.length}`, async () => {
      script({ status, raw, headers: { 'content-type': 'application/json; charset=UTF-8' } });
      const answer = await app.post({ name: app.createOperation() });
      assert.deepEqual([answer.status, answer.text], [status, raw]);
      assert.match(answer.headers['content-type'] ?? '', /^application\/json/);
      assert.equal(getCancelRequests(app.emulator).length, 1);
    });
  }

  test('an empty 200 is {}', async () => {
    script({ status: 200, raw: '' });
    const answer = await app.post({ name: app.createOperation() }).expect(200);
    assert.deepEqual(answer.body, {});
  });

  test('a Retry-After of upstream’s 429 comes with it', async () => {
    script({ status: 429, headers: { 'retry-after': '77' } });
    await app.post({ name: app.createOperation() }).expect(429).expect('Retry-After', '77');
  });

  test('no other header of upstream’s does', async () => {
    script({ status: 404, headers: { 'set-cookie': 'a=b', 'x-internal': '1', server: 'ESF' } });
    const { headers } = await app.post({ name: app.createOperation() });
    for (const name of ['set-cookie', 'x-internal', 'server'])
      assert.equal(headers[name], undefined);
  });
});

describe('what is no usable answer is UPSTREAM_UNAVAILABLE', () => {
  const google = { status: 302, redirect: 'https://accounts.google.com/' };
  const unusable: Record<string, Behaviour> = {
    HTML: { raw: '<html>Login</html>', headers: { 'content-type': 'text/html' } },
    'an HTML 404': { status: 404, raw: '<html>Not Found</html>' },
    'an HTML 502': { status: 502, raw: '<html>Bad Gateway</html>' },
    'an error without a body': { status: 500, raw: '' },
    'JSON cut short': { malformed: true },
    'JSON that is no object': { raw: '[]' },
    'JSON that is null': { raw: 'null' },
    'an error that is none': { status: 400, raw: '{"error": "bad"}' },
    'an answer of over 1 MiB': { oversized: 1_100_000 },
    'an answer without end': { oversized: 200_000_000 },
    'a redirect': google,
    'a 307 to ourselves': { redirect: '/v1/elsewhere' },
    'no change': { status: 304, raw: '' },
  };
  for (const [what, behaviour] of Object.entries(unusable)) {
    test(`${what}, and is not asked for again`, async () => {
      script(behaviour);
      const answer = await app.post({ name: app.createOperation() });
      assertError(answer, 'UPSTREAM_UNAVAILABLE');
      assert.match(answer.headers['retry-after'] ?? '', /^\d+$/);
      assert.equal(app.emulator.requests.filter(({ path }) => path.startsWith('/v1/')).length, 1);
    });
  }

  test('an answer of nearly 1 MiB is read', async () => {
    const raw = JSON.stringify({ filler: 'x'.repeat(1_048_000) });
    script({ raw });
    assert.equal((await app.post({ name: app.createOperation() }).expect(200)).text, raw);
  });
});

test('upstream learns who asks and why', async () => {
  const name = app.createOperation();
  for (const [reason, sent] of [
    [undefined, 'cancel-hook caller=ops principal=none'],
    [
      'bulk import ran away',
      'cancel-hook caller=ops principal=none reason=bulk%20import%20ran%20away',
    ],
  ] as const) {
    await app.post({ name, reason });
    const { headers } = getCancelRequests(app.emulator).at(-1) ?? assert.fail();
    assert.equal(headers['x-goog-request-reason'], sent);
    assert.match(headers['user-agent'] ?? '', /^cancel-hook\/\d/);
    assert.match(headers.authorization ?? '', /^Bearer emulated-/);
  }
});

test('a reason of any characters travels in a header, and can be read again', async () => {
  const name = app.createOperation();
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 60 }), async (text) => {
      const reason = `${text}\r\nX-Evil: 1\u2028ü😀`;
      await app.post({ name, reason }).expect(200);
      const { headers } = getCancelRequests(app.emulator).at(-1) ?? assert.fail();
      const sent = String(headers['x-goog-request-reason']);
      assert.match(sent, /^[\x20-\x7e]+$/);
      assert.equal(headers['x-evil'], undefined);
      assert.match(sent, /%0D%0AX-Evil:%201%E2%80%A8%C3%BC%F0%9F%98%80$/);
    }),
    { numRuns: 50 },
  );
});
