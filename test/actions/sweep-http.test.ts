/** A sweep of all locations, from the request to the service and back. */

import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { getCancelRequests, startTestApp, type TestApp } from '../support/test-app.ts';

const PROJECT = 'projects/my-project';
const PARENT = `${PROJECT}/locations/-`;

let app: TestApp;
before(async () => {
  const operations = [`${PROJECT}/locations/*/operations/*`];
  app = await startTestApp({ config: { allow: [{ operations, sweep: true }] } });
});
after(() => app.stop());

const operationIn = (location: string) => `${PROJECT}/locations/${location}/operations/o`;
beforeEach(() => {
  app.emulator.clearRequests();
  for (const [hours, location] of [
    [3, 'us-central1'],
    [2, 'asia-east1'],
    [9, 'europe-west1'],
  ] as const) {
    const createTime = Date.now() - hours * 3_600_000;
    app.emulator.addOperation({ name: operationIn(location), createTime, duration: Infinity });
  }
});

async function sweep() {
  const { body } = await app.post({ parent: PARENT, olderThan: '1h' }).expect(200);
  const names: string[] = body.operations.map(({ name }: { name: string }) => name);
  return { names, unreachable: body.unreachable };
}

test('a service that answers returnPartialSuccess with UNIMPLEMENTED is swept without it', async () => {
  assert.deepEqual(await sweep(), {
    names: ['europe-west1', 'us-central1', 'asia-east1'].map(operationIn),
    unreachable: [],
  });
  const lists = app.emulator.requests.filter(({ path }) => path.endsWith('/operations'));
  assert.deepEqual(
    lists.map(({ status, url }) => [status, url.includes('returnPartialSuccess')]),
    [
      [501, true],
      [200, false],
    ],
  );
});

test('a location that the service cannot reach is shown, and the others are swept', async () => {
  app.emulator.partialSuccess = true;
  app.emulator.unreachable = ['europe-west1'];
  assert.deepEqual(await sweep(), {
    names: ['us-central1', 'asia-east1'].map(operationIn),
    unreachable: [`${PROJECT}/locations/europe-west1`],
  });
  assert.equal(getCancelRequests(app.emulator).length, 2);
});
