import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertAuthenticated, assertUnauthorized } from '../support/authenticate.ts';
import { assertError } from '../support/error-form.ts';
import { startTestApp, type TestApp } from '../support/test-app.ts';

const CERTS = '/oauth2/v1/certs';
const EMAIL = 'sweeper@example.com';

describe("Google's keys, through the front door", () => {
  let app: TestApp;
  beforeEach(async () => {
    const google = { audience: 'hook', emails: [EMAIL] };
    app = await startTestApp({
      config: { callers: { google: { type: 'json', auth: { google } } } },
    });
  });
  afterEach(() => app.stop());

  const headers = (claims = {}) => ({
    Authorization: `Bearer ${app.emulator.mintIdToken({ aud: 'hook', email: EMAIL, email_verified: true, ...claims })}`,
  });
  const fetched = () => app.emulator.requests.filter(({ path }) => path === CERTS).length;
  async function assertUnavailable() {
    const answer = await app.process.http.post('/google').set(headers()).send({});
    assertError(answer, 'KEYS_UNAVAILABLE');
    assert.match(answer.headers['retry-after'] ?? '', /^\d+$/);
  }

  test('that cannot be had at first are KEYS_UNAVAILABLE, and then come', async () => {
    for (const fault of [
      { status: 500 },
      { malformed: true },
      { raw: '{}' },
      { reset: 'before' },
      { redirect: CERTS },
    ] as const) {
      app.emulator.script({ path: CERTS }, fault);
      await assertUnavailable();
      await sleep(510);
    }
    await assertAuthenticated(app, 'google', headers());
  });

  test('that never come cost about 2 s', async () => {
    app.emulator.script({ path: CERTS }, { hang: 'before' });
    const before = Date.now();
    await assertUnavailable();
    assert.ok(Date.now() - before < 3_000);
    await assertAuthenticated(app, 'google', headers());
  });

  test('are fetched once for 50 who come at one time, and then kept', async () => {
    const token = headers();
    await Promise.all(Array.from({ length: 50 }, () => assertAuthenticated(app, 'google', token)));
    await assertAuthenticated(app, 'google', token);
    assert.equal(fetched(), 1);
  });

  test('are kept when they cannot be had any more', async () => {
    await assertAuthenticated(app, 'google', headers());
    app.emulator.script({ path: CERTS }, { status: 500 }, { repeat: true });
    await assertAuthenticated(app, 'google', headers());
  });

  test('are not asked for by a token that is for someone else, or none', async () => {
    await assertUnauthorized(app, 'google', headers({ aud: 'other' }));
    await assertUnauthorized(app, 'google', headers({ email: 'other@example.com' }));
    await assertUnauthorized(app, 'google', { Authorization: 'Bearer a.b.c' });
    assert.equal(fetched(), 0);
  });
});
