import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { findType, testEnds } from '../support/resource-types.ts';

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
