/** What the request's time does not allow is queued in time; and what a queue needs to be of use. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Emulator, startEmulator } from '../emulator/index.ts';
import { cleanEnv, freePort, spawnFunction, startFunction } from '../support/function.ts';
import {
  createConfig,
  getCancelRequests,
  OPERATIONS,
  OPS_CALLER,
  OPS_TOKEN,
} from '../support/test-app.ts';

const QUEUE = 'projects/my-project/locations/us-central1/queues/cancels';
const PARENT = 'projects/my-project/locations/us-central1';
const EMAIL = 'sweeper@my-project.iam.gserviceaccount.com';
const allow = [{ operations: [`${OPERATIONS}/*`], sweep: true }];
const caller = (audience: string) => ({
  type: 'json',
  auth: { google: { audience, emails: [EMAIL] } },
});

/** Sixty old operations, swept within 1.5 s, two at a time, by a function with a queue. */
async function sweepSixty(script: (cloud: Emulator) => void) {
  const cloud = await startEmulator();
  const port = await freePort();
  const audience = `http://127.0.0.1:${port}/scheduler`;
  const hook = await startFunction({
    port,
    config: createConfig(cloud.url, {
      callers: { scheduler: caller(audience) },
      allow,
      endpoints: {
        privateca: cloud.url,
        cloudtasks: cloud.url,
        googleCerts: `${cloud.url}/oauth2/v3/certs`,
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
    script(cloud);
    // Held back, so that what would come back is not counted as the sweep's own.
    cloud.queue.concurrentDispatches = 0;
    const token = cloud.mintIdToken({ aud: audience, email: EMAIL, email_verified: true });
    const before = performance.now();
    const { body } = await hook.http
      .post('/scheduler')
      .set({ Authorization: `Bearer ${token}` })
      .send({ parent: PARENT, olderThan: '1m' })
      .expect(200);
    const took = performance.now() - before;
    assert.ok(took < 1_900, `${took} ms`);
    assert.deepEqual([body.matched, body.remaining + body.operations.length], [60, 60]);
    for (const { request } of cloud.tasks) assert.equal(request.url, audience);
    const outcomes: string[] = body.operations.map(
      ({ outcome, error }: { outcome?: string; error?: { status: string } }) =>
        outcome ?? error?.status,
    );
    return {
      outcomes,
      remaining: body.remaining,
      cancelled: getCancelRequests(cloud).length,
      tasks: cloud.tasks.length,
    };
  } finally {
    await hook.stop();
    await cloud.close();
  }
}

test('a sweep whose time runs out queues what it has not begun, within its time', async () => {
  const { outcomes, remaining, cancelled, tasks } = await sweepSixty((cloud) => {
    cloud.script({ path: /:cancel$/ }, { delay: 200 }, { repeat: true });
  });
  const direct = outcomes.indexOf('QUEUED');
  assert.ok(direct >= 4 && direct <= 14, `${direct} by itself`);
  assert.deepEqual(outcomes, [
    ...Array(direct).fill('CANCEL_REQUESTED'),
    ...Array(60 - direct).fill('QUEUED'),
  ]);
  assert.deepEqual([cancelled, tasks, remaining], [direct, 60 - direct, 0]);
});

test('what not even the queue takes in time is left, and counted', async () => {
  const { outcomes, remaining } = await sweepSixty((cloud) => {
    cloud.script({ path: /:cancel$/ }, { delay: 200 }, { repeat: true });
    cloud.script({ path: /^\/v2\// }, { delay: 150 }, { repeat: true });
  });
  const counted = (word: string) => outcomes.filter((outcome) => outcome === word).length;
  assert.ok(remaining >= 30, `${remaining} remain`);
  assert.ok(counted('QUEUED') >= 2, `${counted('QUEUED')} queued`);
  assert.ok(counted('DEADLINE_EXCEEDED') <= 2, 'no more than were under way');
});

describe('a queue is a fault of the configuration', { concurrency: 2 }, () => {
  async function faults(over: Record<string, unknown>): Promise<string[]> {
    const config = createConfig('http://127.0.0.1:1', { queue: QUEUE, allow, ...over });
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
    'without a caller that Cloud Tasks can be': { callers: { ops: OPS_CALLER } },
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
