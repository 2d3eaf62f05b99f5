/** What the request's time does not allow is queued in time; and what a queue needs to be of use. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startEmulator } from './emulator/index.ts';
import { cleanEnv, freePort, spawnFunction, startFunction } from './support/function.ts';
import { cancels, configFor, OPERATIONS, OPS, OPS_TOKEN } from './support/house.ts';

const QUEUE = 'projects/my-project/locations/us-central1/queues/cancels';
const PARENT = 'projects/my-project/locations/us-central1';
const EMAIL = 'sweeper@my-project.iam.gserviceaccount.com';
const allow = [{ operations: [`${OPERATIONS}/*`], sweep: true }];
const caller = (audience: string) => ({
  type: 'json',
  auth: { google: { audience, emails: [EMAIL] } },
});

test('a sweep whose time runs out queues what it has not begun, within its time', async () => {
  const cloud = await startEmulator();
  const port = await freePort();
  const audience = `http://127.0.0.1:${port}/scheduler`;
  const hook = await startFunction({
    port,
    config: configFor(cloud.url, {
      callers: { scheduler: caller(audience) },
      allow,
      endpoints: {
        privateca: cloud.url,
        cloudtasks: cloud.url,
        googleCerts: `${cloud.url}/oauth2/v1/certs`,
      },
      limits: { sweepSeconds: 1.5, concurrentCancels: 2 },
      queue: QUEUE,
    }),
    env: { GCE_METADATA_HOST: cloud.host },
  });
  try {
    for (let n = 0; n < 60; n++) {
      const createTime = Date.now() - 3_600_000 + n * 1000;
      cloud.addOperation({ name: `${OPERATIONS}/o-${n}`, createTime, duration: Infinity });
    }
    const slow = cloud.script({ path: /:cancel$/ }, { delay: 200 }, { repeat: true });
    // Held back until the sweep has answered, so that what came back is not counted as its own.
    cloud.queue.concurrentDispatches = 0;
    const token = cloud.mintIdToken({ aud: audience, email: EMAIL, email_verified: true });
    const before = performance.now();
    const { body } = await hook.http
      .post('/scheduler')
      .set({ Authorization: `Bearer ${token}` })
      .send({ parent: PARENT, olderThan: '1m' })
      .expect(200);
    assert.ok(performance.now() - before < 1_800);
    const outcomes = body.operations.map(({ outcome }: { outcome: string }) => outcome);
    const direct = outcomes.indexOf('QUEUED');
    assert.ok(direct >= 4 && direct <= 14, `${direct} by itself`);
    assert.deepEqual(outcomes, [
      ...Array(direct).fill('CANCEL_REQUESTED'),
      ...Array(60 - direct).fill('QUEUED'),
    ]);
    assert.deepEqual([body.matched, body.left], [60, 0]);
    assert.deepEqual([cancels(cloud).length, cloud.tasks.length], [direct, 60 - direct]);
    for (const { request } of cloud.tasks) assert.equal(request.url, audience);
    slow.remove();
  } finally {
    await hook.stop();
    await cloud.close();
  }
});

describe('a queue is a fault of the configuration', { concurrency: true }, () => {
  async function faults(over: Record<string, unknown>): Promise<string[]> {
    const config = configFor('http://127.0.0.1:1', { queue: QUEUE, allow, ...over });
    const child = spawnFunction(
      { config, env: { ...cleanEnv(), OPS_TOKEN } as never },
      await freePort(),
    );
    let stderr = '';
    child.stderr?.on('data', (chunk) => {
      stderr += chunk;
    });
    const code = await new Promise((done) => child.once('close', done));
    assert.ok(code, 'it exits with a code that is not zero');
    return stderr
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line).message);
  }
  const useless: Record<string, Record<string, unknown>> = {
    'without a caller that Cloud Tasks can be': { callers: { ops: OPS } },
    'with an audience that is no URL': { callers: { a: caller('hook') } },
    'with an audience of another scheme': { callers: { a: caller('urn:hook') } },
    'with callers of other types alone': {
      callers: {
        a: { ...caller('https://hook.example.com'), type: 'pubsub' },
        b: { type: 'json', auth: { iam: true } },
      },
    },
  };
  for (const [what, over] of Object.entries(useless)) {
    test(what, async () => {
      const told = await faults(over);
      assert.equal(
        told.filter((line) => /^Configuration: \$\.queue /.test(line)).length,
        1,
        told.join('\n'),
      );
    });
  }

  for (const queue of [
    'cancels',
    '',
    `${QUEUE}/tasks/t`,
    `${QUEUE}?x`,
    'projects/p/locations/l/queues/a.b',
    5,
  ]) {
    test(`that is ${JSON.stringify(queue)}`, async () => {
      const told = await faults({ queue, callers: { a: caller('https://hook.example.com') } });
      assert.deepEqual(
        told.map((line) => /\$\.queue/.test(line)),
        [true],
      );
    });
  }
});
