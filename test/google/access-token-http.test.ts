import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { EmulatorOptions } from '../emulator/index.ts';
import { assertError } from '../support/error-form.ts';
import { type House, openHouse } from '../support/test-app.ts';

const SECONDS = 3;

type Metadata = EmulatorOptions['metadata'] & object;

async function inHouse(
  run: (house: House) => Promise<void>,
  {
    upstreamSeconds = SECONDS,
    metadata = {},
  }: { upstreamSeconds?: number; metadata?: Metadata } = {},
) {
  const house = await openHouse({
    emulator: { auth: 'issued', metadata },
    config: { limits: { upstreamSeconds } },
  });
  try {
    await run(house);
  } finally {
    await house.stop();
  }
}

async function assertNoCredentials(house: House, within = SECONDS * 1_000 + 1_500) {
  const before = Date.now();
  const answer = await house.ask({ name: house.running() });
  const { message } = assertError(answer, 'CREDENTIALS_UNAVAILABLE');
  assert.doesNotMatch(message, /127\.0\.0\.1|metadata/i, 'what went wrong is nobody’s business');
  assert.match(answer.headers['retry-after'] ?? '', /^\d+$/);
  assert.ok(Date.now() - before < within, `${Date.now() - before} ms`);
}

describe('the access token', { concurrency: 4 }, () => {
  test('is fetched while the function starts, and the first cancel need not wait for it', () =>
    inHouse(async (house) => {
      assert.equal(house.cloud.tokens.issued, 1);
      house.cloud.metadata.hang = true;
      await house.ask({ name: house.running() }).expect(200);
      assert.equal(house.cloud.tokens.issued, 1);
    }));

  test('is asked of nobody by a request that is refused', () =>
    inHouse(async (house) => {
      await house.hook.http.get('/').expect(200);
      await house.hook.http.post('/ops').send({}).expect(401);
      assert.deepEqual(house.cloud.requests, []);
    }));

  test('a metadata server that is down stops nobody while the token is valid', () =>
    inHouse(
      async (house) => {
        const name = house.running();
        await house.ask({ name }).expect(200);
        for (const bad of [{ status: 503 }, { hang: true }]) {
          Object.assign(house.cloud.metadata, bad);
          const before = Date.now();
          for (let i = 0; i < 5; i++) await house.ask({ name }).expect(200);
          assert.ok(Date.now() - before < 1_000, 'and nobody waits for it');
        }
      },
      { metadata: { expiresIn: 100 } },
    ));

  for (const status of [404, 500, 503]) {
    test(`a metadata server that answers ${status} is told in time, and its recovery is noticed`, () =>
      inHouse(
        async (house) => {
          await assertNoCredentials(house);
          house.cloud.metadata.status = undefined;
          await house.ask({ name: house.running() }).expect(200);
        },
        { metadata: { status } },
      ));
  }

  test('a metadata server that hangs costs the deadline at most, and the next request after it succeeds', () =>
    inHouse(
      async (house) => {
        const before = Date.now();
        const both = Promise.all([assertNoCredentials(house), assertNoCredentials(house)]);
        await both;
        assert.ok(Date.now() - before > SECONDS * 900, 'all the time there was');
        house.cloud.metadata.hang = false;
        const after = Date.now();
        await house.ask({ name: house.running() }).expect(200);
        assert.ok(Date.now() - after < 2_500);
      },
      { metadata: { hang: true } },
    ));

  test('one that recovers within the deadline is used', () =>
    inHouse(
      async (house) => {
        setTimeout(() => {
          house.cloud.metadata.hang = false;
        }, 1_000).unref();
        await house.ask({ name: house.running() }).expect(200);
      },
      { metadata: { hang: true } },
    ));

  test('an answer that holds no token is none', () =>
    inHouse(
      async (house) => {
        const token = { path: /\/token$/ };
        for (const raw of [
          '{}',
          'not JSON',
          '{"access_token": ""}',
          '{"access_token": "a\\r\\nb", "expires_in": 9}',
        ]) {
          house.cloud.script(token, {
            raw,
            headers: { 'metadata-flavor': 'Google', 'content-type': 'application/json' },
          });
          await assertNoCredentials(house);
          house.cloud.clearScripts();
        }
      },
      { metadata: { status: 404 } },
    ));
});

test('200 who come first and at one time fetch one token', () =>
  inHouse(
    async (house) => {
      house.cloud.metadata.status = undefined;
      const name = house.running();
      const all = await Promise.all(Array.from({ length: 200 }, () => house.ask({ name })));
      assert.deepEqual(new Set(all.map(({ status }) => status)), new Set([200]));
      assert.equal(house.cloud.tokens.issued, 1);
      await house.ask({ name }).expect(200);
      assert.equal(house.cloud.tokens.issued, 1);
    },
    { upstreamSeconds: 30, metadata: { status: 404 } },
  ));
