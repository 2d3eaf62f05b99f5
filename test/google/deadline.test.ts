import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../src/clock.ts';
import { StatusError } from '../../src/errors.ts';
import { createTokenSource, type Token } from '../../src/google/access-token.ts';
import { createApiClient } from '../../src/google/api-client.ts';
import { createHttpClient } from '../../src/google/http-client.ts';
import { startEmulator } from '../emulator/index.ts';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test('a call whose time is over is not sent, and so not made and then called failed', async () => {
  await using cloud = await startEmulator();
  const clock = systemClock;
  const tokens = { get: async () => 'token', prefetch() {}, invalidate() {}, abort() {} };
  const { request } = createHttpClient();
  const api = createApiClient({
    origin: new URL(cloud.url),
    request,
    tokens,
    clock,
    userAgent: 'test',
  });
  for (let i = 0; i < 20; i++) {
    const call = { deadline: clock.now() - 1, reason: '', stats: {} };
    await assert.rejects(
      api({ method: 'POST', path: '/v1/projects/p/locations/l/operations/o:cancel' }, call),
      (error) => error instanceof StatusError && error.reason === 'UPSTREAM_DEADLINE_EXCEEDED',
    );
  }
  await pause(50);
  assert.equal(cloud.requests.length, 0);
});

test('a connection that times out takes no other one with it', async () => {
  await using cloud = await startEmulator();
  const { request } = createHttpClient();
  const origin = new URL(cloud.url);
  const get = (timeout: number) =>
    request({ method: 'GET', origin, path: '/oauth2/v3/certs', headers: {}, timeout });
  cloud.script({ path: '/oauth2/v3/certs' }, Array(9).fill({ delay: 50, json: {} }));
  await Promise.all(Array.from({ length: 9 }, () => get(1_000)));
  cloud.script({ path: '/oauth2/v3/certs' }, { hang: 'before' });
  await assert.rejects(get(50));
  await pause(20);
  const opened = cloud.sockets.opened;
  cloud.script({ path: '/oauth2/v3/certs' }, Array(8).fill({ delay: 50, json: {} }));
  await Promise.all(Array.from({ length: 8 }, () => get(1_000)));
  assert.equal(cloud.sockets.opened, opened);
});

test('a token that comes late is a token', async () => {
  let asked = 0;
  const slow = async (): Promise<Token> => {
    asked += 1;
    await pause(2_700);
    return { value: 'late', expiresAt: Date.now() + 3_600_000 };
  };
  const tokens = createTokenSource(slow, systemClock);
  const started = Date.now();
  const all = Array.from({ length: 50 }, () => tokens.get(Date.now() + 9_000));
  assert.deepEqual(new Set(await Promise.all(all)), new Set(['late']));
  assert.ok(Date.now() - started < 4_000, 'the first answer was waited for');
  assert.ok(asked <= 2, `${asked} questions`);
});
