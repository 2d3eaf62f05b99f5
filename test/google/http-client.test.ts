import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cancels, type House, OPERATIONS, openHouse } from '../support/test-app.ts';

async function inHouse(run: (house: House) => Promise<void>): Promise<void> {
  const house = await openHouse({ config: { limits: { upstreamSeconds: 5 } } });
  try {
    await run(house);
  } finally {
    await house.stop();
  }
}

/** So many cancels at one time. */
const many = (house: House, count: number, name: string) =>
  Promise.all(Array.from({ length: count }, () => house.ask({ name })));

test('connections to upstream are kept and used again', () =>
  inHouse(async (house) => {
    const name = house.running();
    for (let i = 0; i < 10; i++) await house.ask({ name }).expect(200);
    assert.equal(new Set(cancels(house.cloud).map(({ connection }) => connection)).size, 1);
  }));

test('a kept connection that upstream has closed meanwhile costs no failure', () =>
  inHouse(async (house) => {
    const name = house.running();
    await house.ask({ name }).expect(200);
    for (let i = 0; i < 5; i++) {
      house.cloud.sockets.resetOnReuse = 1;
      await house.ask({ name }).expect(200);
      assert.equal(house.cloud.sockets.resetOnReuse, 0, 'a kept connection was tried');
    }
    await many(house, 8, name);
    house.cloud.sockets.dropIdle();
    for (const { status } of await many(house, 8, name)) assert.equal(status, 200);
  }));

test('where one connection has gone stale, its neighbours are dropped', () =>
  inHouse(async (house) => {
    const name = house.running();
    house.cloud.script({ path: /cancel$/ }, Array(8).fill({ delay: 100 }));
    await many(house, 8, name);
    house.cloud.sockets.resetOnReuse = 2;
    await house.ask({ name }).expect(200);
    assert.equal(house.cloud.sockets.resetOnReuse, 1, 'its neighbours are not tried');
  }));

test('a whole pool of stale connections costs no failure either', () =>
  inHouse(async (house) => {
    const name = house.running();
    house.cloud.script({ path: /cancel$/ }, Array(8).fill({ delay: 100 }));
    await many(house, 8, name);
    house.cloud.sockets.resetOnReuse = 8;
    await house.ask({ name }).expect(200);
  }));

test('of many failing calls a tenth is retried at most, beyond ten to start from', () =>
  inHouse(async (house) => {
    const CALLS = 200;
    house.cloud.script({ path: /cancel$/ }, { status: 503 }, { repeat: true });
    const name = `${OPERATIONS}/failing`;
    for (let i = 0; i < CALLS / 20; i++) {
      for (const { status } of await many(house, 20, name)) assert.equal(status, 503);
    }
    const retries = cancels(house.cloud).length - CALLS;
    assert.ok(retries >= 10, `${retries} retries: the allowance was used`);
    assert.ok(retries <= 10 + CALLS / 10, `${retries} retries of ${CALLS} calls`);
  }));

test('401 brings one fresh token, and is none of the retries', () =>
  inHouse(async (house) => {
    const name = house.running();
    await house.ask({ name }).expect(200);
    house.cloud.tokens.revoke();
    await house.ask({ name }).expect(200);
    assert.equal(house.cloud.tokens.issued, 2);
    const used = cancels(house.cloud).map(({ headers }) => headers.authorization);
    assert.equal(new Set(used).size, 2);

    house.cloud.clearRequests();
    house.cloud.script({ path: /cancel$/ }, { status: 401 }, { repeat: true });
    const answer = await house.ask({ name }).expect(503);
    assert.equal(answer.body.error.details[0].reason, 'CREDENTIALS_UNAVAILABLE');
    assert.equal(cancels(house.cloud).length, 2, 'one try with a fresh token, and no more');
    const line = await house.hook.log(({ error }) => error === 'CREDENTIALS_UNAVAILABLE');
    assert.equal(line.severity, 'ERROR');
  }));

test('50 calls whose token upstream refuses fetch one fresh one together', () =>
  inHouse(async (house) => {
    const name = house.running();
    await house.ask({ name }).expect(200);
    house.cloud.tokens.revoke();
    for (const { status } of await many(house, 50, name)) assert.equal(status, 200);
    assert.equal(house.cloud.tokens.issued, 2);
  }));

test('a call is tried three times in all, 401 or not', () =>
  inHouse(async (house) => {
    const name = house.running();
    house.cloud.script({ path: /cancel$/ }, [{ status: 401 }, ...Array(5).fill({ status: 503 })]);
    await house.ask({ name }).expect(503);
    assert.equal(cancels(house.cloud).length, 3);
  }));
