/** Cloud Monitoring: its notifications, and the token in its query. */

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { notification } from '../../src/cli/send/senders/cloud-monitoring.ts';
import { operations } from '../fixtures/alert-answers.ts';
import { assertError } from '../support/error-form.ts';
import { getCancelRequests, OPERATIONS, startTestApp, type TestApp } from '../support/test-app.ts';

const TOKEN = 'a+b/c d=%é&';
const ENCODED = encodeURIComponent(TOKEN);

let app: TestApp;
before(async () => {
  app = await startTestApp({
    env: { MONITORING_TOKEN: TOKEN },
    config: {
      callers: {
        monitoring: {
          type: 'cloud-monitoring',
          wait: '0s',
          auth: { token: 'env:MONITORING_TOKEN' },
        },
      },
    },
  });
});
after(() => app.stop());
beforeEach(() => app.emulator.clearRequests());

async function post(value: unknown, query = `auth_token=${ENCODED}`) {
  const { status, headers, text } = await app.process.http
    .post(`/monitoring${query === '' ? '' : `?${query}`}`)
    .set({ 'Content-Type': 'application/json' })
    .send(JSON.stringify(value));
  return { status, headers, text };
}

const quiet = notification('nothing', 'closed');

describe('the auth_token', () => {
  for (const query of [
    `auth_token=${ENCODED}`,
    `a=1&auth_token=${ENCODED}&b=2`,
    `&&auth_token=${ENCODED}&`,
    `auth%5Ftoken=${ENCODED}`,
    `auth_token=${ENCODED.replace('%20', '+')}`,
    `auth_token=${ENCODED.replace('%2B', '+')}`,
    `auth_token=${ENCODED.replace('%3D', '=')}`,
    `auth_token=${ENCODED.toLowerCase()}`,
  ]) {
    test(`is read from ?${query}`, async () => {
      assert.equal((await post(quiet, query)).status, 200);
    });
  }

  for (const query of [
    '',
    'auth_token',
    'auth_token=',
    `auth_token=${ENCODED}x`,
    `auth_token=${ENCODED.slice(0, -3)}`,
    `Auth_Token=${ENCODED}`,
    `token=${ENCODED}`,
    `auth_token=${ENCODED}&auth_token=${ENCODED}`,
    `auth_token=${ENCODED}&auth_token=`,
    `auth_token=${ENCODED}&auth%5ftoken=x`,
    `auth_token[]=${ENCODED}`,
    `auth_token=${ENCODED}%`,
    `auth_token=${ENCODED};x=1`,
    `auth_token=${encodeURIComponent(ENCODED)}`,
    'auth_token=%FF',
  ]) {
    test(`is none: ?${query}`, async () => {
      assertError(await post(quiet, query), 'UNAUTHENTICATED');
    });
  }

  test('is in no log line and no answer', async () => {
    const answer = await post(quiet, `auth_token=${ENCODED}&x=needle-in-the-query`);
    await app.process.log(({ caller }) => caller === 'monitoring');
    const written = app.process.stdout() + app.process.stderr() + answer.text;
    for (const secret of [TOKEN, ENCODED, 'needle-in-the-query']) {
      assert.ok(!written.includes(secret));
    }
  });
});

describe('an incident', () => {
  const cancelled = () => getCancelRequests(app.emulator).map(({ path }) => path);

  test('may be OPEN in any case, of any version but test', async () => {
    for (const [state, version] of [
      ['open', '1.2'],
      ['OPEN', '1.2'],
      ['Open', '1.3'],
    ] as const) {
      const name = app.createOperation();
      app.emulator.clearRequests();
      await post(notification(`Stuck: ${name}`, state, version));
      assert.deepEqual(cancelled(), [`/v1/${name}:cancel`]);
    }
  });

  test('cancels nothing in any other state, or as a test', async () => {
    for (const [state, version] of [
      ['closed', '1.2'],
      ['CLOSED', '1.2'],
      ['acknowledged', '1.2'],
      ['', '1.2'],
      ['open', 'test'],
      ['OPEN', 'Test'],
    ] as const) {
      const answer = await post(notification({ content: app.createOperation() }, state, version));
      assert.deepEqual([answer.status, operations(answer)], [200, []], `${state} ${version}`);
    }
    assert.deepEqual(cancelled(), []);
    assert.equal((await post({ version: 'test' })).status, 200);
  });

  test('that names one operation everywhere is one cancel; two are refused', async () => {
    const [one, two] = [app.createOperation(), app.createOperation()];
    const links = [
      { url: `https://console.cloud.google.com/${one}` },
      { displayName: 'no url' },
      { url: null },
    ];
    await post(notification({ content: one, subject: `${one}.`, links }));
    assert.deepEqual(cancelled(), [`/v1/${one}:cancel`]);
    app.emulator.clearRequests();
    const answer = await post(
      notification({ content: one, links: [{ url: `https://console.cloud.google.com/${two}` }] }),
    );
    assert.equal(answer.status, 403);
    assert.deepEqual(cancelled(), []);
  });

  test('whose subject is cut at 255 bytes is refused, unless the content has the whole name', async () => {
    const name = app.createOperation({ name: `${OPERATIONS}/restore_prod-2` });
    app.emulator.clearRequests();
    const cut = name.slice(0, -'_prod-2'.length);
    const subject = ` ${cut}`.padStart(255, 'x');
    assert.equal((await post(notification({ content: 'See the subject.', subject }))).status, 403);
    assert.deepEqual(cancelled(), []);
    await post(notification({ content: `Cancels __${name}__`, subject }));
    assert.deepEqual(cancelled(), [`/v1/${name}:cancel`]);
    app.emulator.clearRequests();
    await post(notification({ subject: ` ${name} is stuck`.padStart(255, 'x') }));
    assert.deepEqual(cancelled(), [`/v1/${name}:cancel`]);
  });

  test('does not count by the URL of another service', async () => {
    const name = app.createOperation();
    const content = `https://compute.googleapis.com/v1/${name}`;
    const response = await post(notification({ content }));
    assert.deepEqual([response.status, operations(response)], [200, []]);
    // The URL names an operation of Dataproc, which is another one, and which no rule allows.
    const other = `https://dataproc.googleapis.com/v1/${name}`;
    assert.equal((await post(notification({ content: other }))).status, 403);
    assert.deepEqual(cancelled(), []);
  });

  test('is not read for names beyond its documentation', async () => {
    const name = app.createOperation();
    const { incident, ...rest } = notification({ content: 'none' });
    await post({ ...rest, incident: { ...(incident as object), summary: name, url: name } });
    assert.deepEqual(cancelled(), []);
  });

  test('may come without documentation, or with parts of it null', async () => {
    for (const documentation of [undefined, null, '', {}, { content: null, links: null }]) {
      const answer = await post(notification(documentation));
      assert.deepEqual([answer.status, operations(answer)], [200, []]);
    }
  });

  test('of another shape is refused in the error form', async () => {
    for (const body of [{}, { incident: {} }, { incident: { state: 1 } }, [], null]) {
      assertError(await post(body), 'INVALID_REQUEST');
    }
  });
});
