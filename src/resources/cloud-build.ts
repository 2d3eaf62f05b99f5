/**
 * Cloud Build: builds of a location, and of a project, which are those of the location `global`.
 * https://cloud.google.com/build/docs/api/reference/rest/v1/projects.locations.builds
 */

import type { EndState, Resource, ResourceType } from './resource-type.ts';
import {
  describeType,
  nameUnder,
  permissionsOf,
  readState,
  timeOrUndefined,
} from './resource-type.ts';

/** https://cloud.google.com/build/docs/api/reference/rest/v1/projects.builds#status */
const ENDS = new Map<unknown, EndState>([
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
    ended: readState(status, ENDS, []).ended,
    createTime: timeOrUndefined(createTime),
  }),
  // There is no builds.cancel: https://cloud.google.com/build/docs/iam-roles-permissions
  permissions: permissionsOf('cloudbuild.builds', ['update', 'get', 'list']),
};

export const cloudBuild: readonly ResourceType[] = [
  describeType({
    ...BUILDS,
    shape: 'projects/*/locations/*/builds/*',
    // Both fields are required beside the name:
    // https://cloud.google.com/build/docs/api/reference/rest/v1/projects.locations.builds/cancel
    cancel(name) {
      const [, projectId, , , , id] = name.split('/');
      return { path: `/v1/${name}:cancel`, body: JSON.stringify({ projectId, id }) };
    },
    example: 'projects/my-project/locations/us-central1/builds/6a8b0c1d-build',
  }),
  describeType({
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
  }),
];
