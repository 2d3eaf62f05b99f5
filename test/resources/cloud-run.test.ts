import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { findType, testEnds } from '../support/resource-types.ts';

const executions = findType('run.googleapis.com', 'projects/*/locations/*/jobs/*/executions/*');
const completionTime = '2026-01-02T04:00:00Z';
const ended = (completed: object, others: readonly unknown[] = []) =>
  executions.toState({
    completionTime,
    conditions: [...others, { type: 'Completed', ...completed }],
  }).ended;

describe('executions of Cloud Run', () => {
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
