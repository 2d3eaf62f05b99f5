/** `npm run dev -- --config` with a queue, and with resources of several services. */

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { Cloud } from './cloud.ts';
import { createSender, type Sender } from './sending.ts';
import { openWorkbench, type Workbench } from './workbench.ts';

const PARENT = 'projects/my-project/locations/us-central1';
const DATAPROC = '//dataproc.googleapis.com/projects/my-project/regions/us-central1/jobs';
const BIGQUERY = '//bigquery.googleapis.com/projects/my-project/locations/US/jobs';
const EMAIL = 'sweeper@my-project.iam.gserviceaccount.com';
const CONFIG = `
callers:
  ops: { type: json, auth: { bearer: ["env:OPS_TOKEN"] } }
  sweeper:
    type: json
    auth: { google: { audience: "https://hook.example.com", emails: ["${EMAIL}"] } }
allow:
  - callers: [ops, sweeper]
    operations: ["${PARENT}/operations/*", "${DATAPROC}/*", "${BIGQUERY}/*"]
    sweep: true
limits: { sweepMax: 1, upstreamSeconds: 4 }
queue: ${PARENT}/queues/cancels
`;

describe('a configuration with a queue and several services', { timeout: 120_000 }, () => {
  let bench: Workbench;
  let sender: Sender;

  before(async () => {
    bench = await openWorkbench({ config: () => CONFIG, name: 'hook.yaml', env: {} });
    sender = createSender(bench);
    assert.equal(bench.problem(), undefined);
  });
  after(async () => {
    sender?.webhooks.close();
    await bench?.close();
  });
  beforeEach(() => bench.upstream.choose('usual'));

  test('what a sweep queues comes back from Cloud Tasks and is cancelled', async () => {
    const names = [1, 2, 3].map((hours) => {
      const createTime = Date.now() - hours * 3_600_000;
      const name = `${PARENT}/operations/old-${hours}`;
      return bench.emulator.addOperation({ name, createTime, duration: Infinity }).name;
    });
    const wish = { caller: 'sweeper', command: 1, parent: PARENT, olderThan: '30m' };
    const swept = await sender.send(wish);
    const { operations } = JSON.parse(swept.response?.body ?? '');
    const outcomes = operations.map(({ outcome }: { outcome: string }) => outcome);
    assert.deepEqual(outcomes, ['CANCEL_REQUESTED', 'QUEUED', 'QUEUED']);
    await bench.emulator.tasksIdle();
    const task = await sender.complete((one) => one.sender === 'Google-Cloud-Tasks');
    assert.equal(task.caller, 'sweeper');
    assert.equal(task.response?.status, 200);
    for (const name of names) {
      assert.equal(bench.emulator.operation(name)?.metadata.requestedCancellation, true, name);
    }
  });

  test('the notes say where queued cancels go', () => {
    assert.match(bench.current()?.notes.join() ?? '', /emulator sends queued cancels to this/);
  });

  for (const [service, parent, refusal] of [
    ['Certificate Authority Service', `${PARENT}/operations`, 501],
    ['Dataproc', DATAPROC, 400],
    ['BigQuery', BIGQUERY, 400],
  ] as const) {
    describe(service, () => {
      let count = 0;
      const start = (over: object = {}) => {
        const name = `${parent}/job-${++count}`;
        const add = name.startsWith('//') ? 'addResource' : 'addOperation';
        bench.emulator[add]({ name, ...over });
        return name;
      };

      for (const [condition, status] of [
        ['slow', 200],
        ['unavailable', 503],
        ['tokenless', 503],
        ['hanging', 504],
      ] as const) {
        test(`that is ${condition} is a ${status}`, async () => {
          bench.upstream.choose(condition);
          const { response } = await sender.send({ caller: 'ops', operation: start() });
          assert.equal(response?.status, status);
          if (condition === 'slow') assert.ok((response?.milliseconds ?? 0) >= 2_000);
        });
      }

      test('says so where the work is done already, or cannot be cancelled', async () => {
        const wish = { caller: 'ops', wait: '5s' };
        const done = await sender.send({ ...wish, operation: start({ duration: 0 }) });
        assert.equal(done.response?.headers['cancel-outcome'], 'ALREADY_DONE');
        const refused = await sender.send({ ...wish, operation: start({ onCancel: 'refuse' }) });
        assert.equal(refused.response?.status, refusal);
      });
    });
  }

  test('a job that any request starts is on the page, and what became of it', async () => {
    const response = await fetch(
      `${bench.emulator.services['dataproc.googleapis.com']}/v1/projects/my-project/regions/us-central1/jobs:submit`,
      {
        method: 'POST',
        headers: { authorization: 'Bearer somebody', 'content-type': 'application/json' },
        body: JSON.stringify({
          job: {
            reference: { jobId: 'submitted' },
            placement: { clusterName: 'c' },
            sparkJob: { mainJarFileUri: 'gs://b/a.jar' },
          },
        }),
      },
    );
    assert.equal(response.status, 200, await response.text());
    const name = `${DATAPROC}/submitted`;
    const cloud = new Cloud(
      bench.emulator,
      () => [],
      () => ['ops'],
    );
    const shown = async () => (await cloud.look()).operations.find((one) => one.name === name);
    const { state, createTime, allowed } = (await shown()) ?? assert.fail('is not shown');
    assert.deepEqual([state, allowed], ['running', ['ops']]);
    assert.ok(Date.now() - Date.parse(createTime) < 60_000);
    await sender.send({ caller: 'ops', operation: name, wait: '5s' });
    assert.equal((await shown())?.state, 'cancelled');
  });
});
