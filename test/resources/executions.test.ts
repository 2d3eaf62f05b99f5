import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { findType, testEnds } from '../support/resource-types.ts';

describe('builds of Cloud Build', () => {
  const find = (shape: string) => findType('cloudbuild.googleapis.com', shape);
  const ofLocation = find('projects/*/locations/*/builds/*');
  const ofProject = find('projects/*/builds/*');

  for (const row of [ofLocation, ofProject]) {
    testEnds(row, (status) => ({ status }), {
      STATUS_UNKNOWN: undefined,
      PENDING: undefined,
      QUEUED: undefined,
      WORKING: undefined,
      CANCELLED: 'CANCELLED',
      SUCCESS: 'COMPLETED',
      FAILURE: 'FAILED',
      INTERNAL_ERROR: 'FAILED',
      TIMEOUT: 'FAILED',
      EXPIRED: 'FAILED',
    });
  }

  test('of a location are cancelled with the project and the ID in the body, too', () => {
    const name = 'projects/p/locations/us-central1/builds/b';
    const { path, body = '' } = ofLocation.cancel(name);
    assert.equal(path, `/v1/${name}:cancel`);
    assert.deepEqual(JSON.parse(body), { projectId: 'p', id: 'b' });
    assert.equal(ofLocation.get(name), `/v1/${name}`);
    assert.equal(
      ofLocation.listPath('projects/p/locations/us-central1/builds'),
      '/v1/projects/p/locations/us-central1/builds',
    );
  });

  test('of a project have both in the path alone', () => {
    const name = 'projects/p/builds/b';
    assert.deepEqual(ofProject.cancel(name), { path: `/v1/${name}:cancel` });
    assert.equal(ofProject.get(name), `/v1/${name}`);
    assert.equal(ofProject.listPath('projects/p/builds'), '/v1/projects/p/builds');
  });

  test('of a project come back with the location global, and are no others', () => {
    const nameOf = (name: unknown) => ofProject.nameOf({ name }, 'projects/p/builds');
    assert.equal(nameOf('projects/p/locations/global/builds/b'), 'projects/p/builds/b');
    assert.equal(nameOf('projects/123/locations/global/builds/b'), 'projects/p/builds/b');
    assert.equal(nameOf('projects/other/locations/global/builds/b'), undefined);
    assert.equal(nameOf('projects/p/locations/us-central1/builds/b'), undefined);
    assert.equal(nameOf(undefined), undefined);
  });

  test('of a location keep the project that was asked for', () => {
    const parent = 'projects/p/locations/us-central1/builds';
    const name = 'projects/123/locations/us-central1/builds/b';
    assert.equal(ofLocation.nameOf({ name }, parent), `${parent}/b`);
  });

  test('have a time of creation', () => {
    const createTime = '2026-01-02T03:04:05Z';
    assert.deepEqual(ofProject.toState({ status: 'QUEUED', createTime }), {
      ended: undefined,
      createTime,
    });
    assert.equal(ofProject.toState({ status: 'QUEUED' }).createTime, undefined);
  });
});

describe('executions of Cloud Run', () => {
  const executions = findType('run.googleapis.com', 'projects/*/locations/*/jobs/*/executions/*');
  const completionTime = '2026-01-02T04:00:00Z';
  const ended = (completed: object, others: readonly unknown[] = []) =>
    executions.toState({
      completionTime,
      conditions: [...others, { type: 'Completed', ...completed }],
    }).ended;

  testEnds(
    executions,
    (state) => ({ completionTime, conditions: [{ type: 'Completed', state }] }),
    {
      STATE_UNSPECIFIED: undefined,
      CONDITION_PENDING: undefined,
      CONDITION_RECONCILING: undefined,
      CONDITION_SUCCEEDED: 'COMPLETED',
      CONDITION_FAILED: 'FAILED',
    },
  );

  test('are CANCELLED where the reason says so, which have failed, too', () => {
    assert.equal(ended({ state: 'CONDITION_FAILED', executionReason: 'CANCELLED' }), 'CANCELLED');
    assert.equal(
      ended({ state: 'CONDITION_FAILED', executionReason: 'NON_ZERO_EXIT_CODE' }),
      'FAILED',
    );
  });

  test('are judged by the condition Completed alone', () => {
    const ready = { type: 'Ready', state: 'CONDITION_SUCCEEDED', executionReason: 'CANCELLED' };
    assert.equal(ended({ state: 'CONDITION_FAILED' }, [ready, null, 'x']), 'FAILED');
    assert.equal(executions.toState({ completionTime, conditions: [ready] }).ended, undefined);
    assert.equal(executions.toState({ completionTime }).ended, undefined);
  });

  test('run until they have a time of completion', () => {
    const conditions = [
      { type: 'Completed', state: 'CONDITION_FAILED', executionReason: 'CANCELLED' },
    ];
    assert.equal(executions.toState({ conditions }).ended, undefined);
    assert.equal(executions.toState({ conditions, completionTime: true }).ended, undefined);
  });

  test('are not ended by the operation that a cancel returns', () => {
    assert.equal(executions.toState({ done: true, response: {} }).ended, undefined);
  });

  test('say that a cancel was asked for', () => {
    const conditions = [{ type: 'Completed', executionReason: 'CANCELLING' }];
    assert.equal(executions.toState({ conditions }).cancelRequested, true);
    assert.equal(executions.toState({}).cancelRequested, false);
  });

  test('have standard paths of version 2', () => {
    const name = 'projects/p/locations/l/jobs/j/executions/e';
    assert.deepEqual(executions.cancel(name), { path: `/v2/${name}:cancel` });
    assert.equal(executions.get(name), `/v2/${name}`);
    const all = 'projects/p/locations/l/jobs/-/executions';
    assert.equal(executions.listPath(all), `/v2/${all}`);
    assert.equal(executions.nameOf({ name }, all), name);
    assert.deepEqual(executions.list.wildcards, ['jobs']);
  });
});

describe('executions of Workflows', () => {
  const executions = findType(
    'workflowexecutions.googleapis.com',
    'projects/*/locations/*/workflows/*/executions/*',
  );

  testEnds(executions, (state) => ({ state }), {
    STATE_UNSPECIFIED: undefined,
    ACTIVE: undefined,
    QUEUED: undefined,
    UNAVAILABLE: undefined,
    CANCELLED: 'CANCELLED',
    SUCCEEDED: 'COMPLETED',
    FAILED: 'FAILED',
  });

  test('are as old as their creation, else their start', () => {
    const [createTime, startTime] = ['2026-01-02T03:04:05Z', '2026-01-02T03:05:00Z'];
    assert.equal(executions.toState({ createTime, startTime }).createTime, createTime);
    assert.equal(executions.toState({ startTime }).createTime, startTime);
    assert.equal(executions.toState({}).createTime, undefined);
  });

  test('have standard paths', () => {
    const parent = 'projects/p/locations/l/workflows/w/executions';
    assert.deepEqual(executions.cancel(`${parent}/e`), { path: `/v1/${parent}/e:cancel` });
    assert.equal(executions.get(`${parent}/e`), `/v1/${parent}/e`);
    assert.equal(executions.listPath(parent), `/v1/${parent}`);
    const name = 'projects/123/locations/l/workflows/w/executions/e';
    assert.equal(executions.nameOf({ name }, parent), `${parent}/e`);
  });
});
