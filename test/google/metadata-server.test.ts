/**
 * What goes wrong between the hook and the metadata server: without a token nothing leaves for the
 * API, and the first request after the fault succeeds; with a valid one nobody notices.
 */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { assertError } from '../support/error-form.ts';
import {
  type Fault,
  type FaultServer,
  formatResponse,
  startFaultServer,
} from '../support/fault-server.ts';
import { broken, hanging, harmless, unusable } from '../support/faults.ts';
import { getCancelRequests, startTestApp, type TestApp } from '../support/test-app.ts';

const SECONDS = 1.5;
const TOKEN = '/token';

describe('the metadata server gives', () => {
  let app: TestApp;
  let wire: FaultServer;
  /** A token that is good once, and never kept: each request asks for its own. */
  let brief: Fault;
  before(async () => {
    app = await startTestApp({
      config: { limits: { upstreamSeconds: SECONDS } },
      emulator: { auth: 'issued' },
      metadataProxy: async (cloud) => {
        wire = await startFaultServer(cloud.url);
        brief = ({ socket }) => {
          const access_token = cloud.tokens.issue(60);
          const answer = { access_token, expires_in: -1, token_type: 'Bearer' };
          socket.write(formatResponse(200, JSON.stringify(answer)));
        };
        wire.on(TOKEN, brief);
        return wire.host;
      },
    });
  });
  after(async () => {
    const { process } = app;
    await app.stop();
    assert.doesNotMatch(process.stdout() + process.stderr(), /canary/i);
    await wire.stop();
  });

  const calls = () => wire.requests.filter(({ path }) => path.endsWith(TOKEN)).length;

  /** @returns how often the metadata server was asked */
  async function assertNoToken(fault: Fault): Promise<number> {
    wire.on(TOKEN, fault);
    const before = calls();
    const name = app.createOperation();
    const startedAt = performance.now();
    const answer = await app.post({ name });
    const took = performance.now() - startedAt;
    const asked = calls() - before;
    wire.on(TOKEN, brief);
    const { message } = assertError(answer, 'CREDENTIALS_UNAVAILABLE');
    assert.doesNotMatch(message, /127\.0\.0\.1|metadata|canary/i);
    assert.equal(answer.headers['retry-after'], '5');
    assert.ok(took < SECONDS * 1_000 + 1_000, `${took} ms`);
    assert.ok(
      !getCancelRequests(app.emulator).some(({ path }) => path.includes(name)),
      'nothing leaves',
    );
    const line = await app.process.log(({ operation }) => operation === name);
    assert.deepEqual(
      [line.severity, line.error, Object(line.upstream).attempts],
      ['ERROR', 'CREDENTIALS_UNAVAILABLE', 0],
    );
    assert.doesNotMatch(JSON.stringify(line), /canary/);
    await app.post({ name }).expect(200);
    return asked;
  }

  const say =
    (body: string, status = 200, headers = {}): Fault =>
    ({ socket }) =>
      socket.write(formatResponse(status, body, headers));
  const given = JSON.stringify({ access_token: 'canary', expires_in: 99, token_type: 'Bearer' });
  const tokenless: Readonly<Record<string, Fault>> = {
    'no token': say('{}'),
    'a token that is no text': say('{"access_token": {"canary": 1}, "expires_in": 99}'),
    'a token that would make a second header': say(
      '{"access_token": "canary\\r\\nx: y", "expires_in": 99}',
    ),
    'another server’s answer': say(given, 200, { 'metadata-flavor': 'canary' }),
    '403': say('canary', 403),
    '404': say('canary', 404),
    '500': say('canary', 500),
    '503, and when to ask again': say('canary', 503, { 'retry-after': '999999' }),
  };
  test('a redirect, which nobody follows', async () => {
    const elsewhere = await startFaultServer(app.emulator.url);
    elsewhere.on('', say(given));
    for (const status of [301, 302, 307, 308]) {
      const location = `${elsewhere.url}/computeMetadata/v1/instance/token`;
      await assertNoToken(say('{}', status, { location }));
    }
    await elsewhere.stop();
    assert.equal(elsewhere.connections, 0);
  });

  for (const [what, fault] of Object.entries({
    ...broken,
    ...unusable,
    ...tokenless,
    ...hanging,
  })) {
    // What may pass is tried three times, each time that somebody asks; nothing else is.
    const least = what in broken || /^50\d/.test(what) ? 3 : 1;
    test(what, async () => {
      const asked = await assertNoToken(fault);
      assert.ok(asked >= least, `asked ${asked} times`);
      if (what in tokenless && least === 1) assert.equal(asked, 1);
    });
  }

  test('nothing, for nobody listens; and then again', async () => {
    const name = app.createOperation();
    await wire.stop();
    const startedAt = performance.now();
    assertError(await app.post({ name }), 'CREDENTIALS_UNAVAILABLE');
    const took = performance.now() - startedAt;
    assert.ok(took < 1_500, `at once: ${took} ms`);
    await wire.restart();
    await app.post({ name }).expect(200);
  });

  for (const [what, fault] of Object.entries(harmless)) {
    test(`a token all the same: ${what}`, async () => {
      // Too brief to be kept, good enough to be used.
      app.emulator.metadata.expiresIn = 9;
      wire.on(TOKEN, fault);
      await app.post({ name: app.createOperation() }).expect(200);
    });
  }
});

describe('the metadata server is dead', () => {
  async function withApp(
    dead: boolean,
    run: (app: TestApp, wire: FaultServer) => Promise<void>,
  ): Promise<void> {
    let wire: FaultServer | undefined;
    const app = await startTestApp({
      emulator: { auth: 'issued' },
      metadataProxy: async (cloud) => {
        cloud.metadata.expiresIn = 30;
        wire = await startFaultServer(cloud.url);
        if (dead) await wire.stop();
        return wire.host;
      },
    });
    try {
      await run(app, wire ?? assert.fail());
    } finally {
      await app.stop();
      await wire?.stop();
    }
  }

  test('from the start: 503 at once, and success at the first request after it recovers', () =>
    withApp(true, async (app, wire) => {
      const name = app.createOperation();
      for (let request = 0; request < 3; request++) {
        const startedAt = performance.now();
        assertError(await app.post({ name }), 'CREDENTIALS_UNAVAILABLE');
        const took = performance.now() - startedAt;
        assert.ok(took < 1_000, `at once, not after ${took} ms of upstreamSeconds`);
      }
      await wire.restart();
      await app.post({ name }).expect(200);
    }));

  test('while a token is valid: no failure, no delay; and its recovery is noticed', () =>
    withApp(false, async (app, wire) => {
      const name = app.createOperation();
      await app.post({ name }).expect(200);
      await wire.stop();
      for (let request = 0; request < 40; request++) {
        const startedAt = performance.now();
        await app.post({ name }).expect(200);
        assert.ok(performance.now() - startedAt < 1_000, 'nobody waits for it');
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      await wire.restart();
      const before = app.emulator.tokens.issued;
      for (let tries = 0; app.emulator.tokens.issued === before; tries++) {
        assert.ok(tries < 100, 'it is asked for the next token');
        await app.post({ name }).expect(200);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }));
});
