import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertError } from './support/error-form.ts';
import { type House, OPS_TOKEN, openHouse } from './support/house.ts';
import { dial } from './support/socket.ts';

async function inHouse(upstreamSeconds: number, run: (house: House) => Promise<void>) {
  const house = await openHouse({ config: { limits: { upstreamSeconds } } });
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
        house.cloud.script({ path: /:cancel$/ }, Array(10).fill({ delay: 700 }));
        const name = house.running();
        const flights = Promise.all(Array.from({ length: 10 }, () => house.ask({ name })));
        await underWay(house, 10);
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
        assert.equal(house.hook.logs().filter(({ outcome }) => outcome).length, 10);
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

  test('exits 0 within 9 s although a body never comes', () =>
    inHouse(9, async (house) => {
      const socket = dial(house.hook.url);
      socket.write(
        `POST /ops HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer ${OPS_TOKEN}\r\nContent-Length: 9\r\n\r\n{`,
      );
      await sleep(200);
      const before = Date.now();
      assert.equal(await house.hook.stop(), 0);
      assert.ok(Date.now() - before < 9_000);
      socket.destroy();
    }));
});
