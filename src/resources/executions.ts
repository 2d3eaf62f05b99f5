/** Builds of Cloud Build, and executions of Cloud Run jobs and of Workflows. */

import {
  describeType,
  type EndState,
  nameUnder,
  permissionsOf,
  type Resource,
  type ResourceState,
  type ResourceType,
  readState,
  recordOrEmpty,
  timeOrUndefined,
} from './resource-type.ts';

/** https://cloud.google.com/build/docs/api/reference/rest/v1/projects.builds#status */
const BUILD_ENDS = new Map<unknown, EndState>([
  ['CANCELLED', 'CANCELLED'],
  ['SUCCESS', 'COMPLETED'],
  ['FAILURE', 'FAILED'],
  ['INTERNAL_ERROR', 'FAILED'],
  ['TIMEOUT', 'FAILED'],
  ['EXPIRED', 'FAILED'],
]);

const BUILDS = {
  service: 'cloudbuild.googleapis.com',
  version: 'v1',
  list: {
    items: 'builds',
    // https://cloud.google.com/build/docs/view-build-results#filtering_build_results_using_queries
    running: { filter: 'status="WORKING" OR status="QUEUED" OR status="PENDING"' },
    fields: 'name,status,createTime',
    hasUnreachable: false,
    wildcards: [],
  },
  toState: ({ status, createTime }: Resource) => ({
    ended: readState(status, BUILD_ENDS, []).ended,
    createTime: timeOrUndefined(createTime),
  }),
  // There is no builds.cancel: https://cloud.google.com/build/docs/iam-roles-permissions
  permissions: permissionsOf('cloudbuild.builds', ['update', 'get', 'list']),
};

/** https://cloud.google.com/build/docs/api/reference/rest/v1/projects.locations.builds */
const locationBuilds = describeType({
  ...BUILDS,
  shape: 'projects/*/locations/*/builds/*',
  // Both fields are required beside the name:
  // https://cloud.google.com/build/docs/api/reference/rest/v1/projects.locations.builds/cancel
  cancel(name) {
    const [, projectId, , , , id] = name.split('/');
    return { path: `/v1/${name}:cancel`, body: JSON.stringify({ projectId, id }) };
  },
  example: 'projects/my-project/locations/us-central1/builds/6a8b0c1d-build',
});

/** Those of the location `global`: https://cloud.google.com/build/docs/api/reference/rest/v1/projects.builds */
const projectBuilds = describeType({
  ...BUILDS,
  shape: 'projects/*/builds/*',
  // The name of these builds has the location, too.
  nameOf({ name }, parent) {
    const project = parent.split('/')[1];
    const location = `projects/${project}/locations/global/builds`;
    const found = nameUnder(location, name);
    return found && `${parent}${found.slice(location.length)}`;
  },
  example: 'projects/my-project/builds/6a8b0c1d-build',
});

/** https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.jobs.executions */
const cloudRun = describeType({
  service: 'run.googleapis.com',
  version: 'v2',
  shape: 'projects/*/locations/*/jobs/*/executions/*',
  list: {
    items: 'executions',
    fields: 'name,createTime,completionTime,conditions',
    hasUnreachable: false,
    wildcards: ['jobs'],
  },
  toState: toCloudRunState,
  permissions: permissionsOf('run.executions'),
  example: 'projects/my-project/locations/us-central1/jobs/my-job/executions/my-job-abcde',
});

/** https://cloud.google.com/run/docs/reference/rest/v2/Condition#state */
const CLOUD_RUN_ENDS = new Map<unknown, EndState>([
  ['CONDITION_SUCCEEDED', 'COMPLETED'],
  ['CONDITION_FAILED', 'FAILED'],
]);

/**
 * Reads the condition `Completed`. The operation that a cancel returns is no evidence: it ends without an
 * error, whatever the execution does.
 */
function toCloudRunState({ createTime, completionTime, conditions }: Resource): ResourceState {
  const list = Array.isArray(conditions) ? conditions.map(recordOrEmpty) : [];
  const { executionReason, state } = list.find(({ type }) => type === 'Completed') ?? {};
  const ended =
    executionReason === 'CANCELLED' ? 'CANCELLED' : readState(state, CLOUD_RUN_ENDS, []).ended;
  return {
    ended: timeOrUndefined(completionTime) === undefined ? undefined : ended,
    createTime: timeOrUndefined(createTime),
    cancelRequested: executionReason === 'CANCELLING' || executionReason === 'CANCELLED',
  };
}

/** https://cloud.google.com/workflows/docs/reference/executions/rest/v1/projects.locations.workflows.executions */
const workflows = describeType({
  service: 'workflowexecutions.googleapis.com',
  version: 'v1',
  shape: 'projects/*/locations/*/workflows/*/executions/*',
  list: {
    items: 'executions',
    running: { filter: 'state="ACTIVE" OR state="QUEUED"' },
    // The basic view has no `createTime`, and a queued execution has no `startTime`.
    query: { view: 'FULL' },
    fields: 'name,state,createTime,startTime',
    hasUnreachable: false,
    wildcards: [],
  },
  toState: ({ state, createTime, startTime }) => ({
    ended: readState(state, WORKFLOW_ENDS, []).ended,
    createTime: timeOrUndefined(createTime) ?? timeOrUndefined(startTime),
  }),
  permissions: permissionsOf('workflows.executions'),
  example:
    'projects/my-project/locations/us-central1/workflows/my-workflow/executions/execution-123',
});

/** The state `UNAVAILABLE` says that its data cannot be read, not that it ended. */
const WORKFLOW_ENDS = new Map<unknown, EndState>([
  ['CANCELLED', 'CANCELLED'],
  ['SUCCEEDED', 'COMPLETED'],
  ['FAILED', 'FAILED'],
]);

export const executions: readonly ResourceType[] = [
  locationBuilds,
  projectBuilds,
  cloudRun,
  workflows,
];
