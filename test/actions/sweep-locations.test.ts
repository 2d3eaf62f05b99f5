/** A sweep of all locations at once. */

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { getCancelRequests, startTestApp, type TestApp } from '../support/test-app.ts';

const PROJECT = 'projects/my-project';
const HOUR = 3_600_000;

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
    const createTime = Date.now() - hours * HOUR;
    app.emulator.addOperation({ name: operationIn(location), createTime, duration: Infinity });
  }
});

async function sweep(location: string) {
  const parent = `${PROJECT}/locations/${location}`;
  const { body } = await app.post({ parent, olderThan: '1h' }).expect(200);
  assert.equal(body.parent, parent);
  const names: string[] = body.operations.map(({ name }: { name: string }) => name);
  return { names, unreachable: body.unreachable };
}

describe('a parent of locations/-', () => {
  test('is every location, the oldest first wherever it is', async () => {
    assert.deepEqual(await sweep('-'), {
      names: ['europe-west1', 'us-central1', 'asia-east1'].map(operationIn),
      unreachable: [],
    });
  });

  test('tells which could not be reached, and cancels in the others', async () => {
    app.emulator.unreachable = ['europe-west1'];
    try {
      assert.deepEqual(await sweep('-'), {
        names: ['us-central1', 'asia-east1'].map(operationIn),
        unreachable: [`${PROJECT}/locations/europe-west1`],
      });
      assert.equal(getCancelRequests(app.emulator).length, 2);
    } finally {
      app.emulator.unreachable = [];
    }
  });

  test('asks for partial success, and again without it where that is UNIMPLEMENTED', async () => {
    await sweep('-');
    await sweep('us-central1');
    const asked = app.emulator.requests
      .filter(({ path }) => path.endsWith('/operations'))
      .map(({ url }) => new URL(url, 'http://h').searchParams.get('returnPartialSuccess'));
    assert.deepEqual(asked, ['true', null, null]);
  });
});
