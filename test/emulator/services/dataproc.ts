import { randomUUID } from 'node:crypto';
import { invalidFilter } from '../filter.ts';
import { operationOf } from '../operation.ts';
import { param } from '../paging.ts';
import type { Moment } from '../record.ts';
import { type ResourceType, type States, segmentsOf, uuidOf, type View } from '../resource-type.ts';
import { StatusError } from '../status.ts';

const SERVICE = 'dataproc.googleapis.com';
const API = 'google.cloud.dataproc.v1';
const JOB_STATES: States = {
  queued: 'PENDING',
  running: 'RUNNING',
  cancelling: 'CANCEL_STARTED',
  cancelled: 'CANCELLED',
  succeeded: 'DONE',
  failed: 'ERROR',
};
/** ListJobsRequest.JobStateMatcher: clients send names or numbers. */
const MATCHERS: Record<string, string> = { 0: 'ALL', 1: 'ACTIVE', 2: 'NON_ACTIVE' };
const EXAMPLE_JOB = {
  placement: { clusterName: 'cluster' },
  pysparkJob: { mainPythonFileUri: 'gs://bucket/job.py' },
};

/** The states that a job or an operation has gone through, the present one last. */
function history({ createTime, startTime, cancelTime, endTime, phase }: Moment, states: States) {
  const passed: [string, string | undefined][] = [
    [states.queued, createTime],
    [states.running, startTime],
    [states.cancelling, cancelTime],
    [states[phase], endTime],
  ];
  return passed.flatMap(([state, stateStartTime], i) =>
    stateStartTime && state !== passed[i - 1]?.[0] ? [{ state, stateStartTime }] : [],
  );
}

function jobView(moment: Moment): View {
  const { projects, jobs } = segmentsOf(moment.name);
  const { placement, ...fields } = (moment.given.fields ?? EXAMPLE_JOB) as typeof EXAMPLE_JOB;
  const passed = history(moment, JOB_STATES);
  const details = moment.error ? { details: moment.error.message } : {};
  return {
    ...fields,
    reference: { projectId: projects, jobId: jobs },
    placement: { ...placement, clusterUuid: uuidOf(placement.clusterName) },
    status: { ...passed.at(-1), ...details },
    ...(passed.length > 1 ? { statusHistory: passed.slice(0, -1) } : {}),
    jobUuid: uuidOf(moment.name),
    ...(moment.done ? { done: true } : {}),
  };
}

function jobMatches(query: URLSearchParams): (view: View) => boolean {
  const filter = query.get('filter');
  const given = param(query, 'jobStateMatcher', 'job_state_matcher') ?? 'ALL';
  const matcher = filter ? stateOfFilter(filter) : (MATCHERS[given] ?? given);
  if (!Object.values(MATCHERS).includes(matcher)) {
    throw new StatusError(
      'INVALID_ARGUMENT',
      `Invalid value at 'job_state_matcher' (type.googleapis.com/${API}.ListJobsRequest.JobStateMatcher), "${given}"`,
    );
  }
  const cluster = param(query, 'clusterName', 'cluster_name');
  return (view) =>
    (matcher === 'ALL' || (matcher === 'ACTIVE') !== (view.done === true)) &&
    (!cluster || (view.placement as View).clusterName === cluster);
}

/** "`status.state` can be either `ACTIVE` or `NON_ACTIVE`"; labels are refused here. */
function stateOfFilter(filter: string): string {
  const state = /^\s*status\.state\s*=\s*(ACTIVE|NON_ACTIVE)\s*$/.exec(filter)?.[1];
  if (!state) throw invalidFilter(filter);
  return state;
}

/** https://cloud.google.com/dataproc/docs/reference/rest/v1/projects.regions.jobs */
const jobs: ResourceType = {
  service: SERVICE,
  versions: ['v1'],
  pattern: 'projects/*/regions/*/jobs/*',
  rpc: `${API}.JobController`,
  noun: 'Job',
  view: jobView,
  list: {
    items: 'jobs',
    query: ['filter', 'jobStateMatcher', 'clusterName'],
    unreachable: 'name',
    matches: jobMatches,
  },
  cancel: { fields: ['projectId', 'region', 'jobId'] },
  create: {
    path: '(projects/*/regions/*)/jobs:submit',
    rpc: 'SubmitJob',
    required: ['job.placement.clusterName'],
    start: ({ parent, body }) => {
      const { reference, ...fields } = body.job as View & { reference?: { jobId?: string } };
      return { name: `${parent}/jobs/${reference?.jobId || randomUUID()}`, fields };
    },
  },
  example: {
    name: 'projects/my-project/regions/us-central1/jobs/job-1',
    body: { job: EXAMPLE_JOB },
  },
};

const OPERATION_STATES: States = {
  queued: 'PENDING',
  running: 'RUNNING',
  cancelling: 'RUNNING',
  cancelled: 'DONE',
  succeeded: 'DONE',
  failed: 'DONE',
};

/** Regional operations are those of clusters: their metadata has no `createTime`. */
function clusterMetadata(moment: Moment): View {
  const passed = history(moment, OPERATION_STATES);
  return {
    '@type': `type.googleapis.com/${API}.ClusterOperationMetadata`,
    clusterName: 'cluster',
    operationType: 'CREATE',
    description: 'Create cluster with 2 workers',
    status: passed.at(-1),
    ...(passed.length > 1 ? { statusHistory: passed.slice(0, -1) } : {}),
  };
}

function batchMetadata({ name, createTime, endTime }: Moment): View {
  return {
    '@type': `type.googleapis.com/${API}.BatchOperationMetadata`,
    batch: name.replace(/\/operations\/[^/]*$/, '/batches/batch-1'),
    createTime,
    ...(endTime ? { doneTime: endTime } : {}),
    operationType: 'BATCH',
    description: 'Batch',
  };
}

function operations(place: string, metadata: (moment: Moment) => View): ResourceType {
  return {
    service: SERVICE,
    versions: ['v1'],
    pattern: `projects/*/${place}/*/operations/*`,
    rpc: 'google.longrunning.Operations',
    noun: 'Operation',
    refusal: 'UNIMPLEMENTED',
    view: (moment) => ({ ...operationOf(moment, metadata(moment)) }),
    list: {
      items: 'operations',
      query: ['filter', 'returnPartialSuccess'],
      unreachable: 'name',
      // What Dataproc takes as a filter of operations is not documented.
      matches: (query) => {
        const filter = query.get('filter');
        if (filter) throw invalidFilter(filter);
        return () => true;
      },
    },
    cancel: { fields: ['name'], answer: 'empty' },
    create: {
      path: `(projects/*/${place}/*)/operations`,
      rpc: 'EmulatorOnlyCreateOperation',
      required: [],
      start: ({ parent }) => ({ name: `${parent}/operations/${randomUUID()}` }),
    },
    example: { name: `projects/my-project/${place}/us-central1/operations/operation-1`, body: {} },
  };
}

/** https://cloud.google.com/dataproc/docs/reference/rest/v1/projects.regions.operations */
export const dataproc: ResourceType[] = [
  jobs,
  operations('regions', clusterMetadata),
  operations('locations', batchMetadata),
];
