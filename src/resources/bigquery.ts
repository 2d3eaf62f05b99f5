/**
 * BigQuery: jobs. https://cloud.google.com/bigquery/docs/reference/rest/v2/jobs
 *
 * Its API has no resource names: the location is a parameter of the query, and a list spans them all.
 */

import type { EndState, Resource, ResourceState, ResourceType } from './resource-type.ts';
import { canBeSameProject, describeType, permissionsOf, recordOrEmpty } from './resource-type.ts';

export const bigquery: readonly ResourceType[] = [
  describeType({
    service: 'bigquery.googleapis.com',
    version: 'v2',
    shape: 'projects/*/locations/*/jobs/*',
    // https://cloud.google.com/bigquery/docs/reference/rest/v2/JobReference
    lastId: '[A-Za-z0-9_-]{1,1024}',
    cancel: (name) => ({ path: toPath(name, '/cancel') }),
    get: (name) => toPath(name, ''),
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
    nameOf,
    toState,
    permissions: permissionsOf('bigquery.jobs', ['update', 'get', 'listAll']),
    example: 'projects/my-project/locations/us/jobs/bquxjob_1234_5678',
  }),
];

function toPath(name: string, suffix: string): string {
  const [, project, , location, , id] = name.split('/');
  return `/bigquery/v2/projects/${project}/jobs/${id}${suffix}?location=${location}`;
}

/** Locations are the same in both cases: the API answers `US` to `us`. */
function nameOf({ jobReference }: Resource, parent: string): string | undefined {
  const { projectId, location, jobId } = recordOrEmpty(jobReference);
  const [, project, , asked] = parent.split('/');
  if (typeof location !== 'string' || typeof jobId !== 'string') return undefined;
  if (!canBeSameProject(project, projectId)) return undefined;
  if (asked === '-') return `projects/${project}/locations/${location}/jobs/${jobId}`;
  return asked?.toLowerCase() === location.toLowerCase() ? `${parent}/${jobId}` : undefined;
}

function toState({ status, statistics }: Resource): ResourceState {
  const { state, errorResult } = recordOrEmpty(status);
  const { creationTime } = recordOrEmpty(statistics);
  return {
    ended: state === 'DONE' ? toEndState(errorResult) : undefined,
    createTime: isMilliseconds(creationTime)
      ? new Date(Number(creationTime)).toISOString()
      : undefined,
  };
}

/** `stopped`: the job was cancelled (https://cloud.google.com/bigquery/docs/error-messages). */
function toEndState(error: unknown): EndState {
  if (!error) return 'COMPLETED';
  return recordOrEmpty(error).reason === 'stopped' ? 'CANCELLED' : 'FAILED';
}

/** Milliseconds since 1970 as text, as JSON carries an int64. */
function isMilliseconds(value: unknown): value is string {
  return typeof value === 'string' && /^[1-9]\d{0,14}$/.test(value);
}
