import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { slashForm } from '../../src/cli/send/senders/slack.ts';
import { openChatHouse } from '../support/chat-app.ts';
import { assertError } from '../support/error-form.ts';
import { SLACK_SECRET, slackHeaders, startResponseUrl } from '../support/slack.ts';
import { dial, parseAnswer } from '../support/socket.ts';
import { ANYTHING, type House, OPS_TOKEN, openHouse } from '../support/test-app.ts';

async function inHouse(upstreamSeconds: number, run: (house: House) => Promise<void>) {
  const house = await openHouse({
    config: { limits: { upstreamSeconds }, allow: [{ ...ANYTHING[0], sweep: true }] },
  });
  try {
    await run(house);
  } finally {
    house.hook.process.kill('SIGKILL');
    await house.stop();
  }
}

/** Waits until upstream has so many cancels under way. */
async function underWay(house: House, count: number): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const { requests } = house.cloud;
    if (requests.filter(({ path }) => path.endsWith(':cancel')).length >= count) return;
    await sleep(10);
  }
  assert.fail('nothing is under way');
}

describe('told to stop, the function', { concurrency: 4 }, () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test(`answers what is in flight, takes nothing new, and exits 0 (${signal})`, () =>
      inHouse(9, async (house) => {
        house.cloud.script({ path: /:cancel$/ }, Array(50).fill({ delay: 900 }));
        const name = house.running();
        const flights = Promise.all(Array.from({ length: 50 }, () => house.ask({ name })));
        await underWay(house, 50);
        const before = Date.now();
        const exit = house.hook.stop(signal);
        await sleep(150);
        await assert.rejects(fetch(house.hook.url), 'a new connection');
        for (const { status, headers } of await flights) {
          assert.equal(status, 200);
          assert.equal(headers.connection, 'close');
        }
        assert.equal(await exit, 0);
        assert.ok(Date.now() - before < 5_000, 'no longer than it takes');
        assert.equal(house.hook.logs().filter(({ outcome }) => outcome).length, 50);
      }));
  }

  test('exits at once where there is nothing to do', () =>
    inHouse(9, async (house) => {
      const before = Date.now();
      assert.equal(await house.hook.stop(), 0);
      assert.ok(Date.now() - before < 4_000);
    }));

  test('does not wait for idle connections that are kept alive', () =>
    inHouse(9, async (house) => {
      const sockets = await Promise.all(
        Array.from({ length: 5 }, async () => {
          const socket = dial(house.hook.url);
          socket.write('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
          await once(socket, 'data');
          return socket;
        }),
      );
      const before = Date.now();
      assert.equal(await house.hook.stop(), 0);
      assert.ok(Date.now() - before < 4_000);
      for (const socket of sockets) socket.destroy();
    }));

  test('does not wait for connections that have not been used yet', () =>
    inHouse(9, async (house) => {
      const sockets = Array.from({ length: 5 }, () => dial(house.hook.url));
      await Promise.all(sockets.map((socket) => once(socket, 'connect')));
      await house.hook.http.get('/').expect(200);
      const before = Date.now();
      assert.equal(await house.hook.stop(), 0);
      assert.ok(Date.now() - before < 4_000);
      for (const socket of sockets) socket.destroy();
    }));

  test('answers 504 for a hung upstream, whatever upstreamSeconds, and exits 0 within 9 s', () =>
    inHouse(3_600, async (house) => {
      house.cloud.script({ path: /:cancel$/ }, { hang: 'before' }, { repeat: true });
      const flight = house.ask({ name: house.running() }).then((answer) => answer);
      await underWay(house, 1);
      const before = Date.now();
      const exit = house.hook.stop();
      assertError(await flight, 'UPSTREAM_DEADLINE_EXCEEDED');
      assert.equal(await exit, 0);
      assert.ok(Date.now() - before < 9_000, `${Date.now() - before} ms`);
    }));

  test('exits 0 within 9 s with a metadata server that hangs, and answers 503', () =>
    inHouse(3_600, async (house) => {
      house.cloud.tokens.revoke();
      house.cloud.metadata.hang = true;
      const flight = house.ask({ name: house.running() }).then((answer) => answer);
      await sleep(300);
      const before = Date.now();
      const exit = house.hook.stop();
      const answer = await flight;
      assert.equal(await exit, 0);
      assert.ok(Date.now() - before < 9_000);
      assert.equal(answer.status, 503, answer.text);
    }));

  test('refuses a body that never comes, to be sent again, and exits 0 within 9 s', () =>
    inHouse(9, async (house) => {
      const socket = dial(house.hook.url);
      let raw = '';
      socket.on('data', (chunk) => {
        raw += chunk;
      });
      socket.write(
        `POST /ops HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer ${OPS_TOKEN}\r\nContent-Length: 9\r\n\r\n{`,
      );
      await sleep(200);
      const before = Date.now();
      assert.equal(await house.hook.stop(), 0);
      assert.ok(Date.now() - before < 9_000);
      const answer = parseAnswer(raw);
      assertError(answer, 'OVERLOADED');
      assert.deepEqual([answer.headers['retry-after'], answer.headers.connection], ['1', 'close']);
      const lines = house.hook.logs().filter(({ caller }) => caller === 'ops');
      assert.deepEqual(
        lines.map(({ error }) => error),
        ['OVERLOADED'],
      );
      socket.destroy();
    }));

  test('has time left to tell a chat what it learned at the very last', async () => {
    const ear = await startResponseUrl();
    const house = await openChatHouse(
      { type: 'slack', signingSecret: 'env:SLACK_SIGNING_SECRET' },
      {
        env: { SLACK_SIGNING_SECRET: SLACK_SECRET },
        endpoints: { slack: ear.origin },
        limits: { upstreamSeconds: 60 },
      },
    );
    try {
      const name = house.operation();
      house.cloud.script({ path: `/v1/${name}:cancel` }, { hang: 'before' });
      const body = slashForm(`cancel ${name}`, { response_url: ear.url });
      const answer = await house.hook.http.post('/chat').set(slackHeaders(body)).send(body);
      assert.match(answer.body.text, /^No answer from Google Cloud yet/);
      const before = Date.now();
      assert.equal(await house.hook.stop(), 0);
      assert.ok(Date.now() - before < 9_000);
      assert.match((await ear.next()).text, /^Upstream did not answer in time/);
    } finally {
      house.hook.process.kill('SIGKILL');
      await house.stop();
      await ear.close();
    }
  });

  test('takes a body that comes slowly, but comes', () =>
    inHouse(9, async (house) => {
      const socket = dial(house.hook.url);
      let raw = '';
      socket.on('data', (chunk) => {
        raw += chunk;
      });
      const name = house.running();
      const body = JSON.stringify({ name });
      socket.write(
        `POST /ops HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nAuthorization: Bearer ${OPS_TOKEN}\r\nContent-Length: ${body.length}\r\n\r\n`,
      );
      await sleep(200);
      const exit = house.hook.stop();
      for (let at = 0; at < body.length; at += 10) {
        socket.write(body.slice(at, at + 10));
        await sleep(60);
      }
      assert.equal(await exit, 0);
      assert.equal(parseAnswer(raw).headers['cancel-outcome'], 'CANCEL_REQUESTED');
    }));

  test('ends a sweep that is under way: what it has cancelled is told, the rest is left', () =>
    inHouse(9, async (house) => {
      for (let n = 0; n < 30; n++) {
        const name = house.running();
        house.cloud.script({ path: `/v1/${name}:cancel` }, { delay: 500 });
      }
      const parent = 'projects/my-project/locations/us-central1';
      const flight = house.ask({ parent, olderThan: '0s' }).then((answer) => answer);
      await underWay(house, 9);
      const before = Date.now();
      const exit = house.hook.stop();
      const { status, body } = await flight;
      assert.equal(status, 200);
      assert.ok(body.operations.length >= 9 && body.left > 0, JSON.stringify(body).slice(0, 200));
      assert.equal(body.operations.length + body.left, 30);
      assert.equal(await exit, 0);
      assert.ok(Date.now() - before < 2_500);
    }));

  test('ends what somebody has asked who has gone since, with its line', () =>
    inHouse(9, async (house) => {
      const name = house.running();
      house.cloud.script({ path: /:cancel$/ }, { delay: 700 });
      const body = JSON.stringify({ name });
      const socket = dial(house.hook.url);
      socket.write(
        `POST /ops HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nAuthorization: Bearer ${OPS_TOKEN}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
      await underWay(house, 1);
      socket.destroy();
      await sleep(50);
      assert.equal(await house.hook.stop(), 0);
      const line = house.hook.logs().find(({ operation }) => operation === name);
      assert.equal(line?.outcome, 'CANCEL_REQUESTED');
    }));
});
