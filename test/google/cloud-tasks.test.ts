/** What a sweep has no time for is handed to Cloud Tasks. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, beforeEach, describe, test } from 'node:test';
import { assertError } from '../support/error-form.ts';
import { EMAIL, MOST, outcomes, QUEUE, startQueueApp } from '../support/queue-app.ts';
import { getCancelRequests } from '../support/test-app.ts';

let app: Awaited<ReturnType<typeof startQueueApp>>;
before(async () => {
  app = await startQueueApp();
});
after(() => app.stop());
beforeEach(() => app.forget());

describe('a sweep of more than sweepMax', () => {
  test('cancels the oldest itself, and queues the others', async () => {
    const names = app.plant(8);
    const { body } = await app.post({ reason: 'nightly' }).expect(200);
    assert.deepEqual([body.matched, body.denied, body.remaining], [8, 0, 0]);
    assert.deepEqual(outcomes(body), [
      ...Array(MOST).fill('CANCEL_REQUESTED'),
      ...Array(8 - MOST).fill('QUEUED'),
    ]);
    assert.deepEqual(
      body.operations.map(({ name }: { name: string }) => name),
      names,
    );
    await app.cloud.tasksIdle();
    assert.deepEqual(app.cancelled().toSorted(), names.toSorted(), 'each once, in the end');
  });

  test('makes one task for each: named by it, a json cancel, with an OIDC token', async () => {
    const names = app.plant(5);
    await app.post({ reason: 'ran away' }).expect(200);
    const bodies = app.created().map(({ body }) => JSON.parse(body).task);
    assert.deepEqual(
      bodies.map(({ name }) => name).toSorted(),
      names
        .slice(MOST)
        .map((name) => `${QUEUE}/tasks/${taskId(name)}`)
        .toSorted(),
    );
    for (const { httpRequest } of bodies) {
      const { body, ...rest } = httpRequest;
      assert.deepEqual(rest, {
        url: `${app.audience}/scheduler`,
        httpMethod: 'POST',
        headers: { 'Content-Type': 'application/json' },
        oidcToken: { serviceAccountEmail: EMAIL, audience: app.audience },
      });
      const cancel = JSON.parse(Buffer.from(body, 'base64').toString());
      assert.ok(names.slice(MOST).includes(cancel.name));
      assert.equal(cancel.reason, 'ran away');
    }
    await app.cloud.tasksIdle();
  });
});

/** The id holds the 10 minutes in which the sweep ran. */
function taskId(name: string): string {
  const bucket = Math.floor(Date.now() / 600_000);
  return createHash('sha256').update(`${name} ${bucket}`).digest('hex');
}

test('a repeated sweep creates no second task, and its outcome is ALREADY_QUEUED', async () => {
  const [, , , , last = ''] = app.plant(5);
  for (const outcome of ['QUEUED', 'ALREADY_QUEUED', 'ALREADY_QUEUED']) {
    assert.equal(outcomes((await app.post({}).expect(200)).body).at(-1), outcome);
  }
  await app.cloud.tasksIdle();
  assert.equal(app.tasksOf(last).length, 1);
  assert.equal(app.cancelled().filter((name) => name === last).length, 1);
});

describe('limit', () => {
  test('keeps a sweep from queueing more', async () => {
    app.plant(8);
    const { body } = await app.post({ limit: 5 }).expect(200);
    assert.deepEqual([body.matched, body.remaining, body.operations.length], [8, 3, 5]);
    assert.equal(app.created().length, 2);
  });

  test('is up to 10,000 with the queue', async () => {
    await app.post({ limit: 10_000 }).expect(200);
    assertError(await app.post({ limit: 10_001 }), 'INVALID_REQUEST');
  });

  test('is up to sweepMax for a caller that the queue cannot call back', async () => {
    app.plant(8);
    const { body } = await app.post({}, 'ops').expect(200);
    assert.deepEqual([body.remaining, outcomes(body)], [5, Array(3).fill('CANCEL_REQUESTED')]);
    assertError(await app.post({ limit: MOST + 1 }, 'ops'), 'INVALID_REQUEST');
    assert.deepEqual(app.created(), []);
  });
});

test('validateOnly queues nothing', async () => {
  app.plant(6);
  const { body } = await app.post({ validateOnly: true }).expect(200);
  assert.deepEqual(outcomes(body), Array(6).fill('WOULD_CANCEL'));
  assert.deepEqual([app.created().length, getCancelRequests(app.cloud).length], [0, 0]);
});

describe('a queue that fails', () => {
  for (const [status, told] of [
    [403, 'PERMISSION_DENIED'],
    [404, 'NOT_FOUND'],
    [429, 'RESOURCE_EXHAUSTED'],
    [500, 'INTERNAL'],
    [503, 'UNAVAILABLE'],
  ] as const) {
    test(`with ${status} fails its operations, and not the sweep`, async () => {
      app.plant(5);
      const tasks = ({ path }: { path: string }) => path.startsWith('/v2/');
      app.cloud.script(tasks, { status }, { repeat: true });
      const { body } = await app.post({}).expect(200);
      assert.deepEqual(outcomes(body), [...Array(MOST).fill('CANCEL_REQUESTED'), told, told]);
      assert.equal(body.remaining, 0);
      assert.equal(getCancelRequests(app.cloud).length, MOST);
    });
  }
});
