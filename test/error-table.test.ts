import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { StatusError } from '../src/errors.ts';
import { createHandler } from '../src/handler.ts';
import type { LogEntry } from '../src/log.ts';
import { assertError, ERRORS } from './support/error-form.ts';
import { OPERATIONS, OPS_CALLER, startTestApp, type TestApp } from './support/test-app.ts';

const NAME = `${OPERATIONS}/operation-1`;

let app: TestApp;
before(async () => {
  app = await startTestApp({
    config: {
      callers: {
        ops: OPS_CALLER,
        limited: { ...OPS_CALLER, cancelsPerMinute: 1 },
        google: { type: 'json', auth: { google: { audience: 'hook', emails: ['a@b.c'] } } },
      },
      allow: [{ operations: [`${OPERATIONS}/*`] }],
      limits: { bodyBytes: 1024, upstreamSeconds: 0.5 },
    },
  });
});
after(() => app.stop());
beforeEach(() => {
  app.emulator.clearRequests();
  app.emulator.clearScripts();
});

type Reasons = Partial<Record<keyof typeof ERRORS, () => PromiseLike<unknown>>>;

/** One request for each row of the table that needs no more than a request. */
const ROWS: Reasons = {
  MALFORMED_BODY: () => app.post({}).send('{'),
  INVALID_REQUEST: () => app.post({}),
  UNAUTHENTICATED: () => app.post({ name: NAME }, { headers: { Authorization: 'Bearer no' } }),
  NOT_ALLOWED: () => app.post({ name: 'projects/other/locations/l/operations/o' }),
  UNKNOWN_ROUTE: () => app.process.http.post('/nobody').send({ name: NAME }),
  METHOD_NOT_ALLOWED: () => app.process.http.get('/ops'),
  BODY_TOO_LARGE: () => app.post({ name: 'x'.repeat(1024) }),
  UNSUPPORTED_MEDIA_TYPE: () =>
    app.post({}, { headers: { 'Content-Type': 'text/plain' } }).send('x'),
  RATE_LIMITED: async () => {
    await app.post({ name: app.createOperation({ name: NAME }) }, { route: 'limited' }).expect(200);
    return app.post({ name: NAME }, { route: 'limited' });
  },
  CREDENTIALS_UNAVAILABLE: () => {
    app.emulator.script({ path: /cancel$/ }, [{ status: 401 }, { status: 401 }]);
    return app.post({ name: NAME });
  },
  KEYS_UNAVAILABLE: () => {
    app.emulator.script({ path: '/oauth2/v3/certs' }, { status: 500 });
    const token = app.emulator.mintIdToken({ aud: 'hook', email: 'a@b.c', email_verified: true });
    return app.process.http.post('/google').set('Authorization', `Bearer ${token}`).send({});
  },
  UPSTREAM_UNAVAILABLE: () => {
    app.emulator.script({ path: /cancel$/ }, { status: 503 }, { repeat: true });
    return app.post({ name: NAME });
  },
  UPSTREAM_DEADLINE_EXCEEDED: () => {
    app.emulator.script({ path: /cancel$/ }, { hang: 'before' });
    return app.post({ name: NAME });
  },
};
/** server/request-handler.test.ts covers OVERLOADED; no request is known to bring about INTERNAL, see below. */
const ELSEWHERE = ['OVERLOADED', 'LIMIT_EXCEEDED', 'INTERNAL'];

describe("every row of the contract's error table has the one form", () => {
  for (const [reason, bringAbout] of Object.entries(ROWS)) {
    test(reason, async () => {
      const answer = (await bringAbout()) as Parameters<typeof assertError>[0];
      assertError(answer, reason as keyof typeof ERRORS);
      assert.equal(answer.headers['x-content-type-options'], 'nosniff');
      assert.equal(answer.headers['cache-control'], 'no-store');
    });
  }

  test('no row is missing here', () => {
    assert.deepEqual([...Object.keys(ROWS), ...ELSEWHERE].sort(), Object.keys(ERRORS).sort());
  });
});

test('a fault of the hook is INTERNAL, and neither answer nor log tells its words', async () => {
  const hook = createHandler({ rules: [], deps: {} } as never);
  const entry: LogEntry = {};
  let refused: StatusError | undefined;
  const caller = {
    authenticate: () => Promise.reject(new TypeError('canary 4711 is not a function')),
    renderError: (error: StatusError) => {
      refused = error;
      return { status: error.code, headers: {}, body: error.body };
    },
  };
  const reply = await hook.authenticate(caller as never, {} as never, entry);
  if (!('status' in reply)) assert.fail('it was let in');
  const { status, body } = reply;
  assertError({ status, text: body, headers: { 'content-type': 'application/json' } }, 'INTERNAL');
  assert.ok(refused instanceof StatusError);
  assert.equal(entry.severity, 'ERROR');
  assert.equal(entry.error, 'INTERNAL');
  assert.match(String(entry.cause), /^TypeError at .*error-table\.test\.ts/);
  assert.doesNotMatch(JSON.stringify(entry) + body, /canary/);
});

test('a caller without valid credentials gets 401, whatever its body holds', async () => {
  const answers = new Set<string>();
  for (const body of ['{', '', JSON.stringify({ name: NAME }), JSON.stringify({ nmae: 1 })]) {
    for (const Authorization of ['', 'Bearer wrong', 'Basic b3BzOm9wcw==']) {
      const answer = await app
        .post({}, { headers: { Authorization } })
        .type('application/json')
        .send(body);
      assertError(answer, 'UNAUTHENTICATED');
      answers.add(`${answer.headers['www-authenticate']} ${answer.text}`);
    }
  }
  assert.equal(answers.size, 1, 'always the same text');
  assert.deepEqual(app.emulator.requests, []);
});

test('NOT_ALLOWED names the caller, the operation, and the condition that fails, as data', async () => {
  const name = 'projects/prod/locations/us-central1/operations/o1';
  const { message, metadata } = assertError(await app.post({ name }), 'NOT_ALLOWED');
  const hint = 'No rule for you covers this project.';
  assert.equal(message, `No rule allows "ops" to cancel ${name}. ${hint}`);
  assert.deepEqual(metadata, { operation: name, caller: 'ops', condition: 'project', hint });
  assert.deepEqual(app.emulator.requests, []);
});

test('UPSTREAM_UNAVAILABLE tells what upstream said', async () => {
  const { metadata } = assertError(
    (await ROWS.UPSTREAM_UNAVAILABLE?.()) as never,
    'UPSTREAM_UNAVAILABLE',
  );
  assert.deepEqual(metadata, { upstreamStatus: '503', upstreamMessage: 'Scripted 503.' });
});
