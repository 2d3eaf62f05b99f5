import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openHouse } from '../support/test-app.ts';

test('a second signal cuts off nothing that the first one lets finish', async () => {
  const house = await openHouse();
  try {
    const name = house.running();
    house.cloud.script({ path: /cancel$/ }, { delay: 600 });
    const answer = house.ask({ name }).then(({ status }) => status);
    while (!house.cloud.requests.some(({ path }) => path.endsWith(':cancel'))) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const ended = house.hook.stop();
    await new Promise((resolve) => setTimeout(resolve, 100));
    house.hook.process.kill('SIGTERM');
    house.hook.process.kill('SIGINT');
    assert.equal(await answer, 200);
    assert.equal(await ended, 0);
  } finally {
    await house.stop();
  }
});
