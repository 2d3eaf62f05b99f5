import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { findType, testEnds } from '../support/resource-types.ts';

const jobs = findType('batch.googleapis.com', 'projects/*/locations/*/jobs/*');

describe('jobs of Batch', () => {
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
