import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { formatLogEntry, type LogEntry, traceFields } from '../src/log.ts';
import type { LogLine } from './support/function.ts';
import { sendRaw } from './support/socket.ts';
import { OPERATIONS, OPS_TOKEN, startTestApp, type TestApp } from './support/test-app.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const TRACEPARENT = `00-${TRACE}-${SPAN}-01`;

let app: TestApp;
before(async () => {
  app = await startTestApp({
    env: { GOOGLE_CLOUD_PROJECT: 'my-project' },
    config: {
      allow: [{ operations: [`${OPERATIONS}/*`], description: 'the night shift' }],
      limits: { bodyBytes: 5_000, upstreamSeconds: 1 },
    },
  });
  // That it serves was seen by asking it: that line is not a test's.
  await app.process.log(({ message }) => message === 'GET /');
});
after(() => app.stop());

/** The lines that were written while `act` ran, once there is one. */
async function linesOf(act: () => PromiseLike<unknown>): Promise<LogLine[]> {
  const seen = app.process.stdout().length;
  await act();
  const written = () => app.process.stdout().slice(seen);
  for (let tries = 0; tries < 100 && !written().endsWith('\n'); tries++) {
    await new Promise((done) => setTimeout(done, 5));
  }
  return written()
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

async function lineOf(act: () => PromiseLike<unknown>): Promise<LogLine> {
  const [line, ...more] = await linesOf(act);
  assert.deepEqual(more, [], 'one line per request');
  return line ?? assert.fail('no line');
}

test('a cancel leaves one line, in the fields that Cloud Logging knows', async () => {
  const name = app.createOperation();
  const line = await lineOf(() =>
    app.post({ name, reason: 'ran away' }, { headers: { Traceparent: TRACEPARENT } }).expect(200),
  );
  const { httpRequest, upstream, message, ...rest } = line;
  assert.deepEqual(rest, {
    severity: 'INFO',
    caller: 'ops',
    operation: name,
    outcome: 'CANCEL_REQUESTED',
    rule: 'allow[0]: the night shift',
    reason: 'ran away',
    'logging.googleapis.com/trace': `projects/my-project/traces/${TRACE}`,
    'logging.googleapis.com/spanId': SPAN,
  });
  const { latency, ...http } = Object(httpRequest);
  assert.match(latency, /^\d+\.\d+s$/);
  assert.deepEqual(http, { requestMethod: 'POST', requestUrl: '/ops', status: 200 });
  const { milliseconds, ...told } = Object(upstream);
  assert.deepEqual(told, { status: 200, attempts: 1 });
  assert.ok(Number.isInteger(milliseconds) && milliseconds >= 0);
  assert.ok(message.includes('CANCEL_REQUESTED') && message.includes(name));
});

describe('severity and error', () => {
  const script = (status: number) =>
    app.emulator.script({ path: /:cancel$/ }, Array(3).fill({ status }));
  const rows: [string, string, string, () => PromiseLike<unknown>][] = [
    ['INFO', '', 'the greeting', () => app.process.http.get('/')],
    ['INFO', 'UNKNOWN_ROUTE', 'an unknown route', () => app.process.http.post('/nobody')],
    ['INFO', 'METHOD_NOT_ALLOWED', 'a wrong method', () => app.process.http.get('/ops')],
    ['INFO', 'INVALID_REQUEST', 'a faulty request', () => app.post({})],
    ['INFO', 'NOT_FOUND', 'an unknown operation', () => app.post({ name: `${OPERATIONS}/no` })],
    ['WARNING', 'UNAUTHENTICATED', 'no credentials', () => app.process.http.post('/ops').send({})],
    [
      'WARNING',
      'NOT_ALLOWED',
      'no rule',
      () => app.post({ name: 'projects/p/locations/l/operations/o' }),
    ],
    [
      'ERROR',
      'UPSTREAM_UNAVAILABLE',
      'upstream’s failure',
      () => {
        script(503);
        return app.post({ name: app.createOperation() });
      },
    ],
    [
      'ERROR',
      'PERMISSION_DENIED',
      'a right that the hook lacks',
      () => {
        script(403);
        return app.post({ name: app.createOperation() });
      },
    ],
    [
      'ERROR',
      'CREDENTIALS_UNAVAILABLE',
      'no access token',
      () => {
        script(401);
        return app.post({ name: app.createOperation() });
      },
    ],
  ];
  for (const [severity, error, what, act] of rows) {
    test(`${what} is ${severity} ${error}`, async () => {
      app.emulator.clearScripts();
      const line = await lineOf(act);
      assert.deepEqual([line.severity, line.error], [severity, error || undefined]);
      assert.ok(line.message.length > 0);
    });
  }
});

describe('the trace', () => {
  test('is told by its bare id where nobody says which project keeps it', () => {
    assert.deepEqual(traceFields(TRACEPARENT, undefined), {
      'logging.googleapis.com/trace': TRACE,
      'logging.googleapis.com/spanId': SPAN,
    });
    assert.ok(traceFields(`cc-${TRACE}-${SPAN}-01-later`, 'p')['logging.googleapis.com/trace']);
  });

  for (const header of [
    '',
    'x',
    TRACE,
    `00-${TRACE}-${SPAN}`,
    `00-${TRACE}-${SPAN}-01x`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE}-${SPAN}-01\n`,
    ` ${TRACEPARENT}`,
    `${TRACE}/${SPAN};o=1`,
  ]) {
    test(`is none in ${JSON.stringify(header)}`, () => {
      assert.deepEqual(traceFields(header, 'p'), {});
    });
  }

  test('malformed, sent over HTTP, is none either', async () => {
    const line = await lineOf(() => app.process.http.get('/').set('Traceparent', '00-canary-x-01'));
    assert.ok(!Object.keys(line).some((key) => key.startsWith('logging.')));
    assert.doesNotMatch(JSON.stringify(line), /canary/);
  });
});

describe('nothing that a caller sends makes a second line', () => {
  const breaks = ['\n', '\r', '\r\n', '\u2028', '\u2029', '\u0085', '\u000b', '\0', '\u001b[2K'];
  const FORGED = '{"severity":"ERROR","message":"forged"}';

  test('neither a reason nor a name nor a key', async () => {
    for (const each of breaks) {
      const text = `${each}${FORGED}${each}`;
      for (const body of [
        { name: app.createOperation(), reason: text },
        { name: `${OPERATIONS}/o${text}` },
        { name: `${OPERATIONS}/o`, [text]: 1 },
      ]) {
        const line = await lineOf(() => app.post(body));
        assert.notEqual(line.message, 'forged');
      }
    }
    assert.doesNotMatch(app.process.stdout(), /\r|\0|\u2028|\u2029/);
  });

  test('neither a path nor a header, as far as HTTP lets them through', async () => {
    for (const path of [
      '/%0a%7b%22severity%22:1%7d',
      '/\u0085',
      `/${encodeURIComponent(FORGED)}`,
      '/"}{"',
    ]) {
      const bytes = `POST ${path} HTTP/1.1\r\nHost: h\r\nTraceparent: \u0085${FORGED}\r\nConnection: close\r\n\r\n`;
      const lines = await linesOf(() => sendRaw(app.process.url, Buffer.from(bytes, 'latin1')));
      assert.ok(lines.length <= 1, path);
      assert.ok(lines.every(({ message }) => message !== 'forged'));
    }
  });

  test('a line is one line, whatever is in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (key, value) => {
        const line = formatLogEntry({ message: value, [`x${key}`]: value } as LogEntry);
        assert.equal(line.split(/\r\n|[\n\r\u2028\u2029]/).length, 2);
        assert.equal(JSON.parse(line).message, value);
      }),
    );
  });
});

test('no path is told at length, and no query, token or header at all', async () => {
  const line = await lineOf(() =>
    app.process.http
      .post(`/${'long'.repeat(1_000)}?auth_token=canary`)
      .set({ Cookie: 'canary' })
      .send({}),
  );
  const text = JSON.stringify(line);
  assert.ok(text.length < 1_000);
  assert.doesNotMatch(text, /canary/);
  const name = app.createOperation();
  const cancelled = await lineOf(() => app.post({ name }).query({ token: 'canary' }));
  assert.ok(!JSON.stringify(cancelled).includes(OPS_TOKEN));
  assert.doesNotMatch(JSON.stringify(cancelled), /canary|emulated-access-token/);
});

test('a path that is no route may hold a slip, and is not logged', async () => {
  for (const path of ['/ops&auth_token=canary-in-path', '/ops%3Fauth_token=canary-in-path']) {
    await app.process.http.post(path).expect(404);
  }
  await app.process.log(({ httpRequest }) => JSON.stringify(httpRequest).includes('(other)'));
  assert.ok(!app.process.stdout().includes('canary-in-path'));
});
