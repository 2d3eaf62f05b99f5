/** `mode: observe` and `validateOnly`: everything but the cancel, in waits and in sweeps, too. */

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { startEmulator } from '../emulator/index.ts';
import { assertError } from '../support/error-form.ts';
import { freePort, startFunction } from '../support/function.ts';
import {
  createConfig,
  getCancelRequests,
  OPERATIONS,
  startTestApp,
  type TestApp,
} from '../support/test-app.ts';

const PARENT = 'projects/my-project/locations/us-central1';
const allow = [
  { operations: [`${OPERATIONS}/*`], verbs: ['create'], sweep: true },
  { operations: [`${OPERATIONS}/named-*`] },
];

/** One law, two ways to ask for it. */
function neverCancels(title: string, mode: 'enforce' | 'observe', dry: object): void {
  describe(title, () => {
    let app: TestApp;
    before(async () => {
      app = await startTestApp({ config: { allow, mode } });
      for (const [id, verb, hours] of [
        ['old', 'create', 3],
        ['older', 'create', 4],
        ['denied', 'delete', 5],
        ['young', 'create', 0],
      ] as const) {
        const createTime = Date.now() - hours * 3_600_000;
        app.emulator.addOperation({
          name: `${OPERATIONS}/${id}`,
          verb,
          createTime,
          duration: 1e9,
        });
      }
    });
    after(() => app.stop());
    beforeEach(() => app.emulator.clearRequests());
    const methods = () =>
      app.emulator.requests
        .filter(({ path }) => path.startsWith('/v1/'))
        .map(({ method, path }) => `${method} ${path}`);

    test('a sweep tells what it would cancel, and what it may not', async () => {
      const { body } = await app.post({ parent: PARENT, olderThan: '1h', ...dry }).expect(200);
      const { matched, denied, remaining, operations } = body;
      assert.deepEqual([matched, denied, remaining], [3, 1, 0]);
      assert.deepEqual(
        operations.map(({ name, outcome }: Record<string, string>) => [name, outcome]),
        [
          [`${OPERATIONS}/older`, 'WOULD_CANCEL'],
          [`${OPERATIONS}/old`, 'WOULD_CANCEL'],
        ],
      );
      assert.deepEqual(methods(), [`GET /v1/${PARENT}/operations`]);
    });

    test('a sweep’s limit holds all the same', async () => {
      const ask = { parent: PARENT, olderThan: '1h', limit: 1, ...dry };
      const { body } = await app.post(ask).expect(200);
      assert.deepEqual([body.remaining, body.operations.length], [1, 1]);
      const more = await app.post({ ...ask, limit: 101 });
      assertError(more, 'INVALID_REQUEST');
    });

    test('a wait waits for nothing: one read, and WOULD_CANCEL', async () => {
      const name = app.createOperation(`named-${mode}`);
      const before = performance.now();
      const answer = await app.post({ name, wait: '20s', ...dry }).expect(200);
      assert.equal(answer.headers['cancel-outcome'], 'WOULD_CANCEL');
      assert.equal(answer.body.metadata.requestedCancellation, false);
      assert.ok(performance.now() - before < 2_000);
      assert.deepEqual(methods(), [`GET /v1/${name}`]);
    });

    test('what the rule had read already is not read again', async () => {
      const name = `${OPERATIONS}/old`;
      await app.post({ name, ...dry }).expect('Cancel-Outcome', 'WOULD_CANCEL');
      assert.deepEqual(methods(), [`GET /v1/${name}`]);
    });

    test('a rule that does not fit what was read refuses', async () => {
      assertError(await app.post({ name: `${OPERATIONS}/denied`, ...dry }), 'NOT_ALLOWED');
      assert.deepEqual(getCancelRequests(app.emulator), []);
    });
  });
}

neverCancels('validateOnly', 'enforce', { validateOnly: true });
neverCancels('mode: observe', 'observe', {});
neverCancels('mode: observe, though validateOnly is false', 'observe', { validateOnly: false });

test('who only observes queues nothing', async () => {
  await using cloud = await startEmulator();
  const port = await freePort();
  const audience = `http://127.0.0.1:${port}`;
  const email = 'sweeper@my-project.iam.gserviceaccount.com';
  const hook = await startFunction({
    port,
    config: createConfig(cloud.url, {
      callers: { scheduler: { type: 'json', auth: { google: { audience, emails: [email] } } } },
      mode: 'observe',
      allow,
      endpoints: {
        privateca: cloud.url,
        cloudtasks: cloud.url,
        googleCerts: `${cloud.url}/oauth2/v3/certs`,
      },
      limits: { sweepMax: 1 },
      queue: 'projects/my-project/locations/us-central1/queues/cancels',
    }),
    env: { GCE_METADATA_HOST: cloud.host },
  });
  try {
    for (const n of [1, 2, 3]) {
      cloud.addOperation({ name: `${OPERATIONS}/o-${n}`, createTime: Date.now() - 7_200_000 });
    }
    const token = cloud.mintIdToken({ aud: audience, email, email_verified: true });
    const { body } = await hook.http
      .post('/scheduler')
      .set({ Authorization: `Bearer ${token}` })
      .send({ parent: PARENT, olderThan: '1h' })
      .expect(200);
    assert.deepEqual(
      body.operations.map(({ outcome }: { outcome: string }) => outcome),
      Array(3).fill('WOULD_CANCEL'),
    );
    assert.deepEqual([cloud.tasks.length, getCancelRequests(cloud).length], [0, 0]);
  } finally {
    await hook.stop();
  }
});
