import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { StatusError } from '../src/errors.ts';
import { createHook } from '../src/handler.ts';
import type { Entry } from '../src/log.ts';
import { assertError, TABLE } from './support/error-form.ts';
import { type House, OPERATIONS, OPS, openHouse } from './support/test-app.ts';

const NAME = `${OPERATIONS}/operation-1`;

let house: House;
before(async () => {
  house = await openHouse({
    config: {
      callers: {
        ops: OPS,
        google: { type: 'json', auth: { google: { audience: 'hook', emails: ['a@b.c'] } } },
      },
      allow: [{ operations: [`${OPERATIONS}/*`] }],
      limits: { bodyBytes: 1024, upstreamSeconds: 0.5 },
    },
  });
});
after(() => house.stop());
beforeEach(() => {
  house.cloud.clearRequests();
  house.cloud.clearScripts();
});

type Reasons = Partial<Record<keyof typeof TABLE, () => PromiseLike<unknown>>>;

/** One request for each row of the table that needs no more than a request. */
const ROWS: Reasons = {
  MALFORMED_BODY: () => house.ask({}).send('{'),
  INVALID_REQUEST: () => house.ask({}),
  UNAUTHENTICATED: () => house.ask({ name: NAME }, { Authorization: 'Bearer no' }),
  NOT_ALLOWED: () => house.ask({ name: 'projects/other/locations/l/operations/o' }),
  UNKNOWN_ROUTE: () => house.hook.http.post('/nobody').send({ name: NAME }),
  METHOD_NOT_ALLOWED: () => house.hook.http.get('/ops'),
  BODY_TOO_LARGE: () => house.ask({ name: 'x'.repeat(1024) }),
  UNSUPPORTED_MEDIA_TYPE: () => house.ask({}, { 'Content-Type': 'text/plain' }).send('x'),
  CREDENTIALS_UNAVAILABLE: () => {
    house.cloud.script({ path: /cancel$/ }, [{ status: 401 }, { status: 401 }]);
    return house.ask({ name: NAME });
  },
  KEYS_UNAVAILABLE: () => {
    house.cloud.script({ path: '/oauth2/v1/certs' }, { status: 500 });
    const token = house.cloud.mintIdToken({ aud: 'hook', email: 'a@b.c', email_verified: true });
    return house.hook.http.post('/google').set('Authorization', `Bearer ${token}`).send({});
  },
  UPSTREAM_UNAVAILABLE: () => {
    house.cloud.script({ path: /cancel$/ }, { status: 503 }, { repeat: true });
    return house.ask({ name: NAME });
  },
  UPSTREAM_DEADLINE_EXCEEDED: () => {
    house.cloud.script({ path: /cancel$/ }, { hang: 'before' });
    return house.ask({ name: NAME });
  },
};
/** OVERLOADED is overload.test.ts's; no request is known to bring about INTERNAL, see below. */
const ELSEWHERE = ['OVERLOADED', 'INTERNAL'];

describe("every row of the contract's error table has the one form", () => {
  for (const [reason, bringAbout] of Object.entries(ROWS)) {
    test(reason, async () => {
      const answer = (await bringAbout()) as Parameters<typeof assertError>[0];
      assertError(answer, reason as keyof typeof TABLE);
      assert.equal(answer.headers['x-content-type-options'], 'nosniff');
      assert.equal(answer.headers['cache-control'], 'no-store');
    });
  }

  test('no row is missing here', () => {
    assert.deepEqual([...Object.keys(ROWS), ...ELSEWHERE].sort(), Object.keys(TABLE).sort());
  });
});

test('a fault of the hook is INTERNAL, and neither answer nor log tells its words', async () => {
  const hook = createHook({} as never);
  const entry: Entry = {};
  let refused: StatusError | undefined;
  const caller = {
    authenticate: () => Promise.reject(new TypeError('canary 4711 is not a function')),
    refuse: (error: StatusError) => {
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
  assert.match(String(entry.cause), /^TypeError at .*errors\.test\.ts/);
  assert.doesNotMatch(JSON.stringify(entry) + body, /canary/);
});

test('a caller without a valid proof gets 401, whatever its body holds', async () => {
  const answers = new Set<string>();
  for (const body of ['{', '', JSON.stringify({ name: NAME }), JSON.stringify({ nmae: 1 })]) {
    for (const Authorization of ['', 'Bearer wrong', 'Basic b3BzOm9wcw==']) {
      const answer = await house.ask({}, { Authorization }).type('application/json').send(body);
      assertError(answer, 'UNAUTHENTICATED');
      answers.add(`${answer.headers['www-authenticate']} ${answer.text}`);
    }
  }
  assert.equal(answers.size, 1, 'always the same text');
  assert.deepEqual(house.cloud.requests, []);
});

test('NOT_ALLOWED names the caller and the operation', async () => {
  const name = 'projects/prod/locations/us-central1/operations/o1';
  const { message, metadata } = assertError(await house.ask({ name }), 'NOT_ALLOWED');
  assert.ok(message.startsWith(`No rule allows "ops" to cancel ${name}.`), message);
  assert.deepEqual(metadata, { operation: name, caller: 'ops' });
  assert.deepEqual(house.cloud.requests, []);
});

test('UPSTREAM_UNAVAILABLE tells what upstream said', async () => {
  const { metadata } = assertError(
    (await ROWS.UPSTREAM_UNAVAILABLE?.()) as never,
    'UPSTREAM_UNAVAILABLE',
  );
  assert.deepEqual(metadata, { upstreamStatus: '503', upstreamMessage: 'Scripted 503.' });
});
