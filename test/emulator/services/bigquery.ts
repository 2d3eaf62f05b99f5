import { randomUUID } from 'node:crypto';
import type { Moment } from '../record.ts';
import { type ResourceType, type States, segmentsOf, type View } from '../resource-type.ts';
import { StatusError } from '../status.ts';

/** The function's account as the emulator's metadata server names it: who inserts jobs over HTTP. */
const CALLER = 'cancel-hook@my-project.iam.gserviceaccount.com';
const STATES: States = {
  queued: 'PENDING',
  running: 'RUNNING',
  cancelling: 'RUNNING',
  cancelled: 'DONE',
  succeeded: 'DONE',
  failed: 'DONE',
};
const EXAMPLE = {
  configuration: { jobType: 'QUERY', query: { query: 'SELECT 1', useLegacySql: false } },
};

function view(moment: Moment): View {
  const { projects, locations, jobs } = segmentsOf(moment.name);
  const { phase, createTime, startTime, endTime, error, given } = moment;
  const errorResult =
    phase === 'cancelled'
      ? { reason: 'stopped', message: 'Job execution was cancelled: User requested cancellation' }
      : { reason: 'backendError', message: error?.message };
  return {
    kind: 'bigquery#job',
    etag: 'etag',
    id: `${projects}:${locations}.${jobs}`,
    selfLink: `https://bigquery.googleapis.com/bigquery/v2/projects/${projects}/jobs/${jobs}?location=${locations}`,
    user_email: 'analyst@example.com',
    ...EXAMPLE,
    ...given.fields,
    jobReference: { projectId: projects, jobId: jobs, location: locations },
    statistics: {
      creationTime: milliseconds(createTime),
      ...(startTime ? { startTime: milliseconds(startTime) } : {}),
      ...(endTime ? { endTime: milliseconds(endTime) } : {}),
    },
    status: {
      ...(error ? { errorResult, errors: [errorResult] } : {}),
      state: STATES[phase],
    },
  };
}

const milliseconds = (time: string) => String(Date.parse(time));

function matches(query: URLSearchParams): (view: View) => boolean {
  const states = query.getAll('stateFilter');
  if (states.some((state) => !/^(done|pending|running)$/i.test(state))) {
    throw new StatusError('INVALID_ARGUMENT', `Invalid value for stateFilter: ${states.join()}`);
  }
  const wanted = states.map((state) => state.toUpperCase());
  const earliest = Number(query.get('minCreationTime') ?? 0);
  const latest = Number(query.get('maxCreationTime') ?? Infinity);
  const allUsers = query.get('allUsers') === 'true';
  return (job) => {
    const created = Number((job.statistics as View).creationTime);
    return (
      (wanted.length === 0 || wanted.includes(String((job.status as View).state))) &&
      (allUsers || job.user_email === CALLER) &&
      created >= earliest &&
      created <= latest
    );
  };
}

/** A job of a list: `state` and `errorResult` beside `status`, which only the full projection has. */
function item({ etag: _, selfLink: __, ...job }: View, query: URLSearchParams): View {
  const { state, errorResult } = job.status as View;
  const { status: ___, user_email: ____, ...minimal } = job;
  const shown = /^full$/i.test(query.get('projection') ?? '') ? job : minimal;
  return { ...shown, state, ...(errorResult ? { errorResult } : {}) };
}

/** Without `location`, jobs in the multi-regions US and EU are found, others are not. */
function names(path: string, { query }: { query: URLSearchParams }): string[] {
  const place = query.get('location');
  const places = place ? [place, place.toUpperCase(), place.toLowerCase()] : ['US', 'EU'];
  return places.map((each) => path.replace('/jobs/', `/locations/${each}/jobs/`));
}

/** https://cloud.google.com/bigquery/docs/reference/rest/v2/jobs */
export const bigquery: ResourceType = {
  service: 'bigquery.googleapis.com',
  versions: ['v2'],
  base: '/bigquery/v2',
  pattern: 'projects/*/locations/*/jobs/*',
  rpc: 'google.cloud.bigquery.v2.JobService',
  noun: 'Job',
  whenDone: 'accept',
  legacyErrors: true,
  routes: [
    {
      collection: 'projects/*/jobs',
      query: ['location'],
      names,
      parent: (path) => `${path}/locations/-`,
    },
  ],
  view,
  list: {
    items: 'jobs',
    query:
      'allUsers maxResults maxCreationTime minCreationTime parentJobId projection stateFilter'.split(
        ' ',
      ),
    unreachable: 'id',
    constant: { kind: 'bigquery#jobList', etag: 'etag' },
    matches,
    item,
  },
  cancel: {
    suffix: '/cancel',
    fields: [],
    answer: (job) => ({ kind: 'bigquery#jobCancelResponse', job }),
  },
  create: {
    path: '(projects/*)/jobs',
    rpc: 'InsertJob',
    required: ['configuration'],
    start: ({ parent, body }) => {
      const { jobReference, ...fields } = body;
      const { jobId, location } = (jobReference ?? {}) as Record<string, string | undefined>;
      const id = jobId ?? `job_${randomUUID()}`;
      if (!/^[\w-]{1,1024}$/.test(id)) {
        throw new StatusError('INVALID_ARGUMENT', `Invalid job ID "${id}".`);
      }
      return {
        name: `${parent}/locations/${location ?? 'US'}/jobs/${id}`,
        fields: { ...fields, user_email: CALLER },
      };
    },
  },
  example: { name: 'projects/my-project/locations/US/jobs/bquxjob_1', body: EXAMPLE },
};
