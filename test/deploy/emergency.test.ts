/** What deploy/emergency.md promises of the function itself. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { slashForm, TEAM, USER } from '../../src/cli/send/senders/slack.ts';
import { ALL_CALLERS, routed, sendWebhook, toWorld } from '../support/callers.ts';
import { assertError } from '../support/error-form.ts';
import { SLACK_SECRET, slackHeaders } from '../support/slack.ts';
import {
  ALLOW_ALL,
  OPERATIONS,
  OPS_CALLER,
  PARENT,
  startTestApp,
  type TestApp,
} from '../support/test-app.ts';

describe('CANCEL_HOOK_MODE=observe', () => {
  let app: TestApp;
  before(async () => {
    const { config, env } = ALL_CALLERS;
    app = await startTestApp({
      ...ALL_CALLERS,
      config: {
        ...(config as object),
        callers: { ...(config as { callers: object }).callers, ops: OPS_CALLER },
        allow: [{ operations: [`${OPERATIONS}/*`], sweep: true }],
      },
      env: { ...(env as object), CANCEL_HOOK_MODE: 'observe' },
    });
  });
  after(() => app.stop());

  for (const { fixture, route } of routed) {
    test(`${route}, ${fixture.name}: accepts the request and cancels nothing`, async () => {
      const name = app.createOperation({ duration: Infinity });
      const world = toWorld(app);
      const { status } = await sendWebhook(
        app,
        route,
        fixture.send(world, fixture.body(world, name)),
      );
      assert.equal(status, 200);
      const line = await app.process.log(({ caller }) => caller === route);
      const { operations = [line] } = line as { operations?: unknown };
      const [{ outcome }] = operations as [{ outcome: string }];
      assert.equal(outcome, 'WOULD_CANCEL');
      assert.deepEqual(app.cancelled(), []);
    });
  }

  test('a sweep says what it would cancel, and cancels nothing', async () => {
    app.createOperation({ duration: Infinity, createTime: Date.now() - 86_400_000 });
    const { body } = await app.post({ parent: PARENT, olderThan: '6h' }, { route: 'ops' });
    assert.deepEqual(
      body.operations.map(({ outcome }: { outcome: string }) => outcome),
      ['WOULD_CANCEL'],
    );
    assert.deepEqual(app.cancelled(), []);
  });
});

describe('a caller that is taken out of the configuration', () => {
  test('is a 404, and the others go on', async () => {
    const app = await startTestApp({ config: { callers: { kept: OPS_CALLER } } });
    try {
      const name = app.createOperation();
      assertError(await app.post({ name }), 'UNKNOWN_ROUTE');
      await app.post({ name }, { route: 'kept' }).expect(200);
      assert.deepEqual(app.cancelled(), [name]);
    } finally {
      await app.stop();
    }
  });

  test('stops the start where a rule still names it, and the error says so', async () => {
    const allow = [{ ...ALLOW_ALL[0], callers: ['kept', 'gone'] }];
    await assert.rejects(
      startTestApp({ config: { callers: { kept: OPS_CALLER }, allow } }),
      /allow\[0\]\.callers\[1\] names a caller that does not exist/,
    );
  });
});

test('a new value in a mounted secret locks out the old one without a deployment', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cancel-hook-emergency-'));
  const file = join(folder, 'value');
  writeFileSync(file, 'ops-token-0123456789\n');
  const app = await startTestApp({
    config: { callers: { ops: { type: 'json', auth: { bearer: [`file:${file}`] } } } },
  });
  try {
    const name = app.createOperation();
    await app.post({ name }).expect(200);
    writeFileSync(file, 'a-random-value-that-nobody-has\n');
    let status = 200;
    for (let tries = 0; tries < 120 && status === 200; tries++) {
      await sleep(500);
      ({ status } = await app.post({ name }));
    }
    assert.equal(status, 401);
  } finally {
    await app.stop();
    rmSync(folder, { recursive: true });
  }
});

describe('a person who is taken out of the rules', () => {
  let app: TestApp;
  before(async () => {
    app = await startTestApp({
      config: {
        callers: {
          people: {
            type: 'json',
            auth: {
              google: { audience: 'hook', emails: ['stays@example.com', 'left@example.com'] },
            },
          },
          staff: {
            type: 'json',
            auth: { google: { audience: 'hook', emails: ['stays@example.com'] } },
          },
          slack: { type: 'slack', signingSecret: 'env:SLACK' },
        },
        allow: [
          {
            operations: [`${OPERATIONS}/*`],
            principals: ['stays@example.com', `${TEAM}/${USER}`],
          },
        ],
      },
      env: { SLACK: SLACK_SECRET },
    });
  });
  after(() => app.stop());

  const asGoogle = (route: string, email: string, name: string) => {
    const token = app.emulator.mintIdToken({ aud: 'hook', email, email_verified: true });
    return app.post({ name }, { route, headers: { Authorization: `Bearer ${token}` } });
  };
  const inSlack = (name: string, over: Record<string, string>) => {
    const body = slashForm(name, over);
    return app.process.http.post('/slack').set(slackHeaders(body)).send(body);
  };

  test('is refused with a Google token that is still valid; the others go on', async () => {
    const name = app.createOperation();
    assertError(await asGoogle('people', 'left@example.com', name), 'NOT_ALLOWED');
    assert.deepEqual(app.cancelled(), []);
    await asGoogle('people', 'stays@example.com', name).expect(200);
    assert.deepEqual(app.cancelled(), [name]);
  });

  test('is a 401 where the caller no longer lists the email', async () => {
    const name = app.createOperation();
    assertError(await asGoogle('staff', 'left@example.com', name), 'UNAUTHENTICATED');
    await asGoogle('staff', 'stays@example.com', name).expect(200);
  });

  test('is refused in Slack; the others go on', async () => {
    const name = app.createOperation();
    app.reset();
    const refused = await inSlack(name, { user_id: 'U9999999999' });
    assert.equal(refused.headers['cancel-error'], 'NOT_ALLOWED');
    assert.deepEqual(app.cancelled(), []);
    await inSlack(name, {});
    assert.deepEqual(app.cancelled(), [name]);
  });
});
