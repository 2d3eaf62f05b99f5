/** Cancels that a sweep queues come back from Cloud Tasks as requests of the caller that swept. */

import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Emulator, startEmulator } from '../emulator/index.ts';
import { freePort, type RunningFunction, startFunction } from '../support/function.ts';
import { createConfig, getCancelRequests, OPERATIONS, waitForToken } from '../support/test-app.ts';

const PARENT = 'projects/my-project/locations/us-central1';
const QUEUE = `${PARENT}/queues/cancels`;
const TARGET = `${PARENT}/caPools/dev`;
const EMAIL = 'sweeper@my-project.iam.gserviceaccount.com';
/** The number of operations that a sweep cancels itself. */
const SWEEP_MAX = 3;

let emulator: Emulator;
let app: RunningFunction;
let audience: string;
before(async () => {
  emulator = await startEmulator();
  const port = await freePort();
  audience = `http://127.0.0.1:${port}`;
  app = await startFunction({
    port,
    config: createConfig(emulator.url, {
      callers: {
        scheduler: { type: 'json', auth: { google: { audience, emails: [EMAIL] } } },
      },
      allow: [{ operations: [`${OPERATIONS}/*`], targets: [TARGET], sweep: true }],
      endpoints: { ...createConfig(emulator.url).endpoints, cloudtasks: emulator.url },
      limits: { sweepMax: SWEEP_MAX },
      queue: QUEUE,
    }),
    env: { GCE_METADATA_HOST: emulator.host },
  });
  await waitForToken(emulator);
});
after(async () => {
  await app?.stop();
  await emulator.close();
});

let round = 0;
/** The last one of as many old operations as a sweep cancels, and one more. */
let last: string;
beforeEach(async () => {
  await emulator.tasksIdle();
  for (const { name, done } of emulator.operations()) {
    if (!done) emulator.addOperation({ name, duration: 0 });
  }
  emulator.clearScripts();
  emulator.clearRequests();
  round += 1;
  for (let n = 0; n <= SWEEP_MAX; n++) {
    last = `${OPERATIONS}/round-${round}-${n}`;
    addOperation(TARGET, Date.now() - 3_600_000 + n * 1000);
  }
});

function addOperation(target: string, createTime = Date.now()): void {
  emulator.addOperation({
    name: last,
    target,
    createTime,
    duration: Number.POSITIVE_INFINITY,
    onCancel: 'ignore',
  });
}

async function sweep(body: object = {}): Promise<string | undefined> {
  const token = emulator.mintIdToken({ aud: audience, email: EMAIL, email_verified: true });
  const response = await app.http
    .post('/scheduler')
    .set({ Authorization: `Bearer ${token}` })
    .send({ parent: PARENT, olderThan: '1m', ...body })
    .expect(200);
  const { operations } = response.body;
  assert.equal(operations.length, SWEEP_MAX + 1);
  return operations.at(-1).outcome;
}

const isTaskRequest = ({ path }: { path: string }) => path === `/v2/${QUEUE}/tasks`;

/** Runs `change` while the last operation is queued. @returns its outcome */
async function sweepAnd(change: () => void): Promise<string | undefined> {
  emulator.script(isTaskRequest, { delay: 100 });
  const outcome = sweep();
  while (!emulator.requests.some(isTaskRequest)) await sleep(2);
  change();
  return outcome;
}

/** The statuses that Cloud Tasks received for the last operation, a list for each task. */
const taskStatuses = () =>
  emulator.tasks
    .filter(({ request }) => Buffer.from(request.body ?? []).includes(`"${last}"`))
    .map(({ attempts }) => attempts.map(({ status }) => status));
const cancelsOfLast = () =>
  getCancelRequests(emulator).filter(({ path }) => path === `/v1/${last}:cancel`);

test('a task comes back as a request of the caller that swept, under the same rules', async () => {
  assert.equal(await sweep({ reason: 'nightly' }), 'QUEUED');
  await emulator.tasksIdle();
  const line = await app.log(({ operation }) => operation === last);
  assert.deepEqual(
    [line.caller, line.principal, line.rule, line.reason],
    ['scheduler', EMAIL, 'allow[0]', 'nightly'],
  );
  assert.deepEqual(taskStatuses(), [[200]]);
  assert.deepEqual(
    cancelsOfLast().map(({ headers }) => headers['x-goog-request-reason']),
    [`cancel-hook caller=scheduler principal=${EMAIL} reason=nightly`],
  );
});

test('a repeated sweep says ALREADY_QUEUED, also after the task has finished, and cancels once', async () => {
  // The id of a task changes every 10 minutes.
  if (Date.now() % 600_000 > 595_000) await sleep(5_000);
  assert.equal(await sweep(), 'QUEUED');
  assert.equal(await sweep(), 'ALREADY_QUEUED');
  await emulator.tasksIdle();
  assert.equal(await sweep(), 'ALREADY_QUEUED');
  await emulator.tasksIdle();
  assert.deepEqual([taskStatuses(), cancelsOfLast().length], [[[200]], 1]);
});

test('a task whose operation no rule allows any more is refused', async () => {
  const { maxAttempts } = emulator.queue;
  emulator.queue.maxAttempts = 1;
  const outcome = await sweepAnd(() => addOperation(`${TARGET}-other`));
  await emulator.tasksIdle();
  emulator.queue.maxAttempts = maxAttempts;
  assert.deepEqual([outcome, taskStatuses(), cancelsOfLast()], ['QUEUED', [[403]], []]);
});

test('a task whose operation is done is acknowledged, without a cancel', async () => {
  const outcome = await sweepAnd(() =>
    emulator.addOperation({ name: last, target: TARGET, duration: 0 }),
  );
  await emulator.tasksIdle();
  assert.deepEqual([outcome, taskStatuses(), cancelsOfLast()], ['QUEUED', [[200]], []]);
});
