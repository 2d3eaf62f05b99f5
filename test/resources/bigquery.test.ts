import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { findType } from '../support/resource-types.ts';

const jobs = findType('bigquery.googleapis.com', 'projects/*/locations/*/jobs/*');

describe('jobs of BigQuery', () => {
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
