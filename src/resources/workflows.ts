/**
 * Workflows: executions.
 * https://cloud.google.com/workflows/docs/reference/executions/rest/v1/projects.locations.workflows.executions
 */

import type { EndState, ResourceType } from './resource-type.ts';
import { describeType, permissionsOf, readState, timeOrUndefined } from './resource-type.ts';

/** The state `UNAVAILABLE` says that its data cannot be read, not that it ended. */
const ENDS = new Map<unknown, EndState>([
  ['CANCELLED', 'CANCELLED'],
  ['SUCCEEDED', 'COMPLETED'],
  ['FAILED', 'FAILED'],
]);

export const workflows: readonly ResourceType[] = [
  describeType({
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
      ended: readState(state, ENDS, []).ended,
      createTime: timeOrUndefined(createTime) ?? timeOrUndefined(startTime),
    }),
    permissions: permissionsOf('workflows.executions'),
    example:
      'projects/my-project/locations/us-central1/workflows/my-workflow/executions/execution-123',
  }),
];
