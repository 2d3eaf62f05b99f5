/** A caller that may sweep some operations tries to learn of others from a sweep's response. */

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { assertError } from '../support/error-form.ts';
import { OPS_CALLER, OPS_TOKEN, startTestApp, type TestApp } from '../support/test-app.ts';

const HOUR = 3_600_000;
const SECRET = 'projects/secret/locations/us-central1';
const OWN = 'projects/own/locations/us-central1';

let app: TestApp;
before(async () => {
  app = await startTestApp({
    config: {
      callers: { ops: OPS_CALLER, prefix: OPS_CALLER, other: OPS_CALLER },
      allow: [
        { callers: ['ops'], operations: [`${OWN}/operations/*`], sweep: true },
        // What the caller may cancel by name is not part of what its sweeps can show.
        { callers: ['ops'], operations: ['projects/*/locations/*/operations/named'] },
        {
          callers: ['prefix'],
          operations: ['projects/*/locations/*/operations/dev-*'],
          verbs: ['create'],
          sweep: true,
        },
        { callers: ['other'], operations: [`${SECRET}/operations/*`], sweep: true },
      ],
    },
  });
  const add = (name: string, verb: string, pool: string) =>
    app.emulator.addOperation({
      name,
      verb,
      target: `${name.split('/operations/')[0]}/caPools/${pool}`,
      createTime: Date.now() - 9 * HOUR,
      duration: Infinity,
      onCancel: 'ignore',
    });
  add(`${SECRET}/operations/one`, 'create', 'payments');
  add(`${SECRET}/operations/two`, 'delete', 'payroll');
  add(`${SECRET}/operations/dev-1`, 'create', 'dev');
  add(`${SECRET}/operations/dev-2`, 'delete', 'dev');
  add('projects/own/locations/europe-west1/operations/three', 'create', 'eu');
});
after(() => app.stop());
beforeEach(() => app.emulator.clearRequests());

const post = (body: object, route = 'ops') =>
  app.process.http
    .post(`/${route}`)
    .set({ Authorization: `Bearer ${OPS_TOKEN}` })
    .send({ olderThan: '1h', validateOnly: true, ...body });

describe('a sweep under a parent that no sweeping rule of the caller covers is refused unread', () => {
  const probes: [string, object][] = [
    ['another project', { parent: SECRET }],
    ['another project in all locations', { parent: 'projects/secret/locations/-' }],
    ['another location', { parent: 'projects/own/locations/europe-west1' }],
    ['a verb', { parent: SECRET, verbs: ['delete'] }],
    ['a pool', { parent: SECRET, targets: [`${SECRET}/caPools/pay*`] }],
    ['an age', { parent: SECRET, olderThan: '8h' }],
    ['a project without operations', { parent: 'projects/none/locations/us-central1' }],
  ];
  for (const [what, probe] of probes) {
    test(`with a probe for ${what}`, async () => {
      const response = await post(probe);
      assertError(response, 'NOT_ALLOWED');
      assert.doesNotMatch(response.text, /matched|denied|payments|payroll/);
      assert.deepEqual(app.emulator.requests, [], 'nothing is read');
    });
  }

  test('with the same words whether or not the project has operations or rules for others', async () => {
    const texts = new Set<string>();
    for (const project of ['secret', 'none']) {
      const { text } = await post({ parent: `projects/${project}/locations/us-central1` });
      texts.add(text.replaceAll(`projects/${project}/`, 'projects/P/'));
    }
    assert.equal(texts.size, 1);
  });
});

describe('a sweep counts only operations whose names a sweeping rule of the caller covers', () => {
  const count = async (body: object, route = 'ops') => {
    const { matched, denied, operations } = (await post(body, route).expect(200)).body;
    return [matched, denied, operations.length];
  };

  test('none of another location', async () => {
    assert.deepEqual(await count({ parent: 'projects/own/locations/-' }), [0, 0, 0]);
  });

  test('none with another ID, whatever verbs and targets the request asks for', async () => {
    // dev-1 is allowed, dev-2 is covered by name and denied for its verb.
    assert.deepEqual(await count({ parent: SECRET }, 'prefix'), [2, 1, 1]);
    for (const pool of ['payments', 'payroll']) {
      const targets = [`${SECRET}/caPools/${pool}`];
      assert.deepEqual(await count({ parent: SECRET, targets }, 'prefix'), [0, 0, 0]);
    }
  });

  test('all of what it covers', async () => {
    assert.deepEqual(await count({ parent: SECRET }, 'other'), [4, 0, 4]);
  });
});
