import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { slashForm } from '../../src/cli/send/senders/slack.ts';
import { assertError } from '../support/error-form.ts';
import { chatCaller } from '../support/presets.ts';
import { SLACK_SECRET, slackHeaders, startResponseUrl } from '../support/slack.ts';
import { connectTo, parseResponse } from '../support/socket.ts';
import { ALLOW_ALL, OPS_TOKEN, startTestApp, type TestApp } from '../support/test-app.ts';

async function withTestApp(upstreamSeconds: number, run: (app: TestApp) => Promise<void>) {
  const app = await startTestApp({
    config: { limits: { upstreamSeconds }, allow: [{ ...ALLOW_ALL[0], sweep: true }] },
  });
  try {
    await run(app);
  } finally {
    app.process.process.kill('SIGKILL');
    await app.stop();
  }
}

/** Waits until upstream has so many cancels under way. */
async function underWay(app: TestApp, count: number): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const { requests } = app.emulator;
    if (requests.filter(({ path }) => path.endsWith(':cancel')).length >= count) return;
    await sleep(10);
  }
  assert.fail('nothing is under way');
}

describe('told to stop, the function', { concurrency: 4 }, () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test(`answers what is in flight, takes nothing new, and exits 0 (${signal})`, () =>
      withTestApp(9, async (app) => {
        app.emulator.script({ path: /:cancel$/ }, Array(50).fill({ delay: 900 }));
        const name = app.createOperation();
        const flights = Promise.all(Array.from({ length: 50 }, () => app.post({ name })));
        await underWay(app, 50);
        const before = Date.now();
        const exit = app.process.stop(signal);
        await sleep(150);
        await assert.rejects(fetch(app.process.url), 'a new connection');
        for (const { status, headers } of await flights) {
          assert.equal(status, 200);
          assert.equal(headers.connection, 'close');
        }
        assert.equal(await exit, 0);
        assert.ok(Date.now() - before < 5_000, 'no longer than it takes');
        assert.equal(app.process.logs().filter(({ outcome }) => outcome).length, 50);
      }));
  }

  test('exits at once where there is nothing to do', () =>
    withTestApp(9, async (app) => {
      const before = Date.now();
      assert.equal(await app.process.stop(), 0);
      assert.ok(Date.now() - before < 4_000);
    }));

  test('does not wait for idle connections that are kept alive', () =>
    withTestApp(9, async (app) => {
      const sockets = await Promise.all(
        Array.from({ length: 5 }, async () => {
          const socket = connectTo(app.process.url);
          socket.write('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
          await once(socket, 'data');
          return socket;
        }),
      );
      const before = Date.now();
      assert.equal(await app.process.stop(), 0);
      assert.ok(Date.now() - before < 4_000);
      for (const socket of sockets) socket.destroy();
    }));

  test('does not wait for connections that have not been used yet', () =>
    withTestApp(9, async (app) => {
      const sockets = Array.from({ length: 5 }, () => connectTo(app.process.url));
      await Promise.all(sockets.map((socket) => once(socket, 'connect')));
      await app.process.http.get('/').expect(200);
      const before = Date.now();
      assert.equal(await app.process.stop(), 0);
      assert.ok(Date.now() - before < 4_000);
      for (const socket of sockets) socket.destroy();
    }));

  test('answers 504 for a hung upstream, whatever upstreamSeconds, and exits 0 within 9 s', () =>
    withTestApp(3_600, async (app) => {
      app.emulator.script({ path: /:cancel$/ }, { hang: 'before' }, { repeat: true });
      const flight = app.post({ name: app.createOperation() }).then((answer) => answer);
      await underWay(app, 1);
      const before = Date.now();
      const exit = app.process.stop();
      assertError(await flight, 'UPSTREAM_DEADLINE_EXCEEDED');
      assert.equal(await exit, 0);
      assert.ok(Date.now() - before < 9_000, `${Date.now() - before} ms`);
    }));

  test('exits 0 within 9 s with a metadata server that hangs, and answers 503', () =>
    withTestApp(3_600, async (app) => {
      app.emulator.tokens.revoke();
      app.emulator.metadata.hang = true;
      const flight = app.post({ name: app.createOperation() }).then((answer) => answer);
      await sleep(300);
      const before = Date.now();
      const exit = app.process.stop();
      const answer = await flight;
      assert.equal(await exit, 0);
      assert.ok(Date.now() - before < 9_000);
      assert.equal(answer.status, 503, answer.text);
    }));

  test('refuses a body that never comes, to be sent again, and exits 0 within 9 s', () =>
    withTestApp(9, async (app) => {
      const socket = connectTo(app.process.url);
      let raw = '';
      socket.on('data', (chunk) => {
        raw += chunk;
      });
      socket.write(
        `POST /ops HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer ${OPS_TOKEN}\r\nContent-Length: 9\r\n\r\n{`,
      );
      await sleep(200);
      const before = Date.now();
      assert.equal(await app.process.stop(), 0);
      assert.ok(Date.now() - before < 9_000);
      const answer = parseResponse(raw);
      assertError(answer, 'OVERLOADED');
      assert.deepEqual([answer.headers['retry-after'], answer.headers.connection], ['1', 'close']);
      const lines = app.process.logs().filter(({ caller }) => caller === 'ops');
      assert.deepEqual(
        lines.map(({ error }) => error),
        ['OVERLOADED'],
      );
      socket.destroy();
    }));

  test('has time left to tell a chat what it learned at the very last', async () => {
    const ear = await startResponseUrl();
    const app = await startTestApp(
      chatCaller(
        { type: 'slack', signingSecret: 'env:SLACK_SIGNING_SECRET' },
        { endpoints: { slack: ear.origin }, limits: { upstreamSeconds: 60 } },
        { SLACK_SIGNING_SECRET: SLACK_SECRET },
      ),
    );
    try {
      const name = app.createOperation();
      app.emulator.script({ path: `/v1/${name}:cancel` }, { hang: 'before' });
      const body = slashForm(`cancel ${name}`, { response_url: ear.url });
      const answer = await app.process.http.post('/chat').set(slackHeaders(body)).send(body);
      assert.match(answer.body.text, /^No answer from Google Cloud yet/);
      const before = Date.now();
      assert.equal(await app.process.stop(), 0);
      assert.ok(Date.now() - before < 9_000);
      assert.match((await ear.next()).text, /^Google Cloud did not respond in time/);
    } finally {
      app.process.process.kill('SIGKILL');
      await app.stop();
      await ear.close();
    }
  });

  test('takes a body that comes slowly, but comes', () =>
    withTestApp(9, async (app) => {
      const socket = connectTo(app.process.url);
      let raw = '';
      socket.on('data', (chunk) => {
        raw += chunk;
      });
      const name = app.createOperation();
      const body = JSON.stringify({ name });
      socket.write(
        `POST /ops HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nAuthorization: Bearer ${OPS_TOKEN}\r\nContent-Length: ${body.length}\r\n\r\n`,
      );
      await sleep(200);
      const exit = app.process.stop();
      for (let at = 0; at < body.length; at += 10) {
        socket.write(body.slice(at, at + 10));
        await sleep(60);
      }
      assert.equal(await exit, 0);
      assert.equal(parseResponse(raw).headers['cancel-outcome'], 'CANCEL_REQUESTED');
    }));

  test('ends a sweep that is under way: what it has cancelled is told, the rest is left', () =>
    withTestApp(9, async (app) => {
      for (let n = 0; n < 30; n++) {
        const name = app.createOperation();
        app.emulator.script({ path: `/v1/${name}:cancel` }, { delay: 500 });
      }
      const parent = 'projects/my-project/locations/us-central1';
      const flight = app.post({ parent, olderThan: '0s' }).then((answer) => answer);
      await underWay(app, 9);
      const before = Date.now();
      const exit = app.process.stop();
      const { status, body } = await flight;
      assert.equal(status, 200);
      assert.ok(
        body.operations.length >= 9 && body.remaining > 0,
        JSON.stringify(body).slice(0, 200),
      );
      assert.equal(body.operations.length + body.remaining, 30);
      assert.equal(await exit, 0);
      assert.ok(Date.now() - before < 2_500);
    }));

  test('ends what somebody has asked who has gone since, with its line', () =>
    withTestApp(9, async (app) => {
      const name = app.createOperation();
      app.emulator.script({ path: /:cancel$/ }, { delay: 700 });
      const body = JSON.stringify({ name });
      const socket = connectTo(app.process.url);
      socket.write(
        `POST /ops HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nAuthorization: Bearer ${OPS_TOKEN}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
      await underWay(app, 1);
      socket.destroy();
      await sleep(50);
      assert.equal(await app.process.stop(), 0);
      const line = app.process.logs().find(({ operation }) => operation === name);
      assert.equal(line?.outcome, 'CANCEL_REQUESTED');
    }));
});
