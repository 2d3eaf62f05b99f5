/** What a sweep has queued comes back from Cloud Tasks as a cancel like any other. */

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { DEV, EMAIL, outcomes, startQueueApp } from '../support/queue-app.ts';
import { getCancelRequests } from '../support/test-app.ts';

let app: Awaited<ReturnType<typeof startQueueApp>>;
before(async () => {
  app = await startQueueApp();
});
after(() => app.stop());
beforeEach(() => app.forget());

describe('what was queued', () => {
  test('comes back as a request of the caller that swept, by the same rules', async () => {
    const [, , , last = ''] = app.plant(4);
    await app.post({ reason: 'nightly' }).expect(200);
    await app.cloud.tasksIdle();
    const line = await app.hook.log(({ operation }) => operation === last);
    assert.deepEqual(
      [line.caller, line.principal, line.rule, line.reason],
      ['scheduler', EMAIL, 'allow[0]', 'nightly'],
    );
    assert.deepEqual(
      app.tasksOf(last).map(({ state, attempts }) => [state, attempts.map(({ status }) => status)]),
      [['done', [200]]],
    );
    const [sent] = getCancelRequests(app.cloud).filter(({ path }) => path.includes(last));
    assert.equal(
      sent?.headers['x-goog-request-reason'],
      `cancel-hook caller=scheduler principal=${EMAIL} reason=nightly`,
    );
  });

  test('what no rule gives any more when it comes back is refused', async () => {
    const [, , , last = ''] = app.plant(4);
    const maxAttempts = app.cloud.queue.maxAttempts;
    app.cloud.queue.maxAttempts = 1;
    app.cloud.script(({ method, path }) => method === 'POST' && path.startsWith('/v2/'), {
      delay: 50,
    });
    const swept = app
      .post({})
      .expect(200)
      .then(({ body }) => body);
    while (app.created().length === 0) await new Promise((done) => setTimeout(done, 2));
    app.cloud.addOperation({
      name: last,
      target: `${DEV}-no-more`,
      duration: Infinity,
      onCancel: 'ignore',
    });
    assert.equal(outcomes(await swept).at(-1), 'QUEUED');
    await app.cloud.tasksIdle();
    app.cloud.queue.maxAttempts = maxAttempts;
    assert.deepEqual(
      app.tasksOf(last).map(({ attempts }) => attempts[0]?.status),
      [403],
    );
    assert.ok(!app.cancelled().includes(last));
  });

  test('what is done when it comes back is acknowledged, and not sent again', async () => {
    const [, , , last = ''] = app.plant(4);
    app.cloud.script(({ method, path }) => method === 'POST' && path.startsWith('/v2/'), {
      delay: 50,
    });
    const swept = app
      .post({})
      .expect(200)
      .then(({ body }) => body);
    while (app.created().length === 0) await new Promise((done) => setTimeout(done, 2));
    app.cloud.addOperation({ name: last, target: DEV, duration: 0 });
    await swept;
    await app.cloud.tasksIdle();
    assert.deepEqual(
      app.tasksOf(last).map(({ attempts }) => attempts.map(({ status }) => status)),
      [[200]],
    );
  });
});
