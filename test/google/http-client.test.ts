import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getCancelRequests, OPERATIONS, startTestApp, type TestApp } from '../support/test-app.ts';

async function withApp(run: (app: TestApp) => Promise<void>): Promise<void> {
  const app = await startTestApp({ config: { limits: { upstreamSeconds: 5 } } });
  try {
    await run(app);
  } finally {
    await app.stop();
  }
}

/** So many cancels at one time. */
const many = (app: TestApp, count: number, name: string) =>
  Promise.all(Array.from({ length: count }, () => app.post({ name })));

test('connections to upstream are kept and used again', () =>
  withApp(async (app) => {
    const name = app.createOperation();
    for (let i = 0; i < 10; i++) await app.post({ name }).expect(200);
    assert.equal(
      new Set(getCancelRequests(app.emulator).map(({ connection }) => connection)).size,
      1,
    );
  }));

test('a kept connection that upstream has closed meanwhile costs no failure', () =>
  withApp(async (app) => {
    const name = app.createOperation();
    await app.post({ name }).expect(200);
    for (let i = 0; i < 5; i++) {
      app.emulator.sockets.resetOnReuse = 1;
      await app.post({ name }).expect(200);
      assert.equal(app.emulator.sockets.resetOnReuse, 0, 'a kept connection was tried');
    }
    await many(app, 8, name);
    app.emulator.sockets.dropIdle();
    for (const { status } of await many(app, 8, name)) assert.equal(status, 200);
  }));

test('where one connection has gone stale, its neighbours are dropped', () =>
  withApp(async (app) => {
    const name = app.createOperation();
    app.emulator.script({ path: /cancel$/ }, Array(8).fill({ delay: 100 }));
    await many(app, 8, name);
    app.emulator.sockets.resetOnReuse = 2;
    await app.post({ name }).expect(200);
    assert.equal(app.emulator.sockets.resetOnReuse, 1, 'its neighbours are not tried');
  }));

test('a whole pool of stale connections costs no failure either', () =>
  withApp(async (app) => {
    const name = app.createOperation();
    app.emulator.script({ path: /cancel$/ }, Array(8).fill({ delay: 100 }));
    await many(app, 8, name);
    app.emulator.sockets.resetOnReuse = 8;
    await app.post({ name }).expect(200);
  }));

test('of many failing calls a tenth is retried at most, beyond ten to start from', () =>
  withApp(async (app) => {
    const CALLS = 200;
    app.emulator.script({ path: /cancel$/ }, { status: 503 }, { repeat: true });
    const name = `${OPERATIONS}/failing`;
    for (let i = 0; i < CALLS / 20; i++) {
      for (const { status } of await many(app, 20, name)) assert.equal(status, 503);
    }
    const retries = getCancelRequests(app.emulator).length - CALLS;
    assert.ok(retries >= 10, `${retries} retries: the allowance was used`);
    assert.ok(retries <= 10 + CALLS / 10, `${retries} retries of ${CALLS} calls`);
  }));

test('401 brings one fresh token, and is none of the retries', () =>
  withApp(async (app) => {
    const name = app.createOperation();
    await app.post({ name }).expect(200);
    app.emulator.tokens.revoke();
    await app.post({ name }).expect(200);
    assert.equal(app.emulator.tokens.issued, 2);
    const used = getCancelRequests(app.emulator).map(({ headers }) => headers.authorization);
    assert.equal(new Set(used).size, 2);

    app.emulator.clearRequests();
    app.emulator.script({ path: /cancel$/ }, { status: 401 }, { repeat: true });
    const answer = await app.post({ name }).expect(503);
    assert.equal(answer.body.error.details[0].reason, 'CREDENTIALS_UNAVAILABLE');
    assert.equal(
      getCancelRequests(app.emulator).length,
      2,
      'one try with a fresh token, and no more',
    );
    const line = await app.process.log(({ error }) => error === 'CREDENTIALS_UNAVAILABLE');
    assert.equal(line.severity, 'ERROR');
  }));

test('50 calls whose token upstream refuses fetch one fresh one together', () =>
  withApp(async (app) => {
    const name = app.createOperation();
    await app.post({ name }).expect(200);
    app.emulator.tokens.revoke();
    for (const { status } of await many(app, 50, name)) assert.equal(status, 200);
    assert.equal(app.emulator.tokens.issued, 2);
  }));

test('a call is tried three times in all, 401 or not', () =>
  withApp(async (app) => {
    const name = app.createOperation();
    app.emulator.script({ path: /cancel$/ }, [{ status: 401 }, ...Array(5).fill({ status: 503 })]);
    await app.post({ name }).expect(503);
    assert.equal(getCancelRequests(app.emulator).length, 3);
  }));
