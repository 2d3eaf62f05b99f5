/** Cancels that a sweep queues come back from Cloud Tasks as requests of the caller that swept. */

import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  getCancelRequests,
  OPERATIONS,
  PARENT,
  startTestApp,
  type TestApp,
} from '../support/test-app.ts';

const QUEUE = `${PARENT}/queues/cancels`;
const TARGET = `${PARENT}/caPools/dev`;
const EMAIL = 'sweeper@my-project.iam.gserviceaccount.com';
/** The number of operations that a sweep cancels itself. */
const SWEEP_MAX = 3;

let app: TestApp;
before(async () => {
  app = await startTestApp({
    caller: 'scheduler',
    credentials: ({ mintIdToken }, url) => ({
      Authorization: `Bearer ${mintIdToken({ aud: url, email: EMAIL, email_verified: true })}`,
    }),
    config: (url) => ({
      callers: {
        scheduler: { type: 'json', auth: { google: { audience: url, emails: [EMAIL] } } },
      },
      allow: [{ operations: [`${OPERATIONS}/*`], targets: [TARGET], sweep: true }],
      limits: { sweepMax: SWEEP_MAX },
      queue: QUEUE,
    }),
  });
});
after(() => app.stop());

/** The newest of the old operations: one more than a sweep cancels itself. */
let last: string;
beforeEach(async () => {
  await app.emulator.tasksIdle();
  for (const { name, done } of app.emulator.operations()) {
    if (!done) app.emulator.addOperation({ name, duration: 0 });
  }
  app.reset();
  for (let n = 0; n <= SWEEP_MAX; n++) {
    last = app.createOperation({ target: TARGET, createTime: Date.now() - 3_600_000 + n * 1000 });
  }
});

async function sweep(body: object = {}): Promise<string | undefined> {
  const response = await app.post({ parent: PARENT, olderThan: '1m', ...body }).expect(200);
  const { operations } = response.body;
  assert.equal(operations.length, SWEEP_MAX + 1);
  return operations.at(-1).outcome;
}

const isTaskRequest = ({ path }: { path: string }) => path === `/v2/${QUEUE}/tasks`;

/** Runs `change` while the last operation is queued. @returns its outcome */
async function sweepAnd(change: () => void): Promise<string | undefined> {
  app.emulator.script(isTaskRequest, { delay: 100 });
  const outcome = sweep();
  while (!app.emulator.requests.some(isTaskRequest)) await sleep(2);
  change();
  return outcome;
}

/** The statuses that Cloud Tasks received for the last operation, a list for each task. */
const taskStatuses = () =>
  app.emulator.tasks
    .filter(({ request }) => Buffer.from(request.body ?? []).includes(`"${last}"`))
    .map(({ attempts }) => attempts.map(({ status }) => status));
const cancelsOfLast = () =>
  getCancelRequests(app.emulator).filter(({ path }) => path === `/v1/${last}:cancel`);

test('a task comes back as a request of the caller that swept, under the same rules', async () => {
  assert.equal(await sweep({ reason: 'nightly' }), 'QUEUED');
  await app.emulator.tasksIdle();
  const line = await app.process.log(({ operation }) => operation === last);
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
  await app.emulator.tasksIdle();
  assert.equal(await sweep(), 'ALREADY_QUEUED');
  await app.emulator.tasksIdle();
  assert.deepEqual([taskStatuses(), cancelsOfLast().length], [[[200]], 1]);
});

test('a task whose operation no rule allows any more is refused', async () => {
  const { maxAttempts } = app.emulator.queue;
  app.emulator.queue.maxAttempts = 1;
  const outcome = await sweepAnd(() =>
    app.createOperation({ name: last, target: `${TARGET}-other` }),
  );
  await app.emulator.tasksIdle();
  app.emulator.queue.maxAttempts = maxAttempts;
  assert.deepEqual([outcome, taskStatuses(), cancelsOfLast()], ['QUEUED', [[403]], []]);
});

test('a task whose operation is done is acknowledged, without a cancel', async () => {
  const outcome = await sweepAnd(() =>
    app.emulator.addOperation({ name: last, target: TARGET, duration: 0 }),
  );
  await app.emulator.tasksIdle();
  assert.deepEqual([outcome, taskStatuses(), cancelsOfLast()], ['QUEUED', [[200]], []]);
});
