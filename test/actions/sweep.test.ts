/** A sweep: what is old under a parent is found, and what a rule gives of it is cancelled. */

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { NewOperation } from '../emulator/index.ts';
import { assertError } from '../support/error-form.ts';
import {
  getCancelRequests,
  OPERATIONS,
  OPS_CALLER,
  OPS_TOKEN,
  startTestApp,
  type TestApp,
} from '../support/test-app.ts';

const PARENT = 'projects/my-project/locations/us-central1';
const HOUR = 3_600_000;

let app: TestApp;
before(async () => {
  app = await startTestApp({
    config: {
      callers: { ops: OPS_CALLER, narrow: OPS_CALLER, named: OPS_CALLER },
      allow: [
        {
          callers: ['ops'],
          operations: ['projects/my-project/locations/*/operations/*'],
          sweep: true,
        },
        {
          callers: ['narrow'],
          operations: ['projects/*/locations/us-central1/operations/*'],
          verbs: ['create', 'delete'],
          targets: ['projects/my-project/locations/*/caPools/dev-*'],
          sweep: true,
        },
        // For what is named, all; for sweeps, nothing.
        { callers: ['named', 'narrow'], operations: ['projects/*/locations/*/operations/*'] },
        { callers: ['named'], operations: ['projects/*/locations/*/operations/*'], sweep: false },
      ],
    },
  });
});
after(() => app.stop());
beforeEach(() => {
  // Done, so that each test has the running ones to itself.
  for (const { name, done } of app.emulator.operations()) {
    if (!done) app.emulator.addOperation({ name, duration: 0 });
  }
  app.emulator.clearRequests();
  app.emulator.clearScripts();
});

let named = 0;
function add(hours: number, settings: Partial<NewOperation> = {}): string {
  const name = settings.name ?? `${OPERATIONS}/swept-${++named}`;
  const createTime = Date.now() - hours * HOUR;
  app.emulator.addOperation({
    createTime,
    duration: Infinity,
    onCancel: 'ignore',
    ...settings,
    name,
  });
  return name;
}

const post = (body: object, route = 'ops') =>
  app.process.http
    .post(`/${route}`)
    .set({ Authorization: `Bearer ${OPS_TOKEN}` })
    .send(body);
const sweep = async (body: object = {}, route = 'ops') =>
  (await post({ parent: PARENT, olderThan: '1h', ...body }, route).expect(200)).body;
const cancelled = () =>
  getCancelRequests(app.emulator)
    .map(({ path }) => path.slice('/v1/'.length, -':cancel'.length))
    .sort();
const names = (report: { operations: { name: string }[] }) =>
  report.operations.map(({ name }) => name);
const counts = ({
  matched,
  denied,
  remaining,
  operations,
}: Record<string, { length?: number }>) => [matched, denied, remaining, operations?.length];

describe('it cancels what is not done, old enough and asked for', () => {
  test('and tells of each: name, verb, target, createTime, outcome', async () => {
    const createTime = new Date(Date.now() - 2 * HOUR).toISOString();
    const target = `${PARENT}/caPools/a`;
    const name = add(2, { createTime, verb: 'delete', target });
    assert.deepEqual(await sweep(), {
      parent: PARENT,
      matched: 1,
      denied: 0,
      remaining: 0,
      operations: [{ name, createTime, verb: 'delete', target, outcome: 'CANCEL_REQUESTED' }],
      unreachable: [],
    });
    assert.equal(app.emulator.operation(name)?.metadata.requestedCancellation, true);
  });

  test('not what is done, whatever its age', async () => {
    add(9, { duration: 0 });
    assert.deepEqual(counts(await sweep()), [0, 0, 0, 0]);
    assert.deepEqual(cancelled(), []);
  });

  test('not what is younger, by seconds', async () => {
    add(1 - 20 / 3600);
    const old = add(1 + 20 / 3600);
    assert.deepEqual(names(await sweep()), [old]);
    assert.deepEqual(cancelled(), [old]);
  });

  test('not what is elsewhere', async () => {
    for (const place of ['projects/other/locations/us-central1', PARENT.replace('1', '2')]) {
      add(9, { name: `${place}/operations/elsewhere` });
    }
    add(9, { name: `${PARENT}0/operations/elsewhere` });
    assert.deepEqual(counts(await sweep()), [0, 0, 0, 0]);
  });

  test('verbs and targets narrow it down', async () => {
    const target = 'projects/my-project/locations/us-central1/caPools/dev-1';
    const wanted = add(3, { verb: 'create', target });
    add(3, { verb: 'delete', target });
    add(3, { verb: 'create', target: `${target}/certificateAuthorities/x` });
    add(3, { verb: 'created', target });
    const targets = ['projects/*/locations/*/caPools/dev-*'];
    const report = await sweep({ verbs: ['create', 'update'], targets });
    assert.deepEqual(counts(report), [1, 0, 0, 1]);
    assert.deepEqual(cancelled(), [wanted]);
  });

  test('its reason goes upstream with every cancel', async () => {
    add(3);
    add(3);
    await sweep({ reason: 'nightly' });
    assert.deepEqual(
      getCancelRequests(app.emulator).map(({ headers }) => headers['x-goog-request-reason']),
      Array(2).fill('cancel-hook caller=ops principal=none reason=nightly'),
    );
  });
});

describe('it cancels what a rule with sweep: true gives, and nothing else', () => {
  test('what no rule gives is counted as denied', async () => {
    const target = `${PARENT}/caPools/dev-1`;
    const given = [add(4, { target, verb: 'create' }), add(3, { target, verb: 'delete' })];
    add(3, { target, verb: 'update' });
    add(3, { target: `${PARENT}/caPools/prod`, verb: 'create' });
    const report = await sweep({}, 'narrow');
    assert.deepEqual(counts(report), [4, 2, 0, 2]);
    assert.deepEqual(names(report), given);
    assert.deepEqual(cancelled(), given.toSorted());
  });

  test('where none of them is given, nothing is cancelled, and it says so', async () => {
    add(3, { target: `${PARENT}/caPools/prod` });
    assert.deepEqual(counts(await sweep({}, 'narrow')), [1, 1, 0, 0]);
    assert.deepEqual(cancelled(), []);
  });

  test('a caller without a sweeping rule is NOT_ALLOWED at once, and nothing is asked', async () => {
    const name = add(3);
    const { metadata } = assertError(
      await post({ parent: PARENT, olderThan: '1h' }, 'named'),
      'NOT_ALLOWED',
    );
    const { hint: _, ...fields } = metadata;
    assert.deepEqual(fields, { caller: 'named', parent: PARENT, condition: 'sweep' });
    const dry = await post({ parent: PARENT, olderThan: '1h', validateOnly: true }, 'named');
    assertError(dry, 'NOT_ALLOWED');
    assert.deepEqual(app.emulator.requests, []);
    await post({ name }, 'named').expect(200);
  });
});

test('nothing to cancel is a success', async () => {
  assert.deepEqual(await sweep(), {
    parent: PARENT,
    matched: 0,
    denied: 0,
    remaining: 0,
    operations: [],
    unreachable: [],
  });
});

test('a sweep whose matches are all denied is a WARNING with the closest rule', async () => {
  add(3, { target: `${PARENT}/caPools/prod`, verb: 'create' });
  await sweep({}, 'narrow');
  const line = await app.process.log(
    ({ caller, severity }) => caller === 'narrow' && severity === 'WARNING',
  );
  assert.match(String(line.denied), /^allow\[\d+\]/);
});
