import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { EmulatorOptions } from '../emulator/index.ts';
import { assertError } from '../support/error-form.ts';
import { startTestApp, type TestApp } from '../support/test-app.ts';

const SECONDS = 3;

type Metadata = EmulatorOptions['metadata'] & object;

async function withApp(
  run: (app: TestApp) => Promise<void>,
  {
    upstreamSeconds = SECONDS,
    metadata = {},
  }: { upstreamSeconds?: number; metadata?: Metadata } = {},
) {
  const app = await startTestApp({
    emulator: { auth: 'issued', metadata },
    config: { limits: { upstreamSeconds } },
  });
  try {
    await run(app);
  } finally {
    await app.stop();
  }
}

async function assertNoCredentials(app: TestApp, within = SECONDS * 1_000 + 1_500) {
  const before = Date.now();
  const answer = await app.post({ name: app.createOperation() });
  const { message } = assertError(answer, 'CREDENTIALS_UNAVAILABLE');
  assert.doesNotMatch(message, /127\.0\.0\.1|metadata/i, 'what went wrong is nobody’s business');
  assert.match(answer.headers['retry-after'] ?? '', /^\d+$/);
  assert.ok(Date.now() - before < within, `${Date.now() - before} ms`);
}

describe('the access token', { concurrency: 4 }, () => {
  test('is fetched while the function starts, and the first cancel need not wait for it', () =>
    withApp(async (app) => {
      assert.equal(app.emulator.tokens.issued, 1);
      app.emulator.metadata.hang = true;
      await app.post({ name: app.createOperation() }).expect(200);
      assert.equal(app.emulator.tokens.issued, 1);
    }));

  test('is asked of nobody by a request that is refused', () =>
    withApp(async (app) => {
      await app.process.http.get('/').expect(200);
      await app.process.http.post('/ops').send({}).expect(401);
      assert.deepEqual(app.emulator.requests, []);
    }));

  test('a metadata server that is down stops nobody while the token is valid', () =>
    withApp(
      async (app) => {
        const name = app.createOperation();
        await app.post({ name }).expect(200);
        for (const bad of [{ status: 503 }, { hang: true }]) {
          Object.assign(app.emulator.metadata, bad);
          const before = Date.now();
          for (let i = 0; i < 5; i++) await app.post({ name }).expect(200);
          assert.ok(Date.now() - before < 1_000, 'and nobody waits for it');
        }
      },
      { metadata: { expiresIn: 100 } },
    ));

  for (const status of [404, 500, 503]) {
    test(`a metadata server that answers ${status} is told in time, and its recovery is noticed`, () =>
      withApp(
        async (app) => {
          await assertNoCredentials(app);
          app.emulator.metadata.status = undefined;
          await app.post({ name: app.createOperation() }).expect(200);
        },
        { metadata: { status } },
      ));
  }

  test('a metadata server that hangs costs the deadline at most, and the next request after it succeeds', () =>
    withApp(
      async (app) => {
        const before = Date.now();
        const both = Promise.all([assertNoCredentials(app), assertNoCredentials(app)]);
        await both;
        assert.ok(Date.now() - before > SECONDS * 900, 'all the time there was');
        app.emulator.metadata.hang = false;
        const after = Date.now();
        await app.post({ name: app.createOperation() }).expect(200);
        assert.ok(Date.now() - after < 2_500);
      },
      { metadata: { hang: true } },
    ));

  test('one that recovers within the deadline is used', () =>
    withApp(
      async (app) => {
        setTimeout(() => {
          app.emulator.metadata.hang = false;
        }, 1_000).unref();
        await app.post({ name: app.createOperation() }).expect(200);
      },
      { metadata: { hang: true } },
    ));

  test('an answer that holds no token is none', () =>
    withApp(
      async (app) => {
        const token = { path: /\/token$/ };
        for (const raw of [
          '{}',
          'not JSON',
          '{"access_token": ""}',
          '{"access_token": "a\\r\\nb", "expires_in": 9}',
        ]) {
          app.emulator.script(token, {
            raw,
            headers: { 'metadata-flavor': 'Google', 'content-type': 'application/json' },
          });
          await assertNoCredentials(app);
          app.emulator.clearScripts();
        }
      },
      { metadata: { status: 404 } },
    ));
});

test('200 who come first and at one time fetch one token', () =>
  withApp(
    async (app) => {
      app.emulator.metadata.status = undefined;
      const name = app.createOperation();
      const all = await Promise.all(Array.from({ length: 200 }, () => app.post({ name })));
      assert.deepEqual(new Set(all.map(({ status }) => status)), new Set([200]));
      assert.equal(app.emulator.tokens.issued, 1);
      await app.post({ name }).expect(200);
      assert.equal(app.emulator.tokens.issued, 1);
    },
    { upstreamSeconds: 30, metadata: { status: 404 } },
  ));
