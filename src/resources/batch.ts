/** Batch: jobs. https://cloud.google.com/batch/docs/reference/rest/v1/projects.locations.jobs */

import {
  describeType,
  permissionsOf,
  readState,
  recordOrEmpty,
  timeOrUndefined,
} from './describe-type.ts';
import type { EndState, ResourceType } from './resource-type.ts';

/** https://cloud.google.com/batch/docs/reference/rest/v1/projects.locations.jobs#state */
const ENDS = new Map<unknown, EndState>([
  ['CANCELLED', 'CANCELLED'],
  ['SUCCEEDED', 'COMPLETED'],
  ['FAILED', 'FAILED'],
  ['DELETION_IN_PROGRESS', 'FAILED'],
]);

export const batch: readonly ResourceType[] = [
  describeType({
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
      ...readState(recordOrEmpty(status).state, ENDS, ['CANCELLATION_IN_PROGRESS']),
      createTime: timeOrUndefined(createTime),
    }),
    permissions: permissionsOf('batch.jobs'),
    example: 'projects/my-project/locations/us-central1/jobs/my-job',
  }),
];
