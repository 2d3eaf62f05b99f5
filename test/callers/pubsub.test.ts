/** Pub/Sub: what is acknowledged, and what is to come again. */

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { notification } from '../../src/cli/send/senders/cloud-monitoring.ts';
import { envelope } from '../../src/cli/send/senders/pubsub.ts';
import { assertError } from '../support/error-form.ts';
import { parseResponse, sendRaw } from '../support/socket.ts';
import { getCancelRequests, OPERATIONS, startTestApp, type TestApp } from '../support/test-app.ts';

const EMAIL = 'push@my-project.iam.gserviceaccount.com';
const AUDIENCE = 'https://hook.example/queue';
const PARENT = OPERATIONS.replace(/\/operations$/, '');

let app: TestApp;
before(async () => {
  app = await startTestApp({
    emulator: { cancelDelay: Number.POSITIVE_INFINITY },
    config: {
      callers: {
        queue: {
          type: 'pubsub',
          auth: { google: { audience: AUDIENCE, emails: [EMAIL] } },
          wait: '0s',
        },
      },
      allow: [{ principals: [EMAIL], operations: [`${OPERATIONS}/*`], sweep: true }],
    },
  });
});
after(() => app.stop());
beforeEach(() => {
  app.emulator.clearRequests();
  app.emulator.clearScripts();
});

let traces = 0;
const newTrace = () => String(++traces).padStart(32, '0');

async function push(body: string, email = EMAIL, trace = newTrace()) {
  const token = app.emulator.mintIdToken({ aud: AUDIENCE, email, email_verified: true });
  const { status, headers, text } = await app.process.http
    .post('/queue')
    .set({
      Authorization: `Bearer ${token}`,
      'Content-Type': 'application/json',
      traceparent: `00-${trace}-0000000000000001-01`,
    })
    .send(body);
  return { status, headers, text, body: JSON.parse(text) };
}

const publish = (value: unknown) => push(envelope(JSON.stringify(value)));
const cancelled = () => getCancelRequests(app.emulator).map(({ path }) => path);

describe('what no repetition can help is acknowledged, with an ERROR in the log', () => {
  const cases: Readonly<Record<string, [body: string, reason: string]>> = {
    'data that is no JSON': [envelope('stop it'), 'MALFORMED_BODY'],
    'data that is no UTF-8': [
      JSON.stringify({ message: { data: Buffer.from([0xff, 0xfe]).toString('base64') } }),
      'MALFORMED_BODY',
    ],
    'data that is no base64': ['{"message":{"data":"{}"}}', 'INVALID_REQUEST'],
    'data that is empty': ['{"message":{"data":""}}', 'INVALID_REQUEST'],
    'no data': [envelope(undefined), 'INVALID_REQUEST'],
    'no message': ['{"subscription":"projects/p/subscriptions/s"}', 'INVALID_REQUEST'],
    'an unwrapped message': [JSON.stringify({ name: `${OPERATIONS}/o` }), 'INVALID_REQUEST'],
    'an envelope that is no JSON': ['message', 'MALFORMED_BODY'],
    'a request with a wrong name': [envelope('{"name":"o"}'), 'INVALID_REQUEST'],
    'a request with an unknown field': [
      envelope(JSON.stringify({ name: `${OPERATIONS}/o`, force: true })),
      'INVALID_REQUEST',
    ],
    'a notification of another shape': [envelope('{"incident":{}}'), 'INVALID_REQUEST'],
    'an operation that no rule gives': [
      envelope('{"name":"projects/other/locations/l/operations/o"}'),
      'NOT_ALLOWED',
    ],
  };
  for (const [what, [body, reason]] of Object.entries(cases)) {
    test(what, async () => {
      const trace = newTrace();
      const answer = await push(body, EMAIL, trace);
      assert.equal(answer.status, 200);
      assert.equal(answer.body.error.details[0].reason, reason);
      assert.deepEqual(
        app.emulator.requests.filter(({ path }) => path.startsWith('/v1/')),
        [],
      );
      const line = await app.process.log(
        (entry) => entry['logging.googleapis.com/trace'] === trace,
      );
      assert.deepEqual([line.severity, line.error], ['ERROR', reason]);
    });
  }

  test('an operation that upstream does not know', async () => {
    const answer = await publish({ name: `${OPERATIONS}/missing` });
    assert.deepEqual([answer.status, answer.body.error.status], [200, 'NOT_FOUND']);
  });

  test('an incident that names two operations', async () => {
    const answer = await publish(
      notification({ content: `${OPERATIONS}/a`, subject: `${OPERATIONS}/b` }),
    );
    assert.equal(answer.status, 200);
    assert.match(answer.body.operations[0].error.message, /more than one operation/);
    const line = await app.process.log(({ operations }) => Array.isArray(operations));
    assert.deepEqual([line.severity, line.error], ['ERROR', 'INVALID_REQUEST']);
  });
});

describe('what a repetition can help comes again', () => {
  test('a message whose body did not arrive completely', async () => {
    const claims = { aud: AUDIENCE, email: EMAIL, email_verified: true };
    const head = `POST /queue HTTP/1.1\r\nHost: hook\r\nAuthorization: Bearer ${app.emulator.mintIdToken(claims)}\r\nContent-Type: application/json\r\n`;
    const raw = await sendRaw(
      app.process.url,
      `${head}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\nno size\r\n`,
    );
    const response = parseResponse(raw);
    assertError({ ...response, status: 400 }, 'MALFORMED_BODY');
    assert.equal(response.status, 503);
  });

  for (const [upstream, expected] of [
    [503, 503],
    [504, 503],
    [500, 500],
    [429, 503],
  ] as const) {
    test(`upstream's ${upstream} is ${expected}`, async () => {
      const name = app.createOperation();
      app.emulator.script({ path: `/v1/${name}:cancel` }, { status: upstream }, { repeat: true });
      assert.equal((await publish({ name })).status, expected);
      app.emulator.clearScripts();
      assert.equal((await publish({ name })).status, 200);
    });
  }

  test('an open incident whose operation could not be cancelled now', async () => {
    const name = app.createOperation();
    app.emulator.script({ path: `/v1/${name}:cancel` }, { status: 503 }, { repeat: true });
    const answer = await publish(notification({ content: name }));
    assert.equal(answer.status, 503);
    assert.match(answer.headers['retry-after'] ?? '', /^\d+$/);
  });

  test('a sweep, one of whose operations could not be cancelled now', async () => {
    const name = `${OPERATIONS}/very-old`;
    app.emulator.addOperation({ name, createTime: Date.now() - 86_400_000 });
    app.emulator.script({ path: `/v1/${name}:cancel` }, { status: 503 }, { repeat: true });
    const sweep = { parent: PARENT, olderThan: '12h' };
    assert.equal((await publish(sweep)).status, 503);
    app.emulator.clearScripts();
    const answer = await publish(sweep);
    assert.equal(answer.status, 200);
    assert.deepEqual([answer.body.matched, answer.body.operations[0].name], [1, name]);
  });

  test('an access token that could not be had', async () => {
    const other = await startTestApp({
      env: { GCE_METADATA_HOST: '127.0.0.1:9' },
      config: {
        callers: {
          queue: {
            type: 'pubsub',
            auth: { google: { audience: AUDIENCE, emails: [EMAIL] } },
            wait: '0s',
          },
        },
        limits: { upstreamSeconds: 1 },
      },
    });
    try {
      const token = other.emulator.mintIdToken({
        aud: AUDIENCE,
        email: EMAIL,
        email_verified: true,
      });
      const answer = await other.process.http
        .post('/queue')
        .set({ Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' })
        .send(envelope(JSON.stringify({ name: `${OPERATIONS}/o` })));
      assert.ok(answer.status === 503 || answer.status === 504, answer.text);
    } finally {
      await other.stop();
    }
  });

  test("Google's keys that could not be had", async () => {
    const other = await startTestApp({
      config: {
        callers: {
          queue: {
            type: 'pubsub',
            auth: { google: { audience: AUDIENCE, emails: [EMAIL] } },
            wait: '0s',
          },
        },
      },
    });
    try {
      other.emulator.script({ path: '/oauth2/v3/certs' }, { status: 500 }, { repeat: true });
      const token = other.emulator.mintIdToken({
        aud: AUDIENCE,
        email: EMAIL,
        email_verified: true,
      });
      const answer = await other.process.http
        .post('/queue')
        .set({ Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' })
        .send(envelope('{}'));
      assertError(answer, 'KEYS_UNAVAILABLE');
    } finally {
      await other.stop();
    }
  });
});

test('an unauthenticated message gets a 401 and is not acknowledged', async () => {
  const answer = await push(envelope('{}'), 'stranger@my-project.iam.gserviceaccount.com');
  assertError(answer, 'UNAUTHENTICATED');
});

test('base64 may come URL-safe and without its padding', async () => {
  const name = app.createOperation();
  const data = Buffer.from(JSON.stringify({ name, reason: 'ü?~>>' })).toString('base64url');
  const answer = await push(JSON.stringify({ message: { data } }));
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(cancelled(), [`/v1/${name}:cancel`]);
});

test('a message that is delivered twice cancels what is then done', async () => {
  const name = app.createOperation();
  const incident = notification({ content: name });
  assert.equal((await publish(incident)).body.operations[0].outcome, 'PENDING');
  app.emulator.addOperation({ name, duration: 0 });
  const again = await publish(incident);
  assert.equal(again.status, 200);
  assert.deepEqual(again.body.operations, [{ name, outcome: 'ALREADY_DONE' }]);
});

test('a json cancel that is delivered twice is acknowledged as ALREADY_DONE, and logged as INFO', async () => {
  const name = app.createOperation();
  await publish({ name });
  app.emulator.addOperation({ name, duration: 0 });
  const again = await publish({ name });
  assert.deepEqual([again.status, again.headers['cancel-outcome']], [200, 'ALREADY_DONE']);
  const line = await app.process.log(({ outcome }) => outcome === 'ALREADY_DONE');
  assert.deepEqual([line.severity, line.operation, line.error], ['INFO', name, undefined]);
});

test('the log of refused data names the message', async () => {
  for (const [index, data] of ['!!!', Buffer.from('no JSON').toString('base64')].entries()) {
    const messageId = `refused-${index}`;
    assert.equal((await push(JSON.stringify({ message: { data, messageId } }))).status, 200);
    const { severity, alert } = await app.process.log(
      (line) => (line.alert as { id?: string } | undefined)?.id === messageId,
    );
    assert.deepEqual([severity, alert], ['ERROR', { name: 'message', id: messageId }]);
  }
});
