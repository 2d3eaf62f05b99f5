/** More than one instance can do: some are answered well, the others refused soon, and then all is as before. */

import assert from 'node:assert/strict';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RunningFunction, startFunction } from '../support/function.ts';
import { flood, type Heard, percentile, plainUpstream } from '../support/load-generator.ts';
import { secondsOf } from '../support/memory.ts';
import { configFor, OPERATIONS, OPS_TOKEN } from '../support/test-app.ts';

const EMAIL = 'sweeper@my-project.iam.gserviceaccount.com';
const SECONDS = 3;

let hook: RunningFunction;
let upstream: Awaited<ReturnType<typeof plainUpstream>>;
before(async () => {
  upstream = await plainUpstream();
  const google = { audience: 'https://hook.example', emails: [EMAIL] };
  const callers = {
    ops: { type: 'json', auth: { bearer: 'env:OPS_TOKEN' } },
    google: { type: 'json', auth: { google } },
  };
  hook = await startFunction({
    config: configFor(upstream.url, { callers }),
    env: { OPS_TOKEN, GCE_METADATA_HOST: new URL(upstream.url).host },
  });
});
after(async () => {
  await hook.stop();
  upstream.close();
});

const BODY = JSON.stringify({ name: `${OPERATIONS}/operation-1` });

function request(route: string, token: string): string {
  const headers = `Authorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: ${BODY.length}`;
  return `POST /${route} HTTP/1.1\r\nHost: hook\r\n${headers}\r\n\r\n${BODY}`;
}

const good = request('ops', OPS_TOKEN);
const timesOf = (heard: readonly Heard[], of: number) =>
  heard.filter(({ status }) => status === of).map(({ milliseconds }) => milliseconds);

/** Cancels per second, of 48 who each ask again once they are answered. */
async function capacity(): Promise<number> {
  const { heard } = await flood(hook.url, good, {
    perSecond: 20_000,
    seconds: 2,
    connections: 48,
    patience: 0,
  });
  await sleep(300);
  return heard.length / 2;
}

async function assertServesAll(): Promise<void> {
  const { heard, unheard } = await flood(hook.url, good, { perSecond: 50, seconds: 1 });
  assert.equal(unheard, 0);
  for (const { status, milliseconds } of heard) {
    assert.equal(status, 200);
    assert.ok(milliseconds < 1_000, `${milliseconds} ms`);
  }
}

test('at three times what it can do, it does most of that, in time, and refuses the others soon', async (t) => {
  await capacity();
  const before = await capacity();
  await sleep(300);
  const seen = upstream.count();
  const pid = hook.process.pid ?? 0;
  const [spent, started] = [secondsOf(pid), performance.now()];
  const ownDelay = monitorEventLoopDelay();
  ownDelay.enable();
  const { heard, unheard } = await flood(hook.url, good, {
    perSecond: 3 * before,
    seconds: SECONDS,
  });
  const share = ((secondsOf(pid) - spent) * 1000) / (performance.now() - started);
  ownDelay.disable();
  const late = ownDelay.percentile(99) / 1e6;
  const done = upstream.count() - seen;
  await assertServesAll();
  const able = Math.min(before, await capacity());

  const answered = timesOf(heard, 200);
  const refused = heard.filter(({ status }) => status !== 200);
  const figures = {
    capacity: Math.round(able),
    answered: Math.round(answered.length / SECONDS),
    refused: Math.round(refused.length / SECONDS),
    p99: Math.round(percentile(answered, 0.99)),
    // On a fast machine the flood itself may not come in fast enough for anybody to be refused.
    refusedP99: refused.length === 0 ? 0 : Math.round(percentile(timesOf(heard, 429), 0.99)),
  };
  const told = JSON.stringify(figures);
  t.diagnostic(told);
  assert.equal(unheard, 0, 'everybody is answered');
  for (const { status, retryAfter } of refused) {
    assert.equal(status, 429);
    assert.ok(retryAfter);
  }
  assert.equal(done, answered.length, 'what was refused went nowhere');
  // On a machine that has something else to do, nothing can be said about anybody's times.
  const had = `it had ${share.toFixed(2)} of a core, and who asked was ${late.toFixed()} ms late`;
  t.diagnostic(had);
  if (share < 0.8 || late > 250) return t.diagnostic('that is too little to judge');
  assert.ok(figures.p99 < 2_500 && figures.refusedP99 < 2_500, told);
  assert.ok(figures.answered > able / 2, told);
});

test('950 who wait for a slow upstream keep nobody else waiting, and are all served', async () => {
  const slow = await plainUpstream({ delay: 4_000 });
  const { host } = new URL(slow.url);
  const env = { OPS_TOKEN, GCE_METADATA_HOST: host };
  const own = await startFunction({ config: configFor(slow.url), env });
  try {
    const waiting = flood(own.url, good, { perSecond: 475, seconds: 2, connections: 950 });
    while (slow.count() < 950) await sleep(20);
    for (const [path, status] of [
      ['/', 200],
      ['/ops', 401],
    ] as const) {
      const started = performance.now();
      const method = path === '/' ? 'GET' : 'POST';
      assert.equal((await fetch(`${own.url}${path}`, { method })).status, status);
      assert.ok(performance.now() - started < 1_000, path);
    }
    const { heard, unheard } = await waiting;
    assert.deepEqual([timesOf(heard, 200).length, unheard], [950, 0]);
  } finally {
    await own.stop();
    slow.close();
  }
});

describe('a flood of strangers', () => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { aud: 'https://hook.example', email: EMAIL, email_verified: true };
  const forged = (kid: string) => {
    const iat = Math.floor(Date.now() / 1000);
    const iss = 'https://accounts.google.com';
    const payload = part({ ...claims, iss, iat, exp: iat + 3600 });
    return `${part({ alg: 'RS256', kid, typ: 'JWT' })}.${payload}.${'A'.repeat(342)}`;
  };
  let kid = 0;
  const rows: [string, string | (() => string), number, string][] = [
    ['with a wrong token', request('ops', 'nobody'), 401, 'UNAUTHENTICATED'],
    [
      'with forged ID tokens, each with a key of its own',
      () => request('google', forged(`key-${++kid}`)),
      401,
      'UNAUTHENTICATED',
    ],
    ['who know no route', request('canary', 'x'), 404, 'UNKNOWN_ROUTE'],
  ];
  for (const [who, bytes, status, reason] of rows) {
    test(`${who} costs no call of anybody, and leaves a line each`, async () => {
      const linesOf = () => hook.logs().filter(({ error }) => error === reason).length;
      const lines = linesOf();
      upstream.forget();
      const { heard, unheard } = await flood(hook.url, bytes, { perSecond: 600, seconds: 2 });
      assert.equal(unheard, 0);
      for (const one of heard) assert.equal(one.status, status);
      const certs = upstream.paths().filter((path) => path.startsWith('/oauth2/')).length;
      assert.deepEqual([upstream.paths().length - certs, certs <= 1], [0, true]);
      await assertServesAll();
      assert.equal(linesOf() - lines, heard.length);
    });
  }
});
