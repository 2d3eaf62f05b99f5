import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { findType, testEnds } from '../support/resource-types.ts';

describe('jobs of Batch', () => {
  const jobs = findType('batch.googleapis.com', 'projects/*/locations/*/jobs/*');

  testEnds(jobs, (state) => ({ status: { state } }), {
    STATE_UNSPECIFIED: undefined,
    QUEUED: undefined,
    SCHEDULED: undefined,
    RUNNING: undefined,
    CANCELLATION_IN_PROGRESS: undefined,
    CANCELLED: 'CANCELLED',
    SUCCEEDED: 'COMPLETED',
    FAILED: 'FAILED',
    DELETION_IN_PROGRESS: 'FAILED',
  });

  test('have a time of creation, and say that a cancel was asked for', () => {
    const createTime = '2026-01-02T03:04:05Z';
    const status = { state: 'CANCELLATION_IN_PROGRESS' };
    assert.deepEqual(jobs.toState({ status, createTime }), {
      ended: undefined,
      cancelRequested: true,
      createTime,
    });
  });

  test('have standard paths, and names of all locations', () => {
    const name = 'projects/p/locations/l/jobs/j';
    assert.deepEqual(jobs.cancel(name), { path: `/v1/${name}:cancel` });
    assert.equal(jobs.get(name), `/v1/${name}`);
    assert.equal(jobs.listPath('projects/p/locations/-/jobs'), '/v1/projects/p/locations/-/jobs');
    const returned = 'projects/123/locations/l/jobs/j';
    assert.equal(jobs.nameOf({ name: returned }, 'projects/p/locations/-/jobs'), name);
  });
});

describe('jobs of BigQuery', () => {
  const jobs = findType('bigquery.googleapis.com', 'projects/*/locations/*/jobs/*');

  const ends: readonly [title: string, status: unknown, ended: string | undefined][] = [
    ['run while PENDING', { state: 'PENDING' }, undefined],
    ['run while RUNNING', { state: 'RUNNING', errors: [{}] }, undefined],
    ['run while RUNNING with an error', { state: 'RUNNING', errorResult: {} }, undefined],
    ['run in an unknown state', { state: 'NEW' }, undefined],
    ['run without a state', {}, undefined],
    ['run without a status', undefined, undefined],
    ['are COMPLETED without an error', { state: 'DONE' }, 'COMPLETED'],
    [
      'are COMPLETED with errors that did not stop them',
      { state: 'DONE', errors: [{ reason: 'stopped' }] },
      'COMPLETED',
    ],
    [
      'are CANCELLED where they were stopped',
      { state: 'DONE', errorResult: { reason: 'stopped' } },
      'CANCELLED',
    ],
    [
      'are FAILED for another reason',
      { state: 'DONE', errorResult: { reason: 'invalidQuery' } },
      'FAILED',
    ],
    ['are FAILED for no reason', { state: 'DONE', errorResult: {} }, 'FAILED'],
  ];
  for (const [title, status, ended] of ends) {
    test(title, () => assert.equal(jobs.toState({ status }).ended, ended));
  }

  test('have a time of creation in milliseconds as text', () => {
    const created = (creationTime: unknown) =>
      jobs.toState({ statistics: { creationTime } }).createTime;
    assert.equal(created('1767323045678'), '2026-01-02T03:04:05.678Z');
    for (const value of ['', '0', '-5', '1e3', ' 1', '9'.repeat(20), 1767323045678, null, {}]) {
      assert.equal(created(value), undefined, String(value));
    }
    assert.equal(jobs.toState({}).createTime, undefined);
  });

  test('have the location in the query', () => {
    const name = 'projects/p/locations/us-central1/jobs/j_1';
    const path = '/bigquery/v2/projects/p/jobs/j_1';
    assert.deepEqual(jobs.cancel(name), { path: `${path}/cancel?location=us-central1` });
    assert.equal(jobs.get(name), `${path}?location=us-central1`);
  });

  test('are listed by project, and filtered by location', () => {
    const parent = 'projects/p/locations/us/jobs';
    assert.equal(jobs.listPath(parent), '/bigquery/v2/projects/p/jobs');
    const nameOf = (jobReference: unknown, asked = parent) => jobs.nameOf({ jobReference }, asked);
    const reference = { projectId: 'p', location: 'US', jobId: 'j' };
    assert.equal(nameOf(reference), `${parent}/j`);
    assert.equal(nameOf({ ...reference, location: 'EU' }), undefined);
    assert.equal(nameOf({ ...reference, projectId: 'other' }), undefined);
    assert.equal(nameOf({ ...reference, location: undefined }), undefined);
    assert.equal(nameOf({ ...reference, jobId: 7 }), undefined);
    assert.equal(nameOf(undefined), undefined);
    assert.equal(
      nameOf(reference, 'projects/p/locations/-/jobs'),
      'projects/p/locations/US/jobs/j',
    );
  });

  test('have longer IDs, without a character that ends a path', () => {
    const lastId = new RegExp(`^${jobs.lastId}$`);
    for (const id of ['_script_job-1', '-', 'a'.repeat(1_024)]) assert.match(id, lastId);
    for (const id of ['', 'a/b', 'a?b', 'a#b', 'a%2Fb', 'a\\b', 'a.b', 'a\n', 'a'.repeat(1_025)]) {
      assert.doesNotMatch(id, lastId);
    }
  });
});

const find = (shape: string) => findType('dataproc.googleapis.com', shape);
const jobs = find('projects/*/regions/*/jobs/*');
const parent = 'projects/my-project/regions/us-central1/jobs';

describe('jobs of Dataproc', () => {
  testEnds(jobs, (state) => ({ status: { state } }), {
    STATE_UNSPECIFIED: undefined,
    PENDING: undefined,
    SETUP_DONE: undefined,
    RUNNING: undefined,
    CANCEL_PENDING: undefined,
    CANCEL_STARTED: undefined,
    ATTEMPT_FAILURE: undefined,
    CANCELLED: 'CANCELLED',
    DONE: 'COMPLETED',
    ERROR: 'FAILED',
  });

  test('have failed with the last attempt, not with one that is followed by another', () => {
    const status = { state: 'ATTEMPT_FAILURE' };
    assert.equal(jobs.toState({ status, done: true }).ended, 'FAILED');
    assert.equal(jobs.toState({ status, done: false }).ended, undefined);
  });

  test('are as old as their first state, in whatever order the states are', () => {
    const at = (minute: number) => ({ stateStartTime: `2026-01-02T03:0${minute}:00Z` });
    const statusHistory = [at(3), at(1), at(2)];
    assert.equal(jobs.toState({ status: at(4), statusHistory }).createTime, at(1).stateStartTime);
    assert.equal(jobs.toState({ status: at(4) }).createTime, at(4).stateStartTime);
    assert.equal(
      jobs.toState({ status: at(4), statusHistory: ['', null, {}] }).createTime,
      at(4).stateStartTime,
    );
    assert.equal(jobs.toState({ status: {}, statusHistory: 'none' }).createTime, undefined);
  });

  test('say that a cancel was asked for', () => {
    for (const state of ['CANCEL_PENDING', 'CANCEL_STARTED']) {
      assert.equal(jobs.toState({ status: { state } }).cancelRequested, true);
    }
    assert.equal(jobs.toState({ status: { state: 'RUNNING' } }).cancelRequested, false);
  });

  test('have standard paths', () => {
    assert.deepEqual(jobs.cancel(`${parent}/j`), { path: `/v1/${parent}/j:cancel` });
    assert.equal(jobs.get(`${parent}/j`), `/v1/${parent}/j`);
    assert.equal(jobs.listPath(parent), `/v1/${parent}`);
  });

  test('have the name of the collection and their ID, in one project', () => {
    const nameOf = (reference: unknown) => jobs.nameOf({ reference }, parent);
    assert.equal(nameOf({ projectId: 'my-project', jobId: 'j' }), `${parent}/j`);
    assert.equal(nameOf({ projectId: '123', jobId: 'j' }), `${parent}/j`);
    assert.equal(nameOf({ projectId: 'other', jobId: 'j' }), undefined);
    assert.equal(nameOf({ jobId: 'j' }), undefined);
    assert.equal(nameOf({ projectId: 'my-project' }), undefined);
    assert.equal(nameOf(null), undefined);
  });
});

describe('operations of Dataproc', () => {
  for (const collection of ['regions', 'locations']) {
    const row = find(`projects/*/${collection}/*/operations/*`);
    const operations = `projects/p/${collection}/us-central1/operations`;

    test(`are those of ${collection}, with standard paths`, () => {
      assert.deepEqual(row.cancel(`${operations}/o`), { path: `/v1/${operations}/o:cancel` });
      assert.equal(row.get(`${operations}/o`), `/v1/${operations}/o`);
      assert.equal(row.listPath(operations), `/v1/${operations}`);
      assert.equal(row.nameOf({ name: `${operations}/o` }, operations), `${operations}/o`);
      assert.equal(row.hasMetadata, false);
    });

    test(`end as operations do (${collection})`, () => {
      assert.equal(row.toState({ done: true, error: { code: 1 } }).ended, 'CANCELLED');
      assert.equal(row.toState({ done: true, response: {} }).ended, 'COMPLETED');
      assert.equal(row.toState({ metadata: { state: 'DONE' } }).ended, undefined);
    });
  }
});
