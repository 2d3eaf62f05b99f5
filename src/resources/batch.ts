/** Batch: jobs. https://cloud.google.com/batch/docs/reference/rest/v1/projects.locations.jobs */

import type { EndState, ResourceType } from './resource-type.ts';
import {
  describeType,
  permissionsOf,
  readState,
  recordOrEmpty,
  timeOrUndefined,
} from './resource-type.ts';

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
    // There is no batch.jobs.cancel (https://docs.cloud.google.com/iam/docs/roles-permissions/batch); the
    // role is what a cancel needs: https://cloud.google.com/batch/docs/cancel-job
    permissions: permissionsOf('batch.jobs', ['get', 'list']),
    role: 'roles/batch.jobsEditor',
    example: 'projects/my-project/locations/us-central1/jobs/my-job',
  }),
];
