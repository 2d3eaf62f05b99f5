import { randomUUID } from 'node:crypto';
import { parseFilter } from '../filter.ts';
import type { Moment } from '../record.ts';
import {
  durationBetween,
  idOf,
  type ResourceType,
  type States,
  times,
  type View,
} from '../resource-type.ts';

const WORKFLOW = 'projects/*/locations/*/workflows/*';
const STATES: States = {
  queued: 'QUEUED',
  running: 'ACTIVE',
  cancelling: 'ACTIVE',
  cancelled: 'CANCELLED',
  succeeded: 'SUCCEEDED',
  failed: 'FAILED',
};
/** ExecutionView.BASIC: "The following fields are returned". */
const BASIC = ['name', 'startTime', 'endTime', 'duration', 'state', 'workflowRevisionId'];

function view(moment: Moment): View {
  const { name, phase, startTime, endTime, error, given } = moment;
  const { updateTime: _, ...when } = times(moment, 'startTime', 'endTime');
  return {
    ...given.fields,
    name,
    ...when,
    duration: durationBetween(startTime, endTime),
    state: STATES[phase],
    ...(phase === 'succeeded' ? { result: 'null' } : {}),
    ...(phase === 'failed' ? { error: { payload: error?.message, context: 'main' } } : {}),
    workflowRevisionId: '000001-c0d',
  };
}

/** Names or numbers: clients send either. */
function inView(execution: View, query: URLSearchParams): View {
  if (['FULL', '2'].includes(query.get('view') ?? '')) return execution;
  return Object.fromEntries(
    BASIC.flatMap((field) => (field in execution ? [[field, execution[field]]] : [])),
  );
}

/** https://cloud.google.com/workflows/docs/reference/executions/rest/v1/projects.locations.workflows.executions */
export const workflows: ResourceType = {
  service: 'workflowexecutions.googleapis.com',
  versions: ['v1'],
  pattern: `${WORKFLOW}/executions/*`,
  rpc: 'google.cloud.workflows.executions.v1.Executions',
  noun: 'Execution',
  numbers: true,
  view,
  list: {
    items: 'executions',
    query: ['filter', 'orderBy', 'view'],
    matches: (query) =>
      parseFilter(query.get('filter') ?? undefined, {
        state: ({ state }) => state,
        executionID: ({ name }) => idOf(String(name)),
      }),
    item: inView,
  },
  cancel: { fields: ['name'] },
  create: {
    path: `(${WORKFLOW})/executions`,
    rpc: 'CreateExecution',
    required: [],
    start: ({ parent, body }) => ({ name: `${parent}/executions/${randomUUID()}`, fields: body }),
  },
  example: {
    name: 'projects/my-project/locations/us-central1/workflows/flow/executions/5f2a4b1c-0000-4000-8000-000000000002',
    body: { argument: '{}' },
  },
};
