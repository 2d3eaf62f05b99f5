/** What holds for each row of the table, from a request to the emulator's service and back. */

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { resourceTypes } from '../../src/resources/index.ts';
import { assertError } from '../support/error-form.ts';
import { startTestApp, type TestApp } from '../support/test-app.ts';

const HOUR = 3_600_000;
const MORE_THAN_A_PAGE = 501;
let app: TestApp;
before(async () => {
  app = await startTestApp({
    emulator: { services: 'all', cancelDelay: 0 },
    config: {
      allow: resourceTypes.map(({ service, shape }) => ({
        operations: [`//${service}/${shape}`],
        sweep: true,
      })),
    },
  });
});
after(() => app.stop());
beforeEach(() => app.reset());

for (const { service, shape, example, list } of resourceTypes) {
  const full = (path: string) => `//${service}/${path}`;
  const named = (id: string) => full(example.replace(/[^/]+$/, id));
  /** In responses and logs. */
  const canonical = (name: string) => name.replace('//privateca.googleapis.com/', '');
  const add = (name: string, more: object = {}) =>
    app.emulator.addResource({ name, duration: Number.POSITIVE_INFINITY, ...more });
  const methods = () =>
    app.emulator.requests.map(({ method, path }) => `${method} ${/[/:]cancel$/.test(path)}`);

  describe(`${service} ${shape}`, () => {
    test('a running one is CANCELLED, on the evidence of the resource', async () => {
      const name = named('running');
      add(name);
      const response = await app.post({ name, wait: '5s' }).expect(200);
      assert.equal(response.headers['cancel-outcome'], 'CANCELLED');
      assert.equal(app.emulator.requests.filter(({ method }) => method === 'POST').length, 1);
    });

    for (const [onCancel, outcome] of [
      ['complete', 'COMPLETED'],
      ['fail', 'FAILED'],
    ] as const) {
      test(`one that ends in another way in spite of the cancel is ${outcome}`, async () => {
        const name = named(onCancel);
        add(name, { onCancel });
        const response = await app.post({ name, wait: '5s' }).expect(200);
        assert.equal(response.headers['cancel-outcome'], outcome);
      });
    }

    test('one that cannot be cancelled runs on, and the answer is that of the service', async () => {
      const name = named('uncancellable');
      add(name, { onCancel: 'refuse' });
      const { status, body } = await app.post({ name });
      assert.ok(status === 400 || status === 501, `${status}`);
      assert.match(body.error.status, /^(?:FAILED_PRECONDITION|UNIMPLEMENTED|INVALID_ARGUMENT)$/);
    });

    test('one that goes on in spite of the cancel is PENDING', async () => {
      const name = named('stubborn');
      add(name, { onCancel: 'ignore' });
      const response = await app.post({ name, wait: '0s' }).expect(200);
      assert.equal(response.headers['cancel-outcome'], 'PENDING');
    });

    for (const [what, over] of [
      ['completed', {}],
      ['failed', { error: { code: 13, message: 'Internal.' } }],
    ] as const) {
      test(`one that has ${what} is ALREADY_DONE, whatever the cancel is answered with`, async () => {
        for (const whenDone of ['refuse', 'accept'] as const) {
          const name = named(`${what}-${whenDone}`);
          add(name, { duration: 0, whenDone, ...over });
          const response = await app.post({ name, wait: '0s' }).expect(200);
          assert.equal(response.headers['cancel-outcome'], 'ALREADY_DONE');
          assert.deepEqual(methods(), ['GET false']);
          app.reset();
        }
      });
    }

    test('one that does not exist is NOT_FOUND', async () => {
      const response = await app.post({ name: named('absent') });
      assert.equal(response.status, 404);
      assert.equal(response.body.error.status, 'NOT_FOUND');
    });

    // Operations on Dataproc's clusters have no creation time.
    const hasCreateTime =
      `${service}/${shape}` !== 'dataproc.googleapis.com/projects/*/regions/*/operations/*';
    test(`is ${hasCreateTime ? 'swept, the oldest first' : 'never swept, without a creation time'}`, async () => {
      const parent = named('x')
        .replace(/\/[^/]+$/, '')
        .replace('my-project', 'swept');
      const old = (age: number) => ({ createTime: Date.now() - age * HOUR });
      for (const age of [3, 5, 4]) add(`${parent}/old-${age}`, old(age));
      add(`${parent}/young`, old(0));
      add(`${parent}/ended`, { ...old(6), duration: 0 });
      const sweep = { parent, olderThan: '1h', limit: 2, validateOnly: true };
      const { body } = await app.post(sweep).expect(200);
      const found = body.operations.map(({ name }: { name: string }) => name);
      const expected = ['old-5', 'old-4'].map((id) => canonical(`${parent}/${id}`));
      assert.deepEqual([found, body.matched], hasCreateTime ? [expected, 3] : [[], 0]);
      assert.ok(app.emulator.requests.every(({ method }) => method === 'GET'));
    });

    if (hasCreateTime) {
      test('all pages of its list are read', async () => {
        const parent = named('x')
          .replace(/\/[^/]+$/, '')
          .replace('my-project', 'paged');
        for (let n = 0; n < MORE_THAN_A_PAGE; n++) {
          add(`${parent}/r-${n}`, { createTime: Date.now() - 2 * HOUR });
        }
        const sweep = { parent, olderThan: '1h', limit: 1, validateOnly: true };
        const { body } = await app.post(sweep).expect(200);
        assert.equal(body.matched, MORE_THAN_A_PAGE);
        assert.ok(app.emulator.requests.length > 1);
      });
    }

    test('names in another form are INVALID_REQUEST, and nothing is sent', async () => {
      for (const name of [
        `${named('x')}/`,
        named('x').slice(2),
        `https:${named('x')}`,
        named('..'),
        named('a%2fb'),
        named('a?b'),
        named('a#b'),
        named('a:cancel'),
        full(`/${example}`),
        full(example.toUpperCase()),
        ...(list.wildcards.length > 0
          ? [full(example.replace(/[^/]+(?=\/[^/]+\/[^/]+$)/, '-'))]
          : []),
      ]) {
        if (service === 'privateca.googleapis.com' && name === named('x').slice(2)) continue;
        assertError(await app.post({ name }), 'INVALID_REQUEST');
      }
      assert.deepEqual(app.emulator.requests, []);
    });
  });
}

test('names with the number of the project are those under the parent that was asked for', async () => {
  app.emulator.projectNumbers.numbered = '123456789';
  for (const parent of [
    '//aiplatform.googleapis.com/projects/numbered/locations/us-central1/customJobs',
    '//workflowexecutions.googleapis.com/projects/numbered/locations/us-central1/workflows/w/executions',
  ]) {
    app.emulator.addResource({
      name: `${parent}/1`,
      createTime: Date.now() - HOUR,
      duration: HOUR,
    });
    const { body } = await app.post({ parent, olderThan: '1m' }).expect(200);
    assert.deepEqual(
      body.operations.map(({ name, outcome }: Record<string, string>) => [name, outcome]),
      [[`${parent}/1`, 'CANCEL_REQUESTED']],
    );
  }
});

test('an execution of Cloud Run is CANCELLED although the operation of its cancel ends without an error', async () => {
  const name = '//run.googleapis.com/projects/p/locations/l/jobs/j/executions/e';
  app.emulator.addResource({ name, duration: HOUR });
  const accepted = await app.post({ name }).expect(200);
  assert.equal(accepted.headers['cancel-outcome'], 'CANCEL_REQUESTED');
  const { headers } = await app.post({ name, wait: '5s' });
  assert.match(String(headers['cancel-outcome']), /^(?:CANCELLED|ALREADY_DONE)$/);
});
