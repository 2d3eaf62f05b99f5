/** A service that no rule names is never called, whoever asks for what. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { resourceTypes } from '../../src/resources/index.ts';
import { assertError } from '../support/error-form.ts';
import { startTestApp, type TestApp } from '../support/test-app.ts';

let app: TestApp;
before(async () => {
  app = await startTestApp({
    emulator: { services: 'all' },
    config: {
      allow: [
        { operations: ['projects/*/locations/*/operations/*'], sweep: true },
        { operations: ['//dataproc.googleapis.com/projects/p/regions/*/jobs/*'], sweep: true },
      ],
    },
  });
});
after(() => app.stop());

test('a cancel and a sweep of it are NOT_ALLOWED, and make no call anywhere', async () => {
  for (const { service, shape, example } of resourceTypes) {
    const isNamed = service === 'privateca.googleapis.com' || shape.includes('regions/*/jobs');
    if (isNamed) continue;
    const name = `//${service}/${example}`;
    const response = assertError(await app.post({ name, wait: '1s' }), 'NOT_ALLOWED');
    assert.match(JSON.stringify(response), new RegExp(`resources of ${service} in this project`));
    const parent = name.slice(0, name.lastIndexOf('/'));
    assertError(await app.post({ parent, olderThan: '1h' }), 'NOT_ALLOWED');
  }
  assert.deepEqual(app.emulator.requests, []);
});

test('what a rule names is called at its own origin, with the log naming it in full', async () => {
  const name = '//dataproc.googleapis.com/projects/p/regions/r/jobs/j';
  app.emulator.addResource({ name, duration: Number.POSITIVE_INFINITY });
  await app.post({ name, reason: 'ran away' }).expect(200);
  const [request, ...others] = app.emulator.requests;
  assert.equal(request?.path, '/v1/projects/p/regions/r/jobs/j:cancel');
  assert.equal(`http://${request?.headers.host}`, app.emulator.services['dataproc.googleapis.com']);
  assert.deepEqual(others, []);
});
