/** The effect of a signed request that is sent again, byte for byte. */

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { getCancelRequests, OPERATIONS, startTestApp, type TestApp } from '../support/test-app.ts';

const SECRET = `whsec_${Buffer.from('a-key-of-this-test').toString('base64')}`;
const MINUTE = 60_000;

let app: TestApp;
before(async () => {
  app = await startTestApp({
    env: { SIGNING: SECRET },
    config: {
      callers: { signed: { type: 'json', auth: { standardWebhooks: 'env:SIGNING' } } },
      allow: [{ operations: [`${OPERATIONS}/*`], verbs: ['create'], sweep: true }],
    },
  });
});
after(() => app.stop());
beforeEach(() => app.emulator.clearRequests());

/** A signed request that can be sent as often as one likes. */
function recorded(ask: object, at = new Date()): () => Promise<{ status: number; text: string }> {
  const body = JSON.stringify(ask);
  const headers = {
    'Content-Type': 'application/json',
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': new Webhook(SECRET).sign('msg_1', at, body),
  };
  return () => app.process.http.post('/signed').set(headers).send(body) as never;
}

function started(age = 0, verb = 'create'): string {
  const name = `${OPERATIONS}/operation-${Math.random().toString(36).slice(2)}`;
  app.emulator.addOperation({ name, verb, duration: Infinity, createTime: Date.now() - age });
  return name;
}

describe('a cancel that is sent again', () => {
  test('finds the operation done, and changes nothing', async () => {
    const name = started();
    const send = recorded({ name, wait: '5s' });
    assert.equal((await send()).status, 200);
    const done = app.emulator.operation(name);
    app.emulator.clearRequests();
    assert.equal((await send()).status, 200);
    assert.deepEqual(getCancelRequests(app.emulator), []);
    assert.deepEqual(app.emulator.operation(name), done);
  });

  test('names that operation alone: what was started since is not touched', async () => {
    const send = recorded({ name: started(), wait: '5s' });
    await send();
    const next = started();
    await send();
    assert.equal(app.emulator.operation(next)?.done, false);
  });

  test('is a 401 when it is more than 5 minutes old', async () => {
    const send = recorded({ name: started() }, new Date(Date.now() - 6 * MINUTE));
    assert.equal((await send()).status, 401);
    assert.deepEqual(app.emulator.requests, []);
  });
});

test('a sweep that is sent again cancels what has come of age since, and only what a rule gives', async () => {
  const send = recorded({ parent: OPERATIONS.replace(/\/operations$/, ''), olderThan: '1h' });
  const first = started(61 * MINUTE);
  await send();
  assert.deepEqual(
    getCancelRequests(app.emulator).map(({ path }) => path),
    [`/v1/${first}:cancel`],
  );
  const [aged, young, other] = [started(61 * MINUTE), started(), started(61 * MINUTE, 'delete')];
  app.emulator.clearRequests();
  await send();
  const again = getCancelRequests(app.emulator).map(({ path }) => path);
  assert.ok(again.includes(`/v1/${aged}:cancel`));
  for (const name of [young, other]) assert.ok(!again.includes(`/v1/${name}:cancel`));
});
