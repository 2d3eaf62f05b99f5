/** What goes wrong between the hook and Google's keys: KEYS_UNAVAILABLE, until the next time they come. */

import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { createRemoteKeySet } from '../../src/auth/key-set.ts';
import { systemClock } from '../../src/clock.ts';
import { fetchKeys } from '../../src/google/fetch-keys.ts';
import { createHttpClient } from '../../src/google/http-client.ts';
import { assertError } from '../support/error-form.ts';
import {
  type Fault,
  type FaultServer,
  formatResponse,
  startFaultServer,
} from '../support/fault-server.ts';
import { broken, hanging, harmless, unusable } from '../support/faults.ts';
import { getCancelRequests, startTestApp, type TestApp } from '../support/test-app.ts';

const CERTS = '/oauth2/v1/certs';
const EMAIL = 'sweeper@example.com';

const say =
  (body: string, status = 200, headers = {}): Fault =>
  ({ socket }) =>
    socket.write(formatResponse(status, body, headers));
const keyless: Readonly<Record<string, Fault>> = {
  'no keys': say('{}'),
  'keys that are none': say('{"canary": "canary"}'),
  'a key that is no text': say('{"canary": {"pem": 1}}'),
  '500': say('canary', 500),
  '404': say('canary', 404),
  'a redirect': say('{}', 302, { location: CERTS }),
};

describe('in place of Google’s keys there is', () => {
  let app: TestApp;
  let wire: FaultServer;
  before(async () => {
    const google = { audience: 'hook', emails: [EMAIL] };
    app = await startTestApp({
      config: { callers: { google: { type: 'json', auth: { google } } } },
      apiProxy: async (cloud) => {
        wire = await startFaultServer(cloud.url);
        return wire.url;
      },
    });
  });
  after(async () => {
    const { process } = app;
    await app.stop();
    assert.doesNotMatch(process.stdout() + process.stderr(), /canary/i);
    await wire.stop();
  });

  const ask = () => {
    const claims = { aud: 'hook', email: EMAIL, email_verified: true };
    return app.process.http
      .post('/google')
      .set('Authorization', `Bearer ${app.emulator.mintIdToken(claims)}`)
      .send({ name: app.createOperation() });
  };
  const fetched = () => wire.requests.filter(({ path }) => path === CERTS).length;
  let told = 0;

  async function assertNoKeys(): Promise<void> {
    const startedAt = performance.now();
    const answer = await ask();
    const took = performance.now() - startedAt;
    assertError(answer, 'KEYS_UNAVAILABLE');
    assert.doesNotMatch(answer.text, /canary|127\.0\.0\.1/);
    assert.equal(answer.headers['retry-after'], '5');
    assert.ok(took < 3_000, `${took} ms`);
    told += 1;
    const lines = () => app.process.logs().filter(({ error }) => error === 'KEYS_UNAVAILABLE');
    await app.process.log(() => lines().length === told);
    const { severity, caller, principal } = lines().at(-1) ?? assert.fail();
    assert.deepEqual([severity, caller, principal], ['ERROR', 'google', undefined]);
    assert.deepEqual(getCancelRequests(app.emulator), []);
  }

  for (const [what, fault] of Object.entries({ ...broken, ...unusable, ...keyless, ...hanging })) {
    test(`${what}: asked once, and told`, async () => {
      const before = fetched();
      const stop = wire.on(CERTS, fault);
      await assertNoKeys();
      assert.equal(fetched() - before, 1);
      stop();
    });
  }

  test('nobody: told at once', async () => {
    await wire.stop();
    const startedAt = performance.now();
    await assertNoKeys();
    assert.ok(performance.now() - startedAt < 1_000);
    await wire.restart();
  });

  test('and after all that the keys, and nobody need start anew', async () => {
    assert.equal((await ask()).status, 200);
  });
});

describe('the first question after it succeeds:', { concurrency: 4 }, () => {
  for (const [what, fault] of Object.entries({ ...broken, ...unusable, ...keyless, ...harmless })) {
    test(what, async () => {
      const { publicKey } = generateKeyPairSync('ed25519');
      const pem = publicKey.export({ type: 'spki', format: 'pem' });
      const wire = await startFaultServer('http://127.0.0.1:1');
      const good = formatResponse(200, JSON.stringify({ one: pem }));
      const serve: Fault = ({ socket }) => socket.write(good);
      const { request, abort } = createHttpClient();
      const keys = createRemoteKeySet(new URL(wire.url), fetchKeys(request), systemClock);
      wire.on('', (arrival) => fault({ ...arrival, forward: async () => good }));
      await keys.get('one').catch(({ reason }) => assert.equal(reason, 'KEYS_UNAVAILABLE'));
      wire.on('', serve);
      assert.ok(await keys.get('one'));
      abort();
      await wire.stop();
    });
  }
});
