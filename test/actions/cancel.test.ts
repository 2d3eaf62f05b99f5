import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { assertError } from '../support/error-form.ts';
import { ANYTHING, cancels, type House, OPERATIONS, openHouse } from '../support/test-app.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.stop());
beforeEach(() => house.cloud.clearRequests());

test('a webhook cancels the operation that it names, and no other', async () => {
  const name = house.running();
  const other = house.running();
  const answer = await house.ask({ name }).expect(200);
  assert.deepEqual(answer.body, {});
  assert.match(answer.headers['content-type'] ?? '', /^application\/json/);
  assert.deepEqual(
    cancels(house.cloud).map(({ url }) => url),
    [`/v1/${name}:cancel`],
  );
  assert.equal(house.cloud.operation(name)?.metadata.requestedCancellation, true);
  assert.equal(house.cloud.operation(other)?.metadata.requestedCancellation, false);
});

test('an accepted cancel is CANCEL_REQUESTED, never CANCELLED', async () => {
  const name = `${OPERATIONS}/ends-at-once`;
  house.cloud.addOperation({ name, cancelDelay: 0 });
  await house.ask({ name }).expect('Cancel-Outcome', 'CANCEL_REQUESTED');
});

test('a full resource name is the same operation', async () => {
  const name = house.running();
  await house.ask({ name: `//privateca.googleapis.com/${name}` }).expect(200);
  assert.deepEqual(
    cancels(house.cloud).map(({ path }) => path),
    [`/v1/${name}:cancel`],
  );
});

test('a full resource name of another service is no name', async () => {
  const name = house.running();
  assertError(await house.ask({ name: `//compute.googleapis.com/${name}` }), 'INVALID_REQUEST');
  assert.deepEqual(house.cloud.requests, []);
});

test('an error of upstream has no outcome: nothing is claimed to be known', async () => {
  const name = `${OPERATIONS}/done`;
  house.cloud.addOperation({ name, duration: 0 });
  const answer = await house.ask({ name }).expect(400);
  assert.equal(answer.body.error.status, 'FAILED_PRECONDITION');
  assert.equal(answer.headers['cancel-outcome'], undefined);
});

test('POST / is the caller named default', async () => {
  const other = await openHouse({
    config: {
      callers: { default: { type: 'json', auth: { bearer: 'env:OPS_TOKEN' } } },
      allow: ANYTHING,
    },
  });
  try {
    const name = other.running();
    const ask = { Authorization: 'Bearer ops-token-0123456789' };
    await other.hook.http.post('/').set(ask).send({ name }).expect(200);
    assert.equal(cancels(other.cloud).length, 1);
    await other.hook.http.post('/default?x=1').set(ask).send({ name }).expect(200);
    const greeting = await other.hook.http.get('/').expect(200);
    assert.deepEqual(Object.keys(greeting.body), ['service', 'version']);
  } finally {
    await other.stop();
  }
});

test('GET / tells service and version, to anyone, and nothing of the configuration', async () => {
  const answer = await house.hook.http.get('/?probe=1').expect(200);
  assert.match(answer.text, /^\{"service":"cancel-hook","version":"\d+\.\d+\.\d+[^"]*"\}$/);
  assert.deepEqual(house.cloud.requests, []);
});

/** One law, two ways to ask for it. */
function neverCancels(title: string, start: () => Promise<House>, validateOnly: boolean): void {
  describe(title, () => {
    let dry: House;
    before(async () => {
      dry = await start();
    });
    after(() => dry.stop());
    beforeEach(() => dry.cloud.clearRequests());
    const ask = (name: string) => dry.ask(validateOnly ? { name, validateOnly } : { name });

    test('a running operation is WOULD_CANCEL, with the operation as upstream has it', async () => {
      const name = dry.running();
      const answer = await ask(name).expect(200).expect('Cancel-Outcome', 'WOULD_CANCEL');
      assert.deepEqual(answer.body, dry.cloud.operation(name));
      assert.equal(answer.body?.metadata.requestedCancellation, false);
    });

    test('one that is done is ALREADY_DONE', async () => {
      const name = `${OPERATIONS}/done`;
      dry.cloud.addOperation({ name, duration: 0 });
      const answer = await ask(name).expect(200).expect('Cancel-Outcome', 'ALREADY_DONE');
      assert.equal(answer.body.done, true);
    });

    test('one that is missing is NOT_FOUND', async () => {
      const answer = await ask(`${OPERATIONS}/missing`).expect(404);
      assert.equal(answer.body.error.status, 'NOT_FOUND');
    });

    test('one that no rule gives is NOT_ALLOWED, and not read', async () => {
      assertError(await ask('projects/other/locations/l/operations/o'), 'NOT_ALLOWED');
      assert.deepEqual(dry.cloud.requests, []);
    });

    test('the log says WOULD_CANCEL', async () => {
      const name = dry.running();
      await ask(name).expect(200);
      const line = await dry.hook.log(({ operation }) => operation === name);
      assert.equal(line.outcome, 'WOULD_CANCEL');
    });

    test('nothing asked upstream for a cancel, all the while', async () => {
      const name = dry.running();
      await ask(name).expect(200);
      const asked = dry.cloud.requests.filter(({ path }) => path.startsWith('/v1/'));
      assert.deepEqual(
        asked.map(({ method, url }) => [method, url]),
        [['GET', `/v1/${name}`]],
      );
    });
  });
}

const allow = [{ operations: [`${OPERATIONS}/*`] }];
neverCancels('validateOnly', () => openHouse({ config: { allow } }), true);
neverCancels('mode: observe', () => openHouse({ config: { allow, mode: 'observe' } }), false);

test('validateOnly: false cancels', async () => {
  const name = house.running();
  await house.ask({ name, validateOnly: false }).expect('Cancel-Outcome', 'CANCEL_REQUESTED');
});
