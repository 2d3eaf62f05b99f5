import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StatusError } from '../../src/errors.ts';
import type { ApiClient } from '../../src/google/api-client.ts';
import { createTaskQueue } from '../../src/google/cloud-tasks.ts';
import { parseOperationName } from '../../src/resource-name.ts';
import { CALL, createFakeClock } from '../support/fakes.ts';

const QUEUE = 'projects/p/locations/l/queues/q';
const operation = parseOperationName('projects/p/locations/l/operations/o') ?? assert.fail();
const TASK = { operation, url: 'https://hook.example/ops', audience: 'a', email: 'a@b.c' };
const MINUTE = 60_000;

/** A queue that keeps ids taken for ever, and the ids that it was given. */
function createQueue(now: () => number, attempts = 1) {
  const ids: string[] = [];
  const api = (async ({ body = '' }, { stats }) => {
    const { name } = JSON.parse(body).task;
    stats.upstream = { attempts, milliseconds: 1 };
    const isTaken = ids.includes(name);
    ids.push(name);
    if (isTaken)
      throw StatusError.upstream({ code: 409, status: 'ALREADY_EXISTS', message: '' }, '');
    return { value: {}, text: '{}' };
  }) as ApiClient;
  const clock = { ...createFakeClock(), now };
  return { queue: createTaskQueue(api, QUEUE, clock), ids };
}

test('a sweep within 10 minutes of another one creates no second task', async () => {
  const { queue } = createQueue(() => 5 * MINUTE);
  assert.equal(await queue.createTask(TASK, CALL), true);
  assert.equal(await queue.createTask(TASK, CALL), false);
});

test('a later sweep creates a task, although Cloud Tasks keeps the old id taken', async () => {
  let now = 0;
  const { queue, ids } = createQueue(() => now);
  for (now of [0, 10 * MINUTE, 20 * MINUTE, 60 * MINUTE]) {
    assert.equal(await queue.createTask(TASK, CALL), true, `after ${now / MINUTE} minutes`);
  }
  assert.equal(new Set(ids).size, 4);
});

test('a task that a lost first attempt may have created counts as created', async () => {
  const { queue } = createQueue(() => 0, 2);
  await queue.createTask(TASK, CALL);
  assert.equal(await queue.createTask(TASK, CALL), true);
});
