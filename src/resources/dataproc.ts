/** Dataproc: jobs on clusters, and the operations behind workflows, batches and clusters. */

import { OPERATION_FIELDS, toOperationState } from './operations.ts';
import type { EndState, Resource, ResourceState, ResourceType } from './resource-type.ts';
import {
  canBeSameProject,
  describeType,
  permissionsOf,
  readState,
  recordOrEmpty,
  timeOrUndefined,
} from './resource-type.ts';

const SERVICE = { service: 'dataproc.googleapis.com', version: 'v1' };

/** https://cloud.google.com/dataproc/docs/reference/rest/v1/projects.regions.jobs */
const jobs = describeType({
  ...SERVICE,
  shape: 'projects/*/regions/*/jobs/*',
  list: {
    items: 'jobs',
    running: { jobStateMatcher: 'ACTIVE' },
    fields: 'reference,status,statusHistory,done',
    hasUnreachable: true,
    wildcards: [],
  },
  nameOf({ reference }, parent) {
    const { projectId, jobId } = recordOrEmpty(reference);
    const isUnder = canBeSameProject(parent.split('/')[1], projectId);
    return isUnder && typeof jobId === 'string' ? `${parent}/${jobId}` : undefined;
  },
  toState: toJobState,
  permissions: permissionsOf('dataproc.jobs'),
  example: 'projects/my-project/regions/us-central1/jobs/job-123',
});

/** https://cloud.google.com/dataproc/docs/reference/rest/v1/projects.regions.jobs#state */
const JOB_ENDS = new Map<unknown, EndState>([
  ['CANCELLED', 'CANCELLED'],
  ['DONE', 'COMPLETED'],
  ['ERROR', 'FAILED'],
]);

/** A job has no time of creation, but the time of each state it has been in. */
function toJobState({ status, statusHistory, done }: Resource): ResourceState {
  const current = recordOrEmpty(status);
  const history = Array.isArray(statusHistory) ? statusHistory.map(recordOrEmpty) : [];
  const state = readState(current.state, JOB_ENDS, ['CANCEL_PENDING', 'CANCEL_STARTED']);
  const createTime = [...history, current]
    .flatMap(({ stateStartTime }) => timeOrUndefined(stateStartTime) ?? [])
    .reduce<string | undefined>(earlier, undefined);
  // A restartable job starts again after a failed attempt: only `done` says that it does not.
  const isLastAttempt = current.state === 'ATTEMPT_FAILURE' && done === true;
  return { ...state, createTime, ...(isLastAttempt && { ended: 'FAILED' }) };
}

function earlier(a: string | undefined, b: string): string {
  return a !== undefined && Date.parse(a) <= Date.parse(b) ? a : b;
}

/** https://cloud.google.com/dataproc/docs/reference/rest/v1/projects.regions.operations */
function describeOperations(collection: string): ResourceType {
  return describeType({
    ...SERVICE,
    shape: `projects/*/${collection}/*/operations/*`,
    list: { items: 'operations', fields: OPERATION_FIELDS, hasUnreachable: true, wildcards: [] },
    toState: toOperationState,
    permissions: permissionsOf('dataproc.operations'),
    example: `projects/my-project/${collection}/us-central1/operations/operation-123`,
  });
}

export const dataproc: readonly ResourceType[] = [
  jobs,
  describeOperations('regions'),
  describeOperations('locations'),
];
