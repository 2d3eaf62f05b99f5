import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startTestApp } from '../support/test-app.ts';

test('a second signal cuts off nothing that the first one lets finish', async () => {
  const app = await startTestApp();
  try {
    const name = app.createOperation();
    app.emulator.script({ path: /cancel$/ }, { delay: 600 });
    const answer = app.post({ name }).then(({ status }) => status);
    while (!app.emulator.requests.some(({ path }) => path.endsWith(':cancel'))) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const ended = app.process.stop();
    await new Promise((resolve) => setTimeout(resolve, 100));
    app.process.process.kill('SIGTERM');
    app.process.process.kill('SIGINT');
    assert.equal(await answer, 200);
    assert.equal(await ended, 0);
  } finally {
    await app.stop();
  }
});
