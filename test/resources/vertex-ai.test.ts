import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { vertexAi } from '../../src/resources/vertex-ai.ts';
import { findType, testEnds } from '../support/resource-types.ts';

const find = (items: string) =>
  findType('aiplatform.googleapis.com', `projects/*/locations/*/${items}/*`);
const customJobs = find('customJobs');

const JOB_ENDS = {
  JOB_STATE_UNSPECIFIED: undefined,
  JOB_STATE_QUEUED: undefined,
  JOB_STATE_PENDING: undefined,
  JOB_STATE_RUNNING: undefined,
  JOB_STATE_CANCELLING: undefined,
  JOB_STATE_PAUSED: undefined,
  JOB_STATE_UPDATING: undefined,
  JOB_STATE_CANCELLED: 'CANCELLED',
  JOB_STATE_SUCCEEDED: 'COMPLETED',
  JOB_STATE_PARTIALLY_SUCCEEDED: 'COMPLETED',
  JOB_STATE_FAILED: 'FAILED',
  JOB_STATE_EXPIRED: 'FAILED',
} as const;

const PIPELINE_ENDS = {
  PIPELINE_STATE_UNSPECIFIED: undefined,
  PIPELINE_STATE_QUEUED: undefined,
  PIPELINE_STATE_PENDING: undefined,
  PIPELINE_STATE_RUNNING: undefined,
  PIPELINE_STATE_CANCELLING: undefined,
  PIPELINE_STATE_PAUSED: undefined,
  PIPELINE_STATE_CANCELLED: 'CANCELLED',
  PIPELINE_STATE_SUCCEEDED: 'COMPLETED',
  PIPELINE_STATE_FAILED: 'FAILED',
} as const;

describe('resources of Vertex AI', () => {
  test('have an origin by location, one of a list', () => {
    for (const row of vertexAi) {
      assert.equal(row.origin, 'https://{location}-aiplatform.googleapis.com');
      assert.ok(row.locations?.includes('us-central1'));
      assert.equal(new Set(row.locations).size, row.locations?.length);
      for (const location of row.locations ?? []) assert.match(location, /^[a-z]+-[a-z]+\d+$/);
    }
  });

  test('have standard paths', () => {
    const name = 'projects/p/locations/us-central1/customJobs/1';
    assert.deepEqual(customJobs.cancel(name), { path: `/v1/${name}:cancel` });
    assert.equal(customJobs.get(name), `/v1/${name}`);
    assert.equal(
      customJobs.listPath('projects/p/locations/us-central1/customJobs'),
      '/v1/projects/p/locations/us-central1/customJobs',
    );
  });

  test('have names with the project that was asked for', () => {
    const parent = 'projects/my-project/locations/us-central1/customJobs';
    const name = 'projects/123/locations/us-central1/customJobs/9';
    assert.equal(customJobs.nameOf({ name }, parent), `${parent}/9`);
    assert.equal(customJobs.nameOf({}, parent), undefined);
  });

  test('are listed without those that have ended, so that an unknown state is listed', () => {
    assert.equal(
      find('pipelineJobs').list.running?.filter,
      'state!="PIPELINE_STATE_CANCELLED" AND state!="PIPELINE_STATE_SUCCEEDED" AND state!="PIPELINE_STATE_FAILED"',
    );
    assert.deepEqual(find('tuningJobs').list.running, {});
  });

  test('have a time of creation, and say that a cancel was asked for', () => {
    const createTime = '2026-01-02T03:04:05Z';
    assert.deepEqual(customJobs.toState({ state: 'JOB_STATE_CANCELLING', createTime }), {
      ended: undefined,
      cancelRequested: true,
      createTime,
    });
    const pipeline = find('pipelineJobs').toState({ state: 'PIPELINE_STATE_CANCELLING' });
    assert.deepEqual([pipeline.cancelRequested, pipeline.createTime], [true, undefined]);
  });

  for (const row of vertexAi) {
    const isPipeline = /pipelineJobs|trainingPipelines/.test(row.shape);
    testEnds(row, (state) => ({ state }), isPipeline ? PIPELINE_ENDS : JOB_ENDS);
  }
});
