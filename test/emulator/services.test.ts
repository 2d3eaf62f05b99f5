import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Emulator, type NewRecord, startEmulator } from './index.ts';
import type { ResourceType } from './resource-type.ts';
import { RESOURCE_TYPES } from './services/index.ts';
import { call } from './testing.ts';

// biome-ignore lint/suspicious/noExplicitAny: resources of many shapes.
type Json = any;

/** The states of a type, as its REST reference lists them, and where they are. */
interface Expected {
  state(resource: Json): unknown;
  running: unknown;
  queued?: unknown;
  cancelling: unknown;
  cancelled: unknown;
  succeeded: unknown;
  failed: unknown;
  /** The query that lists only what runs; `undefined`: none is documented. */
  runningOnly: string | undefined;
  /** When the resource was created, in milliseconds. */
  created(resource: Json): number;
}

const at = (time: string) => Date.parse(time);
const vertex = (prefix: string): Expected => ({
  state: ({ state }) => state,
  running: `${prefix}_RUNNING`,
  queued: `${prefix}_QUEUED`,
  cancelling: `${prefix}_CANCELLING`,
  cancelled: `${prefix}_CANCELLED`,
  succeeded: `${prefix}_SUCCEEDED`,
  failed: `${prefix}_FAILED`,
  runningOnly: `filter=state="${prefix}_RUNNING"`,
  created: ({ createTime }) => at(createTime),
});
const operation: Expected = {
  state: ({ done, error, response }) => [done, error?.code, response !== undefined],
  running: [false, undefined, false],
  cancelling: [false, undefined, false],
  cancelled: [true, 1, false],
  succeeded: [true, undefined, true],
  failed: [true, 13, false],
  runningOnly: 'filter=done=false',
  created: ({ metadata }) => at(metadata.createTime),
};

function expectedOf({ service, pattern, noun }: ResourceType): Expected {
  const row = EXPECTED[`${service} ${noun}`];
  if (row) return row;
  if (service === 'aiplatform.googleapis.com') {
    return vertex(/ipeline/.test(noun) ? 'PIPELINE_STATE' : 'JOB_STATE');
  }
  assert.equal(noun, 'Operation', `${service} ${pattern} has no expected states`);
  return operation;
}

const EXPECTED: Record<string, Expected> = {
  'dataproc.googleapis.com Job': {
    state: ({ status }) => status.state,
    running: 'RUNNING',
    queued: 'PENDING',
    cancelling: 'CANCEL_STARTED',
    cancelled: 'CANCELLED',
    succeeded: 'DONE',
    failed: 'ERROR',
    runningOnly: 'jobStateMatcher=ACTIVE',
    created: ({ status, statusHistory }) => at((statusHistory?.[0] ?? status).stateStartTime),
  },
  'dataproc.googleapis.com Operation': {
    ...operation,
    runningOnly: undefined,
    // Of a cluster's operation, only the states have times.
    created: ({ metadata: { createTime, status, statusHistory } }) =>
      at(createTime ?? (statusHistory?.[0] ?? status).stateStartTime),
  },
  'cloudbuild.googleapis.com Build': {
    state: ({ status }) => status,
    running: 'WORKING',
    queued: 'QUEUED',
    cancelling: 'WORKING',
    cancelled: 'CANCELLED',
    succeeded: 'SUCCESS',
    failed: 'FAILURE',
    runningOnly: 'filter=status="WORKING"',
    created: ({ createTime }) => at(createTime),
  },
  'run.googleapis.com Execution': {
    state: ({ completionTime, conditions }) => {
      const { state, executionReason } = conditions.find(({ type }: Json) => type === 'Completed');
      return [completionTime !== undefined, state, executionReason];
    },
    running: [false, 'CONDITION_RECONCILING', undefined],
    queued: [false, 'CONDITION_PENDING', undefined],
    cancelling: [false, 'CONDITION_RECONCILING', 'CANCELLING'],
    cancelled: [true, 'CONDITION_FAILED', 'CANCELLED'],
    succeeded: [true, 'CONDITION_SUCCEEDED', undefined],
    failed: [true, 'CONDITION_FAILED', 'NON_ZERO_EXIT_CODE'],
    runningOnly: undefined,
    created: ({ createTime }) => at(createTime),
  },
  'batch.googleapis.com Job': {
    state: ({ status }) => status.state,
    running: 'RUNNING',
    queued: 'QUEUED',
    cancelling: 'CANCELLATION_IN_PROGRESS',
    cancelled: 'CANCELLED',
    succeeded: 'SUCCEEDED',
    failed: 'FAILED',
    runningOnly: 'filter=status.state="RUNNING"',
    created: ({ createTime }) => at(createTime),
  },
  'workflowexecutions.googleapis.com Execution': {
    state: ({ state }) => state,
    running: 'ACTIVE',
    queued: 'QUEUED',
    cancelling: 'ACTIVE',
    cancelled: 'CANCELLED',
    succeeded: 'SUCCEEDED',
    failed: 'FAILED',
    runningOnly: 'filter=state="ACTIVE"',
    created: ({ createTime }) => at(createTime),
  },
  'bigquery.googleapis.com Job': {
    state: ({ status }) => [status.state, status.errorResult?.reason],
    running: ['RUNNING', undefined],
    queued: ['PENDING', undefined],
    cancelling: ['RUNNING', undefined],
    cancelled: ['DONE', 'stopped'],
    succeeded: ['DONE', undefined],
    failed: ['DONE', 'backendError'],
    runningOnly: 'allUsers=true&projection=full&stateFilter=running&stateFilter=pending',
    created: ({ statistics }) => Number(statistics.creationTime),
  },
};

/** The services whose lists, by Discovery, have no `unreachable`. */
const WITHOUT_UNREACHABLE =
  /^(aiplatform|cloudbuild|run|workflowexecutions|apigeeregistry|blockchainnodeengine|rapidmigrationassessment|securesourcemanager)\./;

/** One resource of a type, on an emulator with a clock that stands still. */
async function setUp(type: ResourceType, given: Partial<NewRecord> = {}) {
  const clock = { time: Date.UTC(2026, 0, 1) };
  const emulator = await startEmulator({
    now: () => clock.time,
    cancelDelay: 50,
    services: [type.service],
  });
  const base = emulator.services[type.service] + (type.base ?? `/${type.versions[0]}`);
  const { name } = type.example;
  const bigquery = type.service === 'bigquery.googleapis.com';
  const location = bigquery ? '?location=US' : '';
  const pathOf = (each: string) => (bigquery ? each.replace('/locations/US', '') : each);
  const cancelUrl = (each: string) =>
    `${base}/${pathOf(each)}${bigquery ? '/cancel' : ':cancel'}${location}`;
  const bodyOf = (each: string) =>
    type.noun === 'Build' ? { projectId: each.split('/')[1], id: each.split('/').at(-1) } : {};
  emulator.addResource({ name: `//${type.service}/${name}`, duration: 1000, ...given });
  return {
    clock,
    emulator,
    get: (each = name) => call(emulator, 'GET', `${base}/${pathOf(each)}${location}`),
    cancel: (more: object = {}, each = name) =>
      call(emulator, 'POST', cancelUrl(each), { body: { ...bodyOf(each), ...more } }),
    cancelUrl,
    listUrl: `${base}/${pathOf(name).replace(/\/[^/]+$/, '')}`,
    createUrl: `${base}/${createPath(type)}`,
  };
}

/** The create method's path, with the names of the example in the place of its wildcards. */
function createPath({ create, example }: ResourceType): string {
  const parts = example.name.split('/').values();
  const path = create.path.replace(/\(\?:|\)\?|[()]/g, '');
  return path
    .split('/')
    .map((part) => {
      const own = parts.next().value ?? '';
      return part.replace(/^\*/, own);
    })
    .join('/');
}

const list = (emulator: Emulator, url: string, query = '') =>
  call(emulator, 'GET', `${url}?${query}`);

for (const type of RESOURCE_TYPES) {
  const expected = expectedOf(type);
  const { items } = type.list;
  describe(`${type.service} ${type.pattern}`, () => {
    test('runs, is asked to stop, and ends as cancelled', async () => {
      const { emulator, clock, get, cancel } = await setUp(type);
      await using _ = emulator;
      assert.deepEqual(expected.state((await get()).json), expected.running);
      const cancelled = await cancel();
      assert.equal(cancelled.status, 200, cancelled.text);
      assert.deepEqual(expected.state((await get()).json), expected.cancelling);
      clock.time += 50;
      const { json } = await get();
      assert.deepEqual(expected.state(json), expected.cancelled);
      assert.equal(expected.created(json), Date.UTC(2026, 0, 1));
    });

    test('may wait first, and may complete or fail, by itself or in spite of a cancel', async () => {
      const { emulator, clock, get, cancel } = await setUp(type);
      await using _ = emulator;
      const cases: Partial<NewRecord>[] = [
        { queuedFor: 500 },
        { duration: 0 },
        { duration: 0, error: { code: 13, message: 'It failed.' } },
        { onCancel: 'complete' },
        { onCancel: 'fail' },
        { onCancel: 'ignore' },
      ];
      const names = cases.map((_, i) => `${type.example.name}-${i}`);
      for (const [i, name] of names.entries()) {
        emulator.addResource({ name: `//${type.service}/${name}`, ...cases[i] });
        if (cases[i]?.onCancel) assert.equal((await cancel({}, name)).status, 200);
      }
      clock.time += 50;
      const states = [];
      for (const name of names) states.push(expected.state((await get(name)).json));
      const { queued = expected.running, succeeded, failed, cancelling } = expected;
      assert.deepEqual(states, [queued, succeeded, failed, succeeded, failed, cancelling]);
    });

    test('a cancel of what is done, cannot be cancelled, or is not there', async () => {
      const { emulator, cancel, cancelUrl } = await setUp(type, { duration: 0 });
      await using _ = emulator;
      const accepts = type.service === 'bigquery.googleapis.com';
      assert.equal((await cancel()).status, accepts ? 200 : 400);
      const name = `//${type.service}/${type.example.name}`;
      for (const [whenDone, status] of [
        ['accept', 200],
        ['refuse', 400],
      ] as const) {
        emulator.addResource({ name, duration: 0, whenDone });
        assert.equal((await cancel()).status, status, whenDone);
      }
      emulator.addResource({ name, onCancel: 'refuse' });
      assert.equal((await cancel()).status, type.noun === 'Operation' ? 501 : 400);
      const body = type.noun === 'Build' ? { projectId: 'my-project', id: 'x' } : {};
      const missing = await call(emulator, 'POST', cancelUrl(type.example.name.slice(0, -1)), {
        body,
      });
      assert.deepEqual([missing.status, missing.json.error.status], [404, 'NOT_FOUND']);
    });

    test('refuses requests without a token, unknown fields, and unknown parameters', async () => {
      const { emulator, get, cancel, cancelUrl, listUrl, createUrl } = await setUp(type);
      await using _ = emulator;
      const before = (await get()).json;
      for (const [method, url] of [
        ['GET', listUrl],
        ['POST', cancelUrl(type.example.name)],
        ['POST', createUrl],
      ] as const) {
        const reply = await call(emulator, method, url, {
          token: null,
          ...(method === 'POST' ? { body: '' } : {}),
        });
        assert.deepEqual([reply.status, reply.json.error.status], [401, 'UNAUTHENTICATED'], url);
      }
      for (const more of [{ force: true }, { reason: 'x' }]) {
        const reply = await cancel(more);
        assert.deepEqual([reply.status, reply.json.error.status], [400, 'INVALID_ARGUMENT']);
      }
      for (const query of ['colour=red', 'page=2']) {
        assert.equal((await list(emulator, listUrl, query)).status, 400, query);
      }
      assert.deepEqual((await get()).json, before);
    });

    test('lists all pages, each resource once, and what runs where that is documented', async () => {
      const { emulator, listUrl } = await setUp(type);
      await using _ = emulator;
      const others = [1, 2, 3, 4].map((i) => `${type.example.name}-${i}`);
      for (const [i, name] of others.entries()) {
        emulator.addResource({
          name: `//${type.service}/${name}`,
          duration: i % 2 ? 0 : 1000,
          createTime: Date.UTC(2025, 0, 1 + i),
        });
      }
      const all = type.service === 'bigquery.googleapis.com' ? 'allUsers=true&projection=full' : '';
      const size = type.service === 'bigquery.googleapis.com' ? 'maxResults' : 'pageSize';
      const pages: Json[][] = [];
      for (let token = ''; ; ) {
        const { json } = await list(emulator, listUrl, `${all}&${size}=2&pageToken=${token}`);
        pages.push(json[items]);
        token = json.nextPageToken;
        if (!token) break;
      }
      assert.deepEqual(
        pages.map(({ length }) => length),
        [2, 2, 1],
      );
      assert.equal(new Set(pages.flat().map((one) => JSON.stringify(one))).size, 5);
      const created = pages
        .flat()
        .map((one) => expected.created({ createTime: one.startTime, ...one }));
      assert.notDeepEqual(created, created.toSorted(), 'not oldest first');
      if (expected.runningOnly === undefined) {
        assert.equal((await list(emulator, listUrl, 'filter=state=RUNNING')).status, 400);
      } else {
        const { json } = await list(emulator, listUrl, expected.runningOnly);
        assert.equal(json[items]?.length, 3, JSON.stringify(json));
      }
    });

    test('fields: leaves the rest out, and refuses `unreachable` where the list has none', async () => {
      const { emulator, listUrl } = await setUp(type);
      await using _ = emulator;
      const all = type.service === 'bigquery.googleapis.com' ? 'allUsers=true&' : '';
      const masked = await list(
        emulator,
        listUrl,
        `${all}fields=${items}(kind,name),nextPageToken`,
      );
      const [{ name, kind, ...rest }] = masked.json[items];
      assert.deepEqual(rest, {});
      const unreachable = await list(emulator, listUrl, `${all}fields=${items},unreachable`);
      const refused = WITHOUT_UNREACHABLE.test(type.service);
      assert.equal(unreachable.status, refused ? 400 : 200, unreachable.text);
    });

    test('the create method starts one, and refuses a body without what is required', async () => {
      const { emulator, createUrl, listUrl } = await setUp(type);
      await using _ = emulator;
      const { body } = type.example;
      const url =
        type.service === 'alloydb.googleapis.com' ? `${createUrl}?clusterId=c` : createUrl;
      const created = await call(emulator, 'POST', url, { body });
      assert.equal(created.status, 200, created.text);
      const { json } = await list(emulator, listUrl);
      const seen = type.service === 'bigquery.googleapis.com' ? 1 : 2;
      assert.equal(json[items]?.length, seen, JSON.stringify(json));
      if (type.create.required.length > 0) {
        assert.equal((await call(emulator, 'POST', url, { body: {} })).status, 400);
      }
    });
  });
}

test('the table has the 47 services with like operations, and the jobs and runs of seven more', () => {
  const like = RESOURCE_TYPES.filter(
    ({ noun, service }) => noun === 'Operation' && service !== 'dataproc.googleapis.com',
  );
  assert.equal(like.length, 47);
  assert.equal(RESOURCE_TYPES.length, 47 + 7 + 3 + 5);
});
