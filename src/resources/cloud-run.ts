/**
 * Cloud Run: executions of jobs.
 * https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.jobs.executions
 */

import type { EndState, Resource, ResourceState, ResourceType } from './resource-type.ts';
import {
  describeType,
  permissionsOf,
  readState,
  recordOrEmpty,
  timeOrUndefined,
} from './resource-type.ts';

export const cloudRun: readonly ResourceType[] = [
  describeType({
    service: 'run.googleapis.com',
    version: 'v2',
    shape: 'projects/*/locations/*/jobs/*/executions/*',
    list: {
      items: 'executions',
      fields: 'name,createTime,completionTime,conditions',
      hasUnreachable: false,
      wildcards: ['jobs'],
    },
    toState,
    permissions: permissionsOf('run.executions'),
    example: 'projects/my-project/locations/us-central1/jobs/my-job/executions/my-job-abcde',
  }),
];

/** https://cloud.google.com/run/docs/reference/rest/v2/Condition#state */
const ENDS = new Map<unknown, EndState>([
  ['CONDITION_SUCCEEDED', 'COMPLETED'],
  ['CONDITION_FAILED', 'FAILED'],
]);

/**
 * Reads the condition `Completed`. The operation that a cancel returns is no evidence: it ends without an
 * error, whatever the execution does.
 */
function toState({ createTime, completionTime, conditions }: Resource): ResourceState {
  const list = Array.isArray(conditions) ? conditions.map(recordOrEmpty) : [];
  const { executionReason, state } = list.find(({ type }) => type === 'Completed') ?? {};
  const ended = executionReason === 'CANCELLED' ? 'CANCELLED' : readState(state, ENDS, []).ended;
  return {
    ended: timeOrUndefined(completionTime) === undefined ? undefined : ended,
    createTime: timeOrUndefined(createTime),
    cancelRequested: executionReason === 'CANCELLING' || executionReason === 'CANCELLED',
  };
}
