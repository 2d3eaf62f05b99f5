import { randomUUID } from 'node:crypto';
import { parseFilter } from '../filter.ts';
import { EMPTY } from '../operation.ts';
import { param } from '../paging.ts';
import type { Moment } from '../record.ts';
import {
  durationBetween,
  type ResourceType,
  type States,
  times,
  uuidOf,
  type View,
} from '../resource-type.ts';

const API = 'google.cloud.batch.v1';
const PARENT = 'projects/*/locations/*';
const STATES: States = {
  queued: 'QUEUED',
  running: 'RUNNING',
  cancelling: 'CANCELLATION_IN_PROGRESS',
  cancelled: 'CANCELLED',
  succeeded: 'SUCCEEDED',
  failed: 'FAILED',
};
const EXAMPLE = {
  taskGroups: [{ taskSpec: { runnables: [{ script: { text: 'sleep 3600' } }] }, taskCount: '1' }],
};

function view(moment: Moment): View {
  const { name, phase, startTime, endTime, error, given } = moment;
  const { createTime, updateTime } = times(moment, 'startTime', 'endTime');
  return {
    priority: '0',
    ...(given.fields ?? EXAMPLE),
    name,
    uid: `j-${uuidOf(name)}`,
    status: {
      state: STATES[phase],
      statusEvents: [
        {
          type: 'STATUS_CHANGED',
          description: error?.message ?? `Job state is set to ${STATES[phase]}.`,
          eventTime: updateTime,
        },
      ],
      ...(endTime ? { runDuration: durationBetween(startTime, endTime) } : {}),
    },
    createTime,
    updateTime,
  };
}

const stateOf = (job: View) => (job.status as View).state;

/** https://cloud.google.com/batch/docs/reference/rest/v1/projects.locations.jobs */
export const batch: ResourceType = {
  service: 'batch.googleapis.com',
  versions: ['v1'],
  pattern: `${PARENT}/jobs/*`,
  rpc: `${API}.BatchService`,
  noun: 'Job',
  view,
  list: {
    items: 'jobs',
    query: ['filter', 'orderBy'],
    unreachable: 'name',
    matches: (query) => parseFilter(query.get('filter') ?? undefined, { 'status.state': stateOf }),
  },
  cancel: { fields: ['name', 'requestId'], answer: 'operation' },
  create: {
    path: `(${PARENT})/jobs`,
    rpc: 'CreateJob',
    query: ['jobId', 'requestId'],
    required: ['taskGroups'],
    start: ({ parent, body, query }) => ({
      name: `${parent}/jobs/${param(query, 'jobId', 'job_id') || `j-${randomUUID()}`}`,
      fields: body,
    }),
  },
  operation: (job, verb, name) => ({
    name,
    metadata: {
      '@type': `type.googleapis.com/${API}.OperationMetadata`,
      createTime: job.updateTime,
      target: job.name,
      verb,
      requestedCancellation: false,
      apiVersion: 'v1',
    },
    ...(stateOf(job) === STATES.cancelling ? { done: false } : { done: true, response: EMPTY }),
  }),
  example: { name: 'projects/my-project/locations/us-central1/jobs/job-1', body: EXAMPLE },
};
