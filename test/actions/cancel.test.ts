import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { assertError } from '../support/error-form.ts';
import {
  ALLOW_ALL,
  getCancelRequests,
  OPERATIONS,
  startTestApp,
  type TestApp,
} from '../support/test-app.ts';

let app: TestApp;
before(async () => {
  app = await startTestApp();
});
after(() => app.stop());
beforeEach(() => app.emulator.clearRequests());

test('a webhook cancels the operation that it names, and no other', async () => {
  const name = app.createOperation();
  const other = app.createOperation();
  const response = await app.post({ name }).expect(200);
  assert.deepEqual(response.body, {});
  assert.match(response.headers['content-type'] ?? '', /^application\/json/);
  assert.deepEqual(
    getCancelRequests(app.emulator).map(({ url }) => url),
    [`/v1/${name}:cancel`],
  );
  assert.equal(app.emulator.operation(name)?.metadata.requestedCancellation, true);
  assert.equal(app.emulator.operation(other)?.metadata.requestedCancellation, false);
});

test('an accepted cancel is CANCEL_REQUESTED, never CANCELLED', async () => {
  const name = `${OPERATIONS}/ends-at-once`;
  app.emulator.addOperation({ name, cancelDelay: 0 });
  await app.post({ name }).expect('Cancel-Outcome', 'CANCEL_REQUESTED');
});

test('a full resource name is the same operation', async () => {
  const name = app.createOperation();
  await app.post({ name: `//privateca.googleapis.com/${name}` }).expect(200);
  assert.deepEqual(
    getCancelRequests(app.emulator).map(({ path }) => path),
    [`/v1/${name}:cancel`],
  );
});

test('a full resource name of another service is refused', async () => {
  const name = app.createOperation();
  assertError(await app.post({ name: `//compute.googleapis.com/${name}` }), 'INVALID_REQUEST');
  assert.deepEqual(app.emulator.requests, []);
});

test('a 400 of upstream for an operation that is done is passed on with ALREADY_DONE, as INFO', async () => {
  const name = `${OPERATIONS}/done`;
  app.emulator.addOperation({ name, duration: 0 });
  const response = await app.post({ name }).expect(400);
  assert.equal(response.body.error.status, 'FAILED_PRECONDITION');
  assert.equal(response.headers['cancel-outcome'], 'ALREADY_DONE');
  const line = await app.process.log(({ operation }) => operation === name);
  assert.deepEqual([line.severity, line.outcome, line.error], ['INFO', 'ALREADY_DONE', undefined]);
});

test('a 400 of upstream for an operation that still runs is passed on without an outcome', async () => {
  const name = app.createOperation();
  app.emulator.script({ path: `/v1/${name}:cancel` }, { status: 400 });
  const response = await app.post({ name }).expect(400);
  assert.equal(response.headers['cancel-outcome'], undefined);
});

test('a reason cannot imitate another field of X-Goog-Request-Reason', async () => {
  const name = app.createOperation();
  await app.post({ name, reason: 'x principal=root%20 ü' }).expect(200);
  const [request] = getCancelRequests(app.emulator).slice(-1);
  assert.equal(
    request?.headers['x-goog-request-reason'],
    'cancel-hook caller=ops principal=none reason=x%20principal%3Droot%2520%20%C3%BC',
  );
});

test('POST / is the caller named default', async () => {
  const other = await startTestApp({
    config: {
      callers: { default: { type: 'json', auth: { bearer: 'env:OPS_TOKEN' } } },
      allow: ALLOW_ALL,
    },
  });
  try {
    const name = other.createOperation();
    const ask = { Authorization: 'Bearer ops-token-0123456789' };
    await other.process.http.post('/').set(ask).send({ name }).expect(200);
    assert.equal(getCancelRequests(other.emulator).length, 1);
    await other.process.http.post('/default?x=1').set(ask).send({ name }).expect(200);
    const greeting = await other.process.http.get('/').expect(200);
    assert.deepEqual(Object.keys(greeting.body), ['service', 'version']);
  } finally {
    await other.stop();
  }
});

test('GET / shows service and version to anyone, and nothing of the configuration', async () => {
  const response = await app.process.http.get('/?probe=1').expect(200);
  assert.match(response.text, /^\{"service":"cancel-hook","version":"\d+\.\d+\.\d+[^"]*"\}$/);
  assert.deepEqual(app.emulator.requests, []);
});

/** The same tests for both ways to cancel nothing. */
function neverCancels(title: string, start: () => Promise<TestApp>, validateOnly: boolean): void {
  describe(title, () => {
    let dry: TestApp;
    before(async () => {
      dry = await start();
    });
    after(() => dry.stop());
    beforeEach(() => dry.emulator.clearRequests());
    const post = (name: string) => dry.post(validateOnly ? { name, validateOnly } : { name });

    test('a running operation is WOULD_CANCEL, with the operation as upstream has it', async () => {
      const name = dry.createOperation();
      const response = await post(name).expect(200).expect('Cancel-Outcome', 'WOULD_CANCEL');
      assert.deepEqual(response.body, dry.emulator.operation(name));
      assert.equal(response.body?.metadata.requestedCancellation, false);
    });

    test('an operation that is done is ALREADY_DONE', async () => {
      const name = `${OPERATIONS}/done`;
      dry.emulator.addOperation({ name, duration: 0 });
      const response = await post(name).expect(200).expect('Cancel-Outcome', 'ALREADY_DONE');
      assert.equal(response.body.done, true);
    });

    test('an operation that does not exist is NOT_FOUND', async () => {
      const response = await post(`${OPERATIONS}/missing`).expect(404);
      assert.equal(response.body.error.status, 'NOT_FOUND');
    });

    test('an operation that no rule allows is NOT_ALLOWED, and not read', async () => {
      assertError(await post('projects/other/locations/l/operations/o'), 'NOT_ALLOWED');
      assert.deepEqual(dry.emulator.requests, []);
    });

    test('the log says WOULD_CANCEL', async () => {
      const name = dry.createOperation();
      await post(name).expect(200);
      const line = await dry.process.log(({ operation }) => operation === name);
      assert.equal(line.outcome, 'WOULD_CANCEL');
    });

    test('upstream receives one read and no cancel', async () => {
      const name = dry.createOperation();
      await post(name).expect(200);
      const requests = dry.emulator.requests.filter(({ path }) => path.startsWith('/v1/'));
      assert.deepEqual(
        requests.map(({ method, url }) => [method, url]),
        [['GET', `/v1/${name}`]],
      );
    });
  });
}

const allow = [{ operations: [`${OPERATIONS}/*`] }];
neverCancels('validateOnly', () => startTestApp({ config: { allow } }), true);
neverCancels('mode: observe', () => startTestApp({ config: { allow, mode: 'observe' } }), false);

test('validateOnly: false cancels', async () => {
  const name = app.createOperation();
  await app.post({ name, validateOnly: false }).expect('Cancel-Outcome', 'CANCEL_REQUESTED');
});
