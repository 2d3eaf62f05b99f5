import { randomUUID } from 'node:crypto';
import type { Exchange } from '../exchange.ts';
import { parseFilter } from '../filter.ts';
import { param } from '../paging.ts';
import type { Moment } from '../record.ts';
import {
  idOf,
  type ResourceType,
  type States,
  segmentsOf,
  times,
  type View,
} from '../resource-type.ts';
import { StatusError } from '../status.ts';

const API = 'google.devtools.cloudbuild.v1';
const STATES: States = {
  queued: 'QUEUED',
  running: 'WORKING',
  cancelling: 'WORKING',
  cancelled: 'CANCELLED',
  succeeded: 'SUCCESS',
  failed: 'FAILURE',
};
const EXAMPLE = { steps: [{ name: 'gcr.io/cloud-builders/docker', args: ['build', '.'] }] };

function view(moment: Moment): View {
  const { projects, builds } = segmentsOf(moment.given.name);
  const { updateTime: _, ...when } = times(moment, 'startTime', 'finishTime');
  return {
    timeout: '600s',
    ...(moment.given.fields ?? EXAMPLE),
    name: moment.name,
    id: builds,
    projectId: projects,
    status: STATES[moment.phase],
    ...when,
    logUrl: `https://console.cloud.google.com/cloud-build/builds/${builds}?project=${projects}`,
  };
}

/** A build of the collection without a location is in the location `global`. */
const inGlobal = (path: string) =>
  path.replace(/^(projects\/[^/]+)\/builds/, '$1/locations/global/builds');

/** CancelBuildRequest: `projectId` and `id` are required; on the older path they are part of it. */
function checkCancel(body: View, { path }: Exchange, { id, projectId, name }: View): void {
  const regional = path.includes('/locations/');
  const expected = { projectId, id, name };
  for (const field of ['projectId', 'id', 'name'] as const) {
    const given = body[field];
    if (given === undefined && (field === 'name' || !regional)) continue;
    if (given === expected[field] || (field === 'name' && idOf(String(given)) === id)) continue;
    throw new StatusError(
      'INVALID_ARGUMENT',
      given === undefined ? `${field} is required.` : `${field} does not fit the path.`,
    );
  }
}

/** https://cloud.google.com/build/docs/api/reference/rest/v1/projects.builds and projects.locations.builds */
export const cloudBuild: ResourceType = {
  service: 'cloudbuild.googleapis.com',
  versions: ['v1'],
  pattern: 'projects/*/locations/*/builds/*',
  rpc: `${API}.CloudBuild`,
  noun: 'Build',
  numbers: true,
  routes: [
    {
      collection: 'projects/*/locations/*/builds',
      query: ['projectId', 'id'],
      names: (path) => [path],
      parent: (path) => path,
    },
    {
      collection: 'projects/*/builds',
      query: ['name', 'parent'],
      names: (path, { query, body }) => [query.get('name') || nameIn(body) || inGlobal(path)],
      parent: (path, { query }) => query.get('parent') || inGlobal(`${path}/builds`).slice(0, -7),
    },
  ],
  fullName: inGlobal,
  view,
  list: {
    items: 'builds',
    query: ['filter'],
    matches: (query) =>
      parseFilter(query.get('filter') ?? undefined, { status: ({ status }) => status }),
  },
  cancel: { fields: ['name', 'projectId', 'id'], check: checkCancel },
  create: {
    path: '(projects/*(?:/locations/*)?)/builds',
    rpc: 'CreateBuild',
    query: ['parent', 'projectId'],
    required: ['steps'],
    start: ({ parent, body, query }) => {
      const place = param(query, 'parent') || parent;
      return { name: inGlobal(`${place}/builds/${randomUUID()}`), fields: body };
    },
    answer: 'operation',
  },
  operation: (build, _, name) => ({
    name,
    metadata: { '@type': `type.googleapis.com/${API}.BuildOperationMetadata`, build },
    ...(build.finishTime
      ? {
          done: true,
          ...(build.status === 'SUCCESS'
            ? { response: { '@type': `type.googleapis.com/${API}.Build`, ...build } }
            : {
                error: {
                  code: build.status === 'CANCELLED' ? 1 : 2,
                  message: String(build.status),
                },
              }),
        }
      : {}),
  }),
  operationName: ({ id, projectId }) =>
    `operations/build/${projectId}/${Buffer.from(String(id)).toString('base64url')}`,
  example: {
    name: 'projects/my-project/locations/us-central1/builds/5f2a4b1c-0000-4000-8000-000000000001',
    body: EXAMPLE,
  },
};

/** The clients send the name in the body of a cancel whose path has no location. */
function nameIn(body: string): string | undefined {
  try {
    return JSON.parse(body).name;
  } catch {
    return undefined;
  }
}
