/** What a sweep has no time for is handed to Cloud Tasks, and comes back as cancels. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, beforeEach, describe, test } from 'node:test';
import { type Emulator, startEmulator } from './emulator/index.ts';
import { assertError } from './support/error-form.ts';
import { freePort, type RunningFunction, startFunction } from './support/function.ts';
import { cancels, configFor, OPERATIONS, OPS, OPS_TOKEN } from './support/house.ts';

const QUEUE = 'projects/my-project/locations/us-central1/queues/cancels';
const PARENT = 'projects/my-project/locations/us-central1';
const EMAIL = 'sweeper@my-project.iam.gserviceaccount.com';
const MOST = 3;

let cloud: Emulator;
let hook: RunningFunction;
let audience: string;
before(async () => {
  cloud = await startEmulator();
  const port = await freePort();
  audience = `http://127.0.0.1:${port}`;
  const google = { audience, emails: ['other@example.com', EMAIL] };
  hook = await startFunction({
    port,
    config: configFor(cloud.url, {
      callers: {
        scheduler: { type: 'json', auth: { google } },
        ops: OPS,
      },
      allow: [{ operations: [`${OPERATIONS}/*`], targets: [`${PARENT}/caPools/dev`], sweep: true }],
      endpoints: {
        privateca: cloud.url,
        cloudtasks: cloud.url,
        googleCerts: `${cloud.url}/oauth2/v1/certs`,
      },
      limits: { sweepMax: MOST },
      queue: QUEUE,
    }),
    env: { OPS_TOKEN, GCE_METADATA_HOST: cloud.host },
  }).catch(async (error) => {
    await cloud.close();
    throw error;
  });
});
after(async () => {
  await hook.stop();
  await cloud.close();
});

let round = 0;
beforeEach(async () => {
  await cloud.tasksIdle();
  for (const { name, done } of cloud.operations()) {
    if (!done) cloud.addOperation({ name, duration: 0 });
  }
  cloud.clearScripts();
  cloud.clearRequests();
  round += 1;
});

/** So many old operations, the oldest first. */
function plant(count: number): string[] {
  return Array.from({ length: count }, (_, n) => {
    const name = `${OPERATIONS}/round-${round}-${n}`;
    const createTime = Date.now() - 3_600_000 + n * 1000;
    cloud.addOperation({
      name,
      createTime,
      target: `${PARENT}/caPools/dev`,
      duration: Infinity,
      onCancel: 'ignore',
    });
    return name;
  });
}

const token = () => cloud.mintIdToken({ aud: audience, email: EMAIL, email_verified: true });
const post = (body: object, route = 'scheduler') =>
  hook.http
    .post(`/${route}`)
    .set({ Authorization: `Bearer ${route === 'ops' ? OPS_TOKEN : token()}` })
    .send({ parent: PARENT, olderThan: '1m', ...body });
const created = () => cloud.requests.filter(({ path }) => path === `/v2/${QUEUE}/tasks`);
const taskOf = (name: string) =>
  cloud.tasks.filter(({ request }) => Buffer.from(request.body ?? []).includes(`"${name}"`));
const outcomes = (body: { operations: { outcome?: string; error?: { status: string } }[] }) =>
  body.operations.map(({ outcome, error }) => outcome ?? error?.status);
const cancelled = () =>
  cancels(cloud).map(({ path }) => path.slice('/v1/'.length, -':cancel'.length));

describe('a sweep of more than sweepMax', () => {
  test('cancels the oldest itself, and queues the others', async () => {
    const names = plant(8);
    const { body } = await post({ reason: 'nightly' }).expect(200);
    assert.deepEqual([body.matched, body.denied, body.left], [8, 0, 0]);
    assert.deepEqual(outcomes(body), [
      ...Array(MOST).fill('CANCEL_REQUESTED'),
      ...Array(8 - MOST).fill('QUEUED'),
    ]);
    assert.deepEqual(
      body.operations.map(({ name }: { name: string }) => name),
      names,
    );
    await cloud.tasksIdle();
    assert.deepEqual(cancelled().toSorted(), names.toSorted(), 'each once, in the end');
  });

  test('makes one task for each: named by it, a json cancel, with an OIDC token', async () => {
    const names = plant(5);
    await post({ reason: 'ran away' }).expect(200);
    const bodies = created().map(({ body }) => JSON.parse(body).task);
    assert.deepEqual(
      bodies.map(({ name }) => name).toSorted(),
      names
        .slice(MOST)
        .map((name) => `${QUEUE}/tasks/${createHash('sha256').update(name).digest('hex')}`)
        .toSorted(),
    );
    for (const { httpRequest } of bodies) {
      const { body, ...rest } = httpRequest;
      assert.deepEqual(rest, {
        url: `${audience}/scheduler`,
        httpMethod: 'POST',
        headers: { 'Content-Type': 'application/json' },
        oidcToken: { serviceAccountEmail: EMAIL, audience },
      });
      const cancel = JSON.parse(Buffer.from(body, 'base64').toString());
      assert.ok(names.slice(MOST).includes(cancel.name));
      assert.equal(cancel.reason, 'ran away');
    }
    await cloud.tasksIdle();
  });

  test('comes back as a request of the caller that swept, by the same rules', async () => {
    const [, , , last = ''] = plant(4);
    await post({ reason: 'nightly' }).expect(200);
    await cloud.tasksIdle();
    const line = await hook.log(({ operation }) => operation === last);
    assert.deepEqual(
      [line.caller, line.principal, line.rule, line.reason],
      ['scheduler', EMAIL, 'allow[0]', 'nightly'],
    );
    assert.deepEqual(
      taskOf(last).map(({ state, attempts }) => [state, attempts.map(({ status }) => status)]),
      [['done', [200]]],
    );
    const [sent] = cancels(cloud).filter(({ path }) => path.includes(last));
    assert.equal(
      sent?.headers['x-goog-request-reason'],
      `cancel-hook caller=scheduler principal=${EMAIL} reason=nightly`,
    );
  });

  test('what no rule gives any more when it comes back is refused', async () => {
    const [, , , last = ''] = plant(4);
    const maxAttempts = cloud.queue.maxAttempts;
    cloud.queue.maxAttempts = 1;
    cloud.script(({ method, path }) => method === 'POST' && path.startsWith('/v2/'), { delay: 50 });
    const swept = post({})
      .expect(200)
      .then(({ body }) => body);
    while (created().length === 0) await new Promise((done) => setTimeout(done, 2));
    cloud.addOperation({
      name: last,
      target: `${PARENT}/caPools/prod`,
      duration: Infinity,
      onCancel: 'ignore',
    });
    assert.equal(outcomes(await swept).at(-1), 'QUEUED');
    await cloud.tasksIdle();
    cloud.queue.maxAttempts = maxAttempts;
    assert.deepEqual(
      taskOf(last).map(({ attempts }) => attempts[0]?.status),
      [403],
    );
    assert.ok(!cancelled().includes(last));
  });

  test('what is done when it comes back is acknowledged, and not sent again', async () => {
    const [, , , last = ''] = plant(4);
    cloud.script(({ method, path }) => method === 'POST' && path.startsWith('/v2/'), { delay: 50 });
    const swept = post({})
      .expect(200)
      .then(({ body }) => body);
    while (created().length === 0) await new Promise((done) => setTimeout(done, 2));
    cloud.addOperation({ name: last, target: `${PARENT}/caPools/dev`, duration: 0 });
    await swept;
    await cloud.tasksIdle();
    assert.deepEqual(
      taskOf(last).map(({ attempts }) => attempts.map(({ status }) => status)),
      [[200]],
    );
  });
});

test('a repeat makes no second task, and is QUEUED as well', async () => {
  const [, , , , last = ''] = plant(5);
  for (let turn = 0; turn < 3; turn++) {
    assert.equal(outcomes((await post({}).expect(200)).body).at(-1), 'QUEUED');
  }
  await cloud.tasksIdle();
  assert.equal(taskOf(last).length, 1);
  assert.equal(cancelled().filter((name) => name === last).length, 1);
});

describe('limit', () => {
  test('keeps a sweep from queueing more', async () => {
    plant(8);
    const { body } = await post({ limit: 5 }).expect(200);
    assert.deepEqual([body.matched, body.left, body.operations.length], [8, 3, 5]);
    assert.equal(created().length, 2);
  });

  test('is up to 10,000 with the queue', async () => {
    await post({ limit: 10_000 }).expect(200);
    assertError(await post({ limit: 10_001 }), 'INVALID_REQUEST');
  });

  test('is up to sweepMax for a caller that the queue cannot call back', async () => {
    plant(8);
    const { body } = await post({}, 'ops').expect(200);
    assert.deepEqual([body.left, outcomes(body)], [5, Array(3).fill('CANCEL_REQUESTED')]);
    assertError(await post({ limit: MOST + 1 }, 'ops'), 'INVALID_REQUEST');
    assert.deepEqual(created(), []);
  });
});

test('validateOnly queues nothing', async () => {
  plant(6);
  const { body } = await post({ validateOnly: true }).expect(200);
  assert.deepEqual(outcomes(body), Array(6).fill('WOULD_CANCEL'));
  assert.deepEqual([created().length, cancels(cloud).length], [0, 0]);
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
      plant(5);
      const tasks = ({ path }: { path: string }) => path.startsWith('/v2/');
      cloud.script(tasks, { status }, { repeat: true });
      const { body } = await post({}).expect(200);
      assert.deepEqual(outcomes(body), [...Array(MOST).fill('CANCEL_REQUESTED'), told, told]);
      assert.equal(body.left, 0);
      assert.equal(cancels(cloud).length, MOST);
    });
  }
});
