/** The function as it is deployed, with its bytecode: characters beyond ASCII keep their meaning. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { notification } from '../../src/cli/send/senders/cloud-monitoring.ts';
import { getCancelRequests, startTestApp, type TestApp } from '../support/test-app.ts';

const TOKEN = 'monitoring-token-0123456789';

let app: TestApp;
before(async () => {
  app = await startTestApp({
    config: {
      callers: {
        alerts: { type: 'cloud-monitoring', auth: { token: 'env:TOKEN' }, wait: '0s' },
      },
    },
    env: { TOKEN },
  });
});
after(() => app.stop());

const post = (content: string) =>
  app.process.http
    .post(`/alerts?auth_token=${TOKEN}`)
    .set('Content-Type', 'application/json')
    .send(JSON.stringify(notification({ content })));

test('a name that an ellipsis cuts is refused, and nothing is sent', async () => {
  const name = app.createOperation();
  for (const cut of ['…', ' …', ' ⋯', ' (…)', ' [… 12 more]']) {
    await post(`Stuck: ${name}${cut}`).expect(403);
  }
  assert.deepEqual(getCancelRequests(app.emulator), []);
});

test('a word in another script behind a name changes nothing', async () => {
  const name = app.createOperation();
  await post(`Stuck: ${name} âge ¥5`).expect(200);
  assert.equal(getCancelRequests(app.emulator).length, 1);
});
