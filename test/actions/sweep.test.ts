import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Dependencies } from '../../src/actions/cancel.ts';
import { sweep } from '../../src/actions/sweep.ts';
import type { SweepResult } from '../../src/command.ts';
import type { ResourceClient } from '../../src/google/resource-client.ts';
import {
  createCommand,
  createContext,
  createFakeClock,
  createFakeUpstream,
  createParsedResponse,
  createUpstreamError,
  NOW,
  type RuleInput,
} from '../support/fakes.ts';
import { MINUTE, PARENT } from '../support/list-server.ts';

const HOUR = 60 * MINUTE;
const DEV = `${PARENT}/caPools/dev`;

interface Listed {
  readonly name: string;
  readonly done?: boolean;
  readonly metadata: {
    readonly createTime: string;
    readonly verb: string;
    readonly target: string;
  };
}

/** An operation as upstream lists it. */
function operation(id: string, hours = 2, verb = 'create', target = DEV): Listed {
  const createTime = new Date(NOW - hours * HOUR).toISOString();
  return { name: `${PARENT}/operations/${id}`, metadata: { createTime, verb, target } };
}

/** So many operations, the oldest first. */
const many = (count: number) =>
  Array.from({ length: count }, (_, n) => operation(`o-${n}`, 99 - n / 100));

/** Sweeps what upstream lists. The body is laid over a sweep of everything older than an hour. */
async function run({
  listed,
  body = {},
  upstream = {},
  deps = {},
  ...context
}: {
  listed: readonly Listed[];
  body?: object;
  upstream?: Partial<ResourceClient>;
  deps?: Partial<Dependencies>;
} & Omit<Parameters<typeof createContext>[0], 'deps'>) {
  const cancelled: string[] = [];
  const reasons: string[] = [];
  const reads: string[] = [];
  const fake = createFakeUpstream({
    list: async (parent) => {
      reads.push(parent);
      return createParsedResponse({ operations: listed as never });
    },
    ...upstream,
    cancel: async (name, call) => {
      cancelled.push(name);
      reasons.push(call.reason);
      return upstream.cancel ? upstream.cancel(name, call) : createParsedResponse({});
    },
  });
  const ctx = createContext({ ...context, deps: { ...deps, upstream: fake } });
  const command = createCommand('sweep', { parent: PARENT, olderThan: '1h', ...body });
  const result = sweep(command, ctx);
  return { result: await result, entry: ctx.entry, cancelled, reasons, reads };
}

const ids = (names: readonly string[]) => names.map((name) => name.split('/').at(-1));
const outcomes = ({ operations }: SweepResult) =>
  operations.map((one) => ('error' in one ? one.error.status : one.outcome));
const counts = ({ matched, denied, remaining, operations }: SweepResult) => [
  matched,
  denied,
  remaining,
  operations.length,
];

describe('a sweep', () => {
  test('cancels the old, running operations, the oldest first, and shows each of them', async () => {
    const { result, cancelled } = await run({
      listed: [
        operation('old', 2),
        { ...operation('done', 9), done: true },
        operation('young', 59 / 60),
        operation('older', 3, 'delete'),
      ],
      limits: { concurrentCancels: 1 },
    });
    assert.deepEqual(ids(cancelled), ['older', 'old']);
    const [older] = result.operations;
    const { name, metadata } = operation('older', 3, 'delete');
    assert.deepEqual(older, { name, ...metadata, outcome: 'CANCEL_REQUESTED', rule: 'allow[0]' });
    const { operations: _, ...rest } = result;
    assert.deepEqual(rest, {
      parent: PARENT,
      matched: 2,
      denied: 0,
      remaining: 0,
      unreachable: [],
    });
  });

  test('of nothing is a success', async () => {
    assert.deepEqual(counts((await run({ listed: [] })).result), [0, 0, 0, 0]);
  });

  test('with verbs and targets cancels only operations that have one of each', async () => {
    const { result } = await run({
      listed: [
        operation('wanted', 2, 'create', `${DEV}-1`),
        operation('verb', 2, 'created', `${DEV}-1`),
        operation('target', 2, 'create', `${DEV}-1/certificateAuthorities/x`),
      ],
      body: { verbs: ['create', 'update'], targets: ['projects/*/locations/*/caPools/dev-*'] },
    });
    assert.deepEqual(ids(result.operations.map(({ name }) => name)), ['wanted']);
    assert.equal(result.matched, 1);
  });

  test('sends its reason with every cancel', async () => {
    const { reasons } = await run({ listed: many(2), body: { reason: 'nightly' } });
    assert.deepEqual(
      reasons,
      Array(2).fill('cancel-hook caller=ops principal=none reason=nightly'),
    );
  });

  test('cancels at most sweepMax, or limit, and counts what remains', async () => {
    const listed = many(20);
    const limits = { sweepMax: 12 };
    assert.deepEqual(counts((await run({ listed, limits })).result), [20, 0, 8, 12]);
    assert.deepEqual(
      counts((await run({ listed, limits, body: { limit: 5 } })).result),
      [20, 0, 15, 5],
    );
  });

  for (const [what, dry] of [
    ['validateOnly', { body: { validateOnly: true } }],
    ['mode: observe', { mode: 'observe' }],
    [
      'mode: observe, although validateOnly is false',
      { body: { validateOnly: false }, mode: 'observe' },
    ],
  ] as const) {
    test(`with ${what} cancels nothing, and its limit holds`, async () => {
      const limits = { sweepMax: 12 };
      const { result, cancelled } = await run({ ...dry, listed: many(20), limits });
      assert.deepEqual(outcomes(result), Array(12).fill('WOULD_CANCEL'));
      assert.deepEqual([cancelled, result.remaining], [[], 8]);
    });
  }
});

describe('a sweep cancels what a rule with sweep: true allows', () => {
  const rules: RuleInput[] = [
    { verbs: ['create', 'delete'], targets: [`${PARENT}/caPools/dev*`], sweep: true },
    // For operations that are named.
    { operations: [`${PARENT}/operations/*`] },
  ];

  test('and counts the others as denied', async () => {
    const { result, entry } = await run({
      rules,
      listed: [
        operation('allowed', 4, 'delete'),
        operation('verb', 3, 'update'),
        operation('target', 3, 'create', `${PARENT}/caPools/prod`),
      ],
    });
    assert.deepEqual(counts(result), [3, 2, 0, 1]);
    assert.deepEqual([entry.severity, entry.denied], [undefined, undefined]);
  });

  test('where all matches are denied, the log has a WARNING with the closest rule', async () => {
    const { result, entry, cancelled } = await run({
      rules,
      listed: [operation('verb', 3, 'update')],
    });
    assert.deepEqual([counts(result), cancelled], [[1, 1, 0, 0], []]);
    assert.equal(entry.severity, 'WARNING');
    assert.match(entry.denied ?? '', /^allow\[0\]: verbs: /);
  });

  test('names with the number of the project count under the ID that was asked for', async () => {
    const listed = ['123', 'q', 'p'].map((project, index) => ({
      ...operation('o'),
      name: `projects/${project}/locations/l/operations/o-${index}`,
    }));
    const { cancelled } = await run({
      listed,
      rules: [{ operations: ['projects/p/locations/*/operations/*'], sweep: true }],
    });
    assert.deepEqual(cancelled, [`${PARENT}/operations/o-0`, `${PARENT}/operations/o-2`]);
  });

  test('a caller without such a rule is NOT_ALLOWED before anything is read', async () => {
    const upstream = createFakeUpstream({});
    const ctx = createContext({ deps: { upstream }, rules: [{}] });
    for (const validateOnly of [false, true]) {
      const command = createCommand('sweep', { parent: PARENT, olderThan: '1h', validateOnly });
      await assert.rejects(sweep(command, ctx), { reason: 'NOT_ALLOWED' });
    }
  });

  test('an unreachable location is shown where such a rule covers it, and only there', async () => {
    const locations = [
      'projects/p/locations/us-1',
      'projects/p/locations/eu-1',
      'projects/q/locations/us-1',
    ];
    const { result } = await run({
      listed: [],
      body: { parent: 'projects/p/locations/-' },
      rules: [{ operations: ['projects/p/locations/us-*/operations/*'], sweep: true }],
      upstream: {
        list: async () => createParsedResponse({ unreachable: [...locations, 'some text'] }),
      },
    });
    assert.deepEqual(result.unreachable, ['projects/p/locations/us-1', 'some text']);
  });
});

describe('the cancels of a sweep', () => {
  for (const concurrentCancels of [1, 3, 8]) {
    test(`are at most ${concurrentCancels} at one time`, async () => {
      let pending = 0;
      let most = 0;
      const { result } = await run({
        listed: many(20),
        limits: { concurrentCancels },
        upstream: {
          async cancel() {
            most = Math.max(most, ++pending);
            await new Promise((done) => setImmediate(done));
            pending -= 1;
            return createParsedResponse({});
          },
        },
      });
      assert.deepEqual([most, result.operations.length], [concurrentCancels, 20]);
    });
  }

  test('go on where one fails, and each error is in its place', async () => {
    const errors: Record<string, [number, string]> = {
      'o-1': [403, 'PERMISSION_DENIED'],
      'o-3': [500, 'INTERNAL'],
      'o-4': [404, 'NOT_FOUND'],
      'o-5': [400, 'FAILED_PRECONDITION'],
    };
    const { result } = await run({
      listed: many(7),
      upstream: {
        async cancel(name) {
          const error = errors[String(ids([name])[0])];
          if (error) throw createUpstreamError(...error);
          // What the 200 of a cancel says about the operation counts for nothing.
          return createParsedResponse({ done: true, error: { code: 1 } });
        },
        get: async (name) => createParsedResponse({ name, done: true }),
      },
    });
    const requested = 'CANCEL_REQUESTED';
    assert.deepEqual(outcomes(result), [
      ...[requested, 'PERMISSION_DENIED', requested, 'INTERNAL'],
      ...['NOT_FOUND', 'ALREADY_DONE', requested],
    ]);
  });

  test('end when the time is over: the oldest are cancelled, and the others remain', async () => {
    const clock = createFakeClock();
    const { result, cancelled } = await run({
      listed: many(60),
      deps: { clock },
      limits: { sweepTime: 1_000, concurrentCancels: 2 },
      upstream: {
        async cancel() {
          await clock.sleep(150);
          return createParsedResponse({});
        },
      },
    });
    assert.deepEqual(counts(result), [60, 0, 60 - cancelled.length, cancelled.length]);
    assert.deepEqual(
      ids(cancelled),
      Array.from({ length: cancelled.length }, (_, n) => `o-${n}`),
    );
    assert.ok(cancelled.length >= 6 && cancelled.length <= 8, `${cancelled.length}`);
  });

  test('end when the client has disconnected', async () => {
    const controller = new AbortController();
    let begun = 0;
    const { result, cancelled } = await run({
      listed: many(60),
      signal: controller.signal,
      limits: { concurrentCancels: 2 },
      upstream: {
        async cancel() {
          begun += 1;
          if (begun === 4) controller.abort();
          return createParsedResponse({});
        },
      },
    });
    assert.deepEqual([result.operations.length, cancelled.length], [4, 4]);
    assert.equal(result.remaining + result.operations.length, 60);
  });
});

test('a sweep whose client disconnects between two pages reads no more pages and cancels nothing', async () => {
  const controller = new AbortController();
  let pages = 0;
  const upstream = createFakeUpstream({
    async list() {
      pages += 1;
      if (pages === 3) controller.abort();
      return createParsedResponse({ operations: many(2) as never, nextPageToken: String(pages) });
    },
  });
  const ctx = createContext({ deps: { upstream }, signal: controller.signal });
  const command = createCommand('sweep', { parent: PARENT, olderThan: '1h' });
  await assert.rejects(sweep(command, ctx), { reason: 'UPSTREAM_DEADLINE_EXCEEDED' });
  assert.equal(pages, 3);
});

describe('a sweep with a queue', () => {
  const callback = { url: 'https://hook.example/ops', audience: 'https://hook.example' };
  const email = 'sweeper@p.iam.gserviceaccount.com';
  const context = { callback, identities: [email], limits: { sweepMax: 3 } };

  /** A queue in which these operations have a task already. */
  function createQueue(taken: readonly string[] = [], delay = async () => {}) {
    const tasks: object[] = [];
    return {
      tasks,
      queue: {
        async createTask(task: { operation: string }) {
          await delay();
          tasks.push(task);
          return !taken.includes(task.operation);
        },
      },
    };
  }

  test('cancels the oldest itself and queues the others for the caller that swept', async () => {
    const { tasks, queue } = createQueue();
    const listed = many(5);
    const { result, cancelled } = await run({
      ...context,
      listed,
      deps: { queue },
      body: { reason: 'nightly' },
    });
    assert.deepEqual(outcomes(result), [...Array(3).fill('CANCEL_REQUESTED'), 'QUEUED', 'QUEUED']);
    assert.deepEqual(ids(cancelled), ['o-0', 'o-1', 'o-2']);
    const [, , , fourth, fifth] = listed.map(({ name }) => name);
    assert.deepEqual(tasks, [
      { operation: fourth, reason: 'nightly', email, ...callback },
      { operation: fifth, reason: 'nightly', email, ...callback },
    ]);
    assert.deepEqual(counts(result), [5, 0, 0, 5]);
  });

  test('shows a task that an earlier sweep created as ALREADY_QUEUED', async () => {
    const listed = many(5);
    const { queue } = createQueue([listed[3]?.name ?? '']);
    const { result } = await run({ ...context, listed, deps: { queue } });
    assert.deepEqual(outcomes(result).slice(3), ['ALREADY_QUEUED', 'QUEUED']);
  });

  test('takes a limit of up to 10,000', async () => {
    const { queue, tasks } = createQueue();
    const options = { ...context, listed: many(8), deps: { queue } };
    const { result } = await run({ ...options, body: { limit: 5 } });
    assert.deepEqual([counts(result), tasks.length], [[8, 0, 3, 5], 2]);
    await run({ ...options, body: { limit: 10_000 } });
    await assert.rejects(run({ ...options, body: { limit: 10_001 } }), {
      reason: 'INVALID_REQUEST',
    });
  });

  test('queues nothing for a caller that Cloud Tasks cannot call back', async () => {
    const { queue, tasks } = createQueue();
    const options = { ...context, callback: undefined, listed: many(8), deps: { queue } };
    const { result } = await run(options);
    assert.deepEqual([counts(result), tasks], [[8, 0, 5, 3], []]);
  });

  test('queues nothing with validateOnly', async () => {
    const { queue, tasks } = createQueue();
    const body = { validateOnly: true };
    const { result } = await run({ ...context, listed: many(8), deps: { queue }, body });
    assert.deepEqual([outcomes(result), tasks], [Array(8).fill('WOULD_CANCEL'), []]);
  });

  test('that fails shows the error of each operation', async () => {
    const createTask = async () => {
      throw createUpstreamError(403, 'PERMISSION_DENIED');
    };
    const { result } = await run({ ...context, listed: many(5), deps: { queue: { createTask } } });
    assert.deepEqual(outcomes(result).slice(3), Array(2).fill('PERMISSION_DENIED'));
    assert.equal(result.remaining, 0);
  });

  test('keeps 40 % of its time for queueing; what that does not suffice for remains', async () => {
    const clock = createFakeClock();
    const { queue, tasks } = createQueue([], () => clock.sleep(1_000));
    const { result, cancelled } = await run({
      ...context,
      listed: many(100),
      deps: { queue, clock },
      limits: { sweepTime: 50_000, concurrentCancels: 1 },
      upstream: {
        async cancel() {
          await clock.sleep(1_000);
          return createParsedResponse({});
        },
      },
    });
    assert.deepEqual([cancelled.length, tasks.length, result.remaining], [30, 20, 50]);
  });
});

test('a page of 500 operations and 50 targets is examined in turns of the event loop', async () => {
  const id = 'a'.repeat(120);
  const target = `${PARENT}/caPools/${id}/certificateAuthorities/${id}`;
  const listed = Array.from({ length: 500 }, (_, n) => operation(`o-${n}`, 2, 'create', target));
  const stars = '*a'.repeat(60);
  const targets = Array.from(
    { length: 50 },
    (_, n) => `projects/*/locations/*/caPools/${stars}/certificateAuthorities/${stars}b${n}`,
  );
  let turns = 0;
  const count = () => {
    turns += 1;
    immediate = setImmediate(count);
  };
  let immediate = setImmediate(count);
  const before = process.cpuUsage();
  await run({ listed, body: { targets } });
  clearImmediate(immediate);
  const { user } = process.cpuUsage(before);
  assert.ok(turns >= 10, `${turns} turns`);
  assert.ok(user / 1000 / turns < 100, `${user / 1000} ms in ${turns} turns`);
});

test('in mode ask, a sweep proposes the oldest 20, and says how many remain', async () => {
  const operations = Array.from({ length: 25 }, (_, n) => ({
    name: `projects/p/locations/l/operations/o${n}`,
    metadata: { createTime: new Date(NOW - (100 - n) * 60_000).toISOString() },
  }));
  const list = async () => ({ value: { operations }, text: '' });
  const ctx = createContext({ deps: { upstream: createFakeUpstream({ list }) }, mode: 'ask' });
  const command = createCommand('sweep', { parent: 'projects/p/locations/l', olderThan: '1m' });
  const { operations: proposed, remaining } = await sweep(command, ctx);
  assert.deepEqual(
    proposed.map((one) => 'outcome' in one && one.outcome),
    Array(20).fill('ASKED'),
  );
  assert.equal(remaining, 5);
  const dry = { ...command, validateOnly: true };
  assert.equal((await sweep(dry, ctx)).operations.length, 25, 'a dry run shows all');
});
