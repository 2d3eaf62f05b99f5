/** Jobs of Batch, BigQuery and Dataproc, and the operations behind Dataproc's workflows and clusters. */

import { OPERATION_FIELDS, toOperationState } from './operations.ts';
import {
  canBeSameProject,
  describeType,
  type EndState,
  permissionsOf,
  type Resource,
  type ResourceState,
  type ResourceType,
  readState,
  recordOrEmpty,
  timeOrUndefined,
} from './resource-type.ts';

/** https://cloud.google.com/batch/docs/reference/rest/v1/projects.locations.jobs */
const batch = describeType({
  service: 'batch.googleapis.com',
  version: 'v1',
  shape: 'projects/*/locations/*/jobs/*',
  list: {
    items: 'jobs',
    fields: 'name,status,createTime',
    hasUnreachable: true,
    wildcards: ['locations'],
  },
  toState: ({ status, createTime }) => ({
    ...readState(recordOrEmpty(status).state, BATCH_ENDS, ['CANCELLATION_IN_PROGRESS']),
    createTime: timeOrUndefined(createTime),
  }),
  // There is no batch.jobs.cancel (https://docs.cloud.google.com/iam/docs/roles-permissions/batch); the
  // role is what a cancel needs: https://cloud.google.com/batch/docs/cancel-job
  permissions: permissionsOf('batch.jobs', ['get', 'list']),
  role: 'roles/batch.jobsEditor',
  example: 'projects/my-project/locations/us-central1/jobs/my-job',
});

/** https://cloud.google.com/batch/docs/reference/rest/v1/projects.locations.jobs#state */
const BATCH_ENDS = new Map<unknown, EndState>([
  ['CANCELLED', 'CANCELLED'],
  ['SUCCEEDED', 'COMPLETED'],
  ['FAILED', 'FAILED'],
  ['DELETION_IN_PROGRESS', 'FAILED'],
]);

/**
 * https://cloud.google.com/bigquery/docs/reference/rest/v2/jobs
 *
 * The API has no resource names: the location is a parameter of the query, and a list spans them all.
 */
const bigquery = describeType({
  service: 'bigquery.googleapis.com',
  version: 'v2',
  shape: 'projects/*/locations/*/jobs/*',
  // https://cloud.google.com/bigquery/docs/reference/rest/v2/JobReference
  lastId: '[A-Za-z0-9_-]{1,1024}',
  cancel: (name) => ({ path: bigqueryPath(name, '/cancel') }),
  get: (name) => bigqueryPath(name, ''),
  listPath: (parent) => `/bigquery/v2/projects/${parent.split('/')[1]}/jobs`,
  list: {
    items: 'jobs',
    running: { stateFilter: ['pending', 'running'] },
    // `status` is in the full projection only.
    query: { allUsers: 'true', projection: 'full' },
    pageSize: 'maxResults',
    fields: 'jobReference,status,statistics/creationTime',
    hasUnreachable: true,
    wildcards: ['locations'],
  },
  nameOf: bigqueryName,
  toState: toBigqueryState,
  permissions: permissionsOf('bigquery.jobs', ['update', 'get', 'listAll']),
  example: 'projects/my-project/locations/us/jobs/bquxjob_1234_5678',
});

function bigqueryPath(name: string, suffix: string): string {
  const [, project, , location, , id] = name.split('/');
  return `/bigquery/v2/projects/${project}/jobs/${id}${suffix}?location=${location}`;
}

/** Locations are the same in both cases: the API answers `US` to `us`. */
function bigqueryName({ jobReference }: Resource, parent: string): string | undefined {
  const { projectId, location, jobId } = recordOrEmpty(jobReference);
  const [, project, , asked] = parent.split('/');
  if (typeof location !== 'string' || typeof jobId !== 'string') return undefined;
  if (!canBeSameProject(project, projectId)) return undefined;
  if (asked === '-') return `projects/${project}/locations/${location}/jobs/${jobId}`;
  return asked?.toLowerCase() === location.toLowerCase() ? `${parent}/${jobId}` : undefined;
}

function toBigqueryState({ status, statistics }: Resource): ResourceState {
  const { state, errorResult } = recordOrEmpty(status);
  const { creationTime } = recordOrEmpty(statistics);
  return {
    ended: state === 'DONE' ? toBigqueryEnd(errorResult) : undefined,
    createTime: isMilliseconds(creationTime)
      ? new Date(Number(creationTime)).toISOString()
      : undefined,
  };
}

/** `stopped`: the job was cancelled (https://cloud.google.com/bigquery/docs/error-messages). */
function toBigqueryEnd(error: unknown): EndState {
  if (!error) return 'COMPLETED';
  return recordOrEmpty(error).reason === 'stopped' ? 'CANCELLED' : 'FAILED';
}

/** Milliseconds since 1970 as text, as JSON carries an int64. */
function isMilliseconds(value: unknown): value is string {
  return typeof value === 'string' && /^[1-9]\d{0,14}$/.test(value);
}

const DATAPROC = { service: 'dataproc.googleapis.com', version: 'v1' };

/** https://cloud.google.com/dataproc/docs/reference/rest/v1/projects.regions.jobs */
const dataproc = describeType({
  ...DATAPROC,
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
  toState: toDataprocState,
  permissions: permissionsOf('dataproc.jobs'),
  example: 'projects/my-project/regions/us-central1/jobs/job-123',
});

/** https://cloud.google.com/dataproc/docs/reference/rest/v1/projects.regions.jobs#state */
const DATAPROC_ENDS = new Map<unknown, EndState>([
  ['CANCELLED', 'CANCELLED'],
  ['DONE', 'COMPLETED'],
  ['ERROR', 'FAILED'],
]);

/** A job has no time of creation, but the time of each state it has been in. */
function toDataprocState({ status, statusHistory, done }: Resource): ResourceState {
  const current = recordOrEmpty(status);
  const history = Array.isArray(statusHistory) ? statusHistory.map(recordOrEmpty) : [];
  const state = readState(current.state, DATAPROC_ENDS, ['CANCEL_PENDING', 'CANCEL_STARTED']);
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
function dataprocOperations(collection: string): ResourceType {
  return describeType({
    ...DATAPROC,
    shape: `projects/*/${collection}/*/operations/*`,
    list: { items: 'operations', fields: OPERATION_FIELDS, hasUnreachable: true, wildcards: [] },
    toState: toOperationState,
    permissions: permissionsOf('dataproc.operations'),
    example: `projects/my-project/${collection}/us-central1/operations/operation-123`,
  });
}

export const jobs: readonly ResourceType[] = [
  batch,
  bigquery,
  dataproc,
  dataprocOperations('regions'),
  dataprocOperations('locations'),
];
