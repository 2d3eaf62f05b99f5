import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { findType, testEnds } from '../support/resource-types.ts';

const executions = findType(
  'workflowexecutions.googleapis.com',
  'projects/*/locations/*/workflows/*/executions/*',
);

describe('executions of Workflows', () => {
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
