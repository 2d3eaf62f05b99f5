import { randomBytes } from 'node:crypto';
import type { Moment, Phase } from '../record.ts';
import { idOf, type ResourceType, segmentsOf, times, uuidOf, type View } from '../resource-type.ts';
import { StatusError } from '../status.ts';

const API = 'google.cloud.run.v2';
const JOB = 'projects/*/locations/*/jobs/*';
const TEMPLATE = { containers: [{ image: 'us-docker.pkg.dev/cloudrun/container/job' }] };

const CONDITION: Record<Phase, { state: string; executionReason?: string }> = {
  queued: { state: 'CONDITION_PENDING' },
  running: { state: 'CONDITION_RECONCILING' },
  cancelling: { state: 'CONDITION_RECONCILING', executionReason: 'CANCELLING' },
  cancelled: { state: 'CONDITION_FAILED', executionReason: 'CANCELLED' },
  succeeded: { state: 'CONDITION_SUCCEEDED' },
  failed: { state: 'CONDITION_FAILED', executionReason: 'NON_ZERO_EXIT_CODE' },
};

/** The condition `Completed` tells what became of an execution. */
function completed({ phase, error, endTime, cancelTime, createTime }: Moment): View {
  return {
    type: 'Completed',
    ...CONDITION[phase],
    ...(error ? { message: error.message } : {}),
    lastTransitionTime: endTime ?? cancelTime ?? createTime,
  };
}

function view(moment: Moment): View {
  const { name, phase, done, startTime } = moment;
  const { projects, locations, jobs } = segmentsOf(name);
  const { updateTime, ...when } = times(moment, 'startTime', 'completionTime');
  return {
    name,
    uid: uuidOf(name),
    generation: '1',
    creator: 'developer@example.com',
    ...when,
    updateTime,
    launchStage: 'GA',
    job: jobs,
    parallelism: 1,
    taskCount: 1,
    template: TEMPLATE,
    reconciling: !done,
    conditions: [
      completed(moment),
      ...(startTime
        ? [{ type: 'Started', state: 'CONDITION_SUCCEEDED', lastTransitionTime: startTime }]
        : []),
    ],
    observedGeneration: '1',
    ...(phase === 'running' || phase === 'cancelling' ? { runningCount: 1 } : {}),
    ...(phase === 'succeeded' ? { succeededCount: 1 } : {}),
    ...(phase === 'failed' ? { failedCount: 1 } : {}),
    ...(phase === 'cancelled' ? { cancelledCount: 1 } : {}),
    logUri: `https://console.cloud.google.com/logs/viewer?project=${projects}&location=${locations}`,
    etag: `"${phase}"`,
  };
}

/** https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.jobs.executions */
export const run: ResourceType = {
  service: 'run.googleapis.com',
  versions: ['v2'],
  pattern: `${JOB}/executions/*`,
  rpc: `${API}.Executions`,
  noun: 'Execution',
  view,
  list: { items: 'executions', query: ['showDeleted'] },
  cancel: {
    fields: ['name', 'validateOnly', 'etag'],
    check: ({ etag }, _, execution) => {
      if (etag === undefined || etag === execution.etag) return;
      throw new StatusError('ABORTED', 'The etag does not match.');
    },
    answer: 'operation',
  },
  create: {
    path: `(${JOB}):run`,
    rpc: 'RunJob',
    required: [],
    start: ({ parent }) => ({
      name: `${parent}/executions/${idOf(parent)}-${randomBytes(3).toString('hex')}`,
    }),
    answer: 'operation',
  },
  // The operation ends without an error whatever became of the execution.
  operation: (execution, _, name) => ({
    name,
    metadata: { '@type': `type.googleapis.com/${API}.Execution`, ...execution },
    ...(execution.completionTime
      ? { done: true, response: { '@type': `type.googleapis.com/${API}.Execution`, ...execution } }
      : {}),
  }),
  example: {
    name: 'projects/my-project/locations/us-central1/jobs/job/executions/job-abc12',
    body: {},
  },
};
