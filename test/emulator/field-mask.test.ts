import assert from 'node:assert/strict';
import { test } from 'node:test';
import { json } from './exchange.ts';
import { maskAnswer } from './field-mask.ts';
import { startEmulator } from './index.ts';
import { call } from './testing.ts';

const BODY = {
  jobs: [
    { name: 'a', status: { state: 'X', at: 1 }, more: true },
    { name: 'b', status: { state: 'Y', at: 2 } },
  ],
  nextPageToken: 't',
};

function masked(fields: string, known?: string[]) {
  const { body } = maskAnswer(json(BODY), new URLSearchParams({ fields }), known);
  return JSON.parse(String(body));
}

test('fields: names, paths, and groups, at any depth', () => {
  const states = { jobs: [{ status: { state: 'X' } }, { status: { state: 'Y' } }] };
  assert.deepEqual(masked('jobs/status/state'), states);
  assert.deepEqual(masked('jobs(status(state))'), states);
  assert.deepEqual(masked(' jobs ( name , status / at ) , nextPageToken '), {
    jobs: [
      { name: 'a', status: { at: 1 } },
      { name: 'b', status: { at: 2 } },
    ],
    nextPageToken: 't',
  });
  assert.deepEqual(masked('*/name'), { jobs: [{ name: 'a' }, { name: 'b' }], nextPageToken: 't' });
  assert.deepEqual(masked('*'), BODY);
  assert.deepEqual(masked(''), BODY);
});

test('fields: what the response does not have, and what is no mask, is refused', () => {
  const known = ['jobs', 'nextPageToken'];
  assert.deepEqual(masked('nextPageToken', known), { nextPageToken: 't' });
  assert.throws(() => masked('jobs,unreachable', known), /invalid argument/);
  for (const wrong of ['jobs(', 'jobs)', 'jobs,,a', 'jobs/', 'a b!', 'jobs(name']) {
    assert.throws(() => masked(wrong), /invalid argument/, wrong);
  }
});

test('fields: Certificate Authority Service leaves out what is not asked for', async () => {
  await using emulator = await startEmulator();
  emulator.addOperation({ name: 'projects/p/locations/l/operations/o', duration: 0 });
  const path = '/v1/projects/p/locations/l/operations';
  const { json } = await call(emulator, 'GET', `${path}?fields=operations(name,done),unreachable`);
  assert.deepEqual(json, {
    operations: [{ name: 'projects/p/locations/l/operations/o', done: true }],
  });
  const refused = await call(emulator, 'GET', `${path}?fields=operations,jobs`);
  assert.equal(refused.status, 400);
  assert.equal(refused.json.error.details[0].fieldViolations[0].field, 'jobs');
});
