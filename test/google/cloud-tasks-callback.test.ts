/** What a sweep has queued comes back from Cloud Tasks as a cancel like any other. */

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { DEV, EMAIL, openQueueHouse, outcomes } from '../support/queue-app.ts';
import { cancels } from '../support/test-app.ts';

let house: Awaited<ReturnType<typeof openQueueHouse>>;
before(async () => {
  house = await openQueueHouse();
});
after(() => house.stop());
beforeEach(() => house.forget());

describe('what was queued', () => {
  test('comes back as a request of the caller that swept, by the same rules', async () => {
    const [, , , last = ''] = house.plant(4);
    await house.post({ reason: 'nightly' }).expect(200);
    await house.cloud.tasksIdle();
    const line = await house.hook.log(({ operation }) => operation === last);
    assert.deepEqual(
      [line.caller, line.principal, line.rule, line.reason],
      ['scheduler', EMAIL, 'allow[0]', 'nightly'],
    );
    assert.deepEqual(
      house
        .tasksOf(last)
        .map(({ state, attempts }) => [state, attempts.map(({ status }) => status)]),
      [['done', [200]]],
    );
    const [sent] = cancels(house.cloud).filter(({ path }) => path.includes(last));
    assert.equal(
      sent?.headers['x-goog-request-reason'],
      `cancel-hook caller=scheduler principal=${EMAIL} reason=nightly`,
    );
  });

  test('what no rule gives any more when it comes back is refused', async () => {
    const [, , , last = ''] = house.plant(4);
    const maxAttempts = house.cloud.queue.maxAttempts;
    house.cloud.queue.maxAttempts = 1;
    house.cloud.script(({ method, path }) => method === 'POST' && path.startsWith('/v2/'), {
      delay: 50,
    });
    const swept = house
      .post({})
      .expect(200)
      .then(({ body }) => body);
    while (house.created().length === 0) await new Promise((done) => setTimeout(done, 2));
    house.cloud.addOperation({
      name: last,
      target: `${DEV}-no-more`,
      duration: Infinity,
      onCancel: 'ignore',
    });
    assert.equal(outcomes(await swept).at(-1), 'QUEUED');
    await house.cloud.tasksIdle();
    house.cloud.queue.maxAttempts = maxAttempts;
    assert.deepEqual(
      house.tasksOf(last).map(({ attempts }) => attempts[0]?.status),
      [403],
    );
    assert.ok(!house.cancelled().includes(last));
  });

  test('what is done when it comes back is acknowledged, and not sent again', async () => {
    const [, , , last = ''] = house.plant(4);
    house.cloud.script(({ method, path }) => method === 'POST' && path.startsWith('/v2/'), {
      delay: 50,
    });
    const swept = house
      .post({})
      .expect(200)
      .then(({ body }) => body);
    while (house.created().length === 0) await new Promise((done) => setTimeout(done, 2));
    house.cloud.addOperation({ name: last, target: DEV, duration: 0 });
    await swept;
    await house.cloud.tasksIdle();
    assert.deepEqual(
      house.tasksOf(last).map(({ attempts }) => attempts.map(({ status }) => status)),
      [[200]],
    );
  });
});
