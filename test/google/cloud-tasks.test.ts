import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { StatusError } from '../../src/errors.ts';
import type { ApiClient } from '../../src/google/api-client.ts';
import { createTaskQueue } from '../../src/google/cloud-tasks.ts';
import { parseResourceName } from '../../src/resource-name.ts';
import { CALL, createFakeClock, createUpstreamError } from '../support/fakes.ts';

const QUEUE = 'projects/p/locations/l/queues/q';
const operation = parseResourceName('projects/p/locations/l/operations/o') ?? assert.fail();
const TASK = {
  operation,
  url: 'https://hook.example/ops',
  audience: 'https://hook.example',
  email: 'sweeper@p.iam.gserviceaccount.com',
};
const MINUTE = 60_000;

/** A queue that keeps the ids of finished tasks taken for ever, and the requests that it received. */
function createQueue(now: () => number, { attempts = 1, error = undefined as unknown } = {}) {
  const requests: { path: string; task: { name: string; httpRequest: { body: string } } }[] = [];
  const api = (async ({ path, body = '' }, { stats }) => {
    const { task } = JSON.parse(body);
    stats.upstream = { attempts, milliseconds: 1 };
    const isTaken = requests.some((request) => request.task.name === task.name);
    requests.push({ path, task });
    if (error) throw error;
    if (isTaken) throw createUpstreamError(409, 'ALREADY_EXISTS');
    return { value: {}, text: '{}' };
  }) as ApiClient;
  const clock = { ...createFakeClock(), now };
  return { queue: createTaskQueue(api, QUEUE, clock), requests };
}

test('a task is a cancel as JSON, sent with an OIDC token of the caller that swept', async () => {
  const { queue, requests } = createQueue(() => 25 * MINUTE);
  await queue.createTask({ ...TASK, reason: 'ran away' }, CALL);
  const [{ path, task } = assert.fail()] = requests;
  assert.equal(path, `/v2/${QUEUE}/tasks`);
  const { body, ...request } = task.httpRequest;
  assert.deepEqual(request, {
    url: TASK.url,
    httpMethod: 'POST',
    headers: { 'Content-Type': 'application/json' },
    oidcToken: { serviceAccountEmail: TASK.email, audience: TASK.audience },
  });
  assert.deepEqual(JSON.parse(Buffer.from(body, 'base64').toString()), {
    name: operation,
    wait: '0s',
    reason: 'ran away',
  });
  // The second bucket of 10 minutes after the first.
  const id = createHash('sha256').update(`${operation} 2`).digest('hex');
  assert.equal(task.name, `${QUEUE}/tasks/${id}`);
});

test('a sweep within 10 minutes of another one creates no second task', async () => {
  const { queue } = createQueue(() => 5 * MINUTE);
  assert.equal(await queue.createTask(TASK, CALL), true);
  assert.equal(await queue.createTask(TASK, CALL), false);
});

test('a later sweep creates a task, although Cloud Tasks keeps the old id taken', async () => {
  let now = 0;
  const { queue, requests } = createQueue(() => now);
  for (now of [0, 10 * MINUTE, 20 * MINUTE, 60 * MINUTE]) {
    assert.equal(await queue.createTask(TASK, CALL), true, `after ${now / MINUTE} minutes`);
  }
  assert.equal(new Set(requests.map(({ task }) => task.name)).size, 4);
});

test('a task that a lost first attempt may have created counts as created', async () => {
  const { queue } = createQueue(() => 0, { attempts: 2 });
  await queue.createTask(TASK, CALL);
  assert.equal(await queue.createTask(TASK, CALL), true);
});

test('another error is thrown', async () => {
  const error = createUpstreamError(403, 'PERMISSION_DENIED');
  const { queue } = createQueue(() => 0, { error });
  await assert.rejects(queue.createTask(TASK, CALL), (thrown) => thrown === error);
  assert.ok(error instanceof StatusError);
});

test('the attempts of all tasks are counted for the log', async () => {
  const { queue } = createQueue(() => 0, { attempts: 2 });
  const stats: typeof CALL.stats = { upstream: { attempts: 1, milliseconds: 3 } };
  await queue.createTask(TASK, { ...CALL, stats });
  assert.deepEqual(stats.upstream, { attempts: 3, milliseconds: 4 });
});
