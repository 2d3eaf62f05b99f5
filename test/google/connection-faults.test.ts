/** What goes wrong between the hook and the API with connections, redirects and advice to wait. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createTls } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { TLS } from '../fixtures/tls.ts';
import { assertError } from '../support/error-form.ts';
import {
  type Fault,
  type FaultServer,
  formatResponse,
  type ReceivedRequest,
  startFaultServer,
} from '../support/fault-server.ts';
import { startTestApp, type TestApp } from '../support/test-app.ts';

const SECONDS = 3;

let app: TestApp;
let wire: FaultServer;
before(async () => {
  app = await startTestApp({
    config: { limits: { upstreamSeconds: SECONDS } },
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

const cancelsOf = (name: string) =>
  wire.requests.filter(({ path }) => path === `/v1/${name}:cancel`);

async function assertLine(name: string, expected: Record<string, unknown>): Promise<void> {
  const { severity, error, cause, outcome, upstream } = await app.process.log(
    ({ operation }) => operation === name,
  );
  const { attempts, status } = Object(upstream);
  const line: Record<string, unknown> = { severity, error, cause, outcome, attempts, status };
  for (const [key, value] of Object.entries(expected)) assert.equal(line[key], value, key);
}

async function refill(): Promise<void> {
  const name = app.createOperation();
  for (let batch = 0; batch < 5; batch++) {
    await Promise.all(Array.from({ length: 8 }, () => app.post({ name }).expect(200)));
  }
}

describe('a connection', () => {
  async function assertUnavailable(name: string, cause: string): Promise<void> {
    assertError(await app.post({ name }), 'UPSTREAM_UNAVAILABLE');
    await assertLine(name, {
      severity: 'ERROR',
      error: 'UPSTREAM_UNAVAILABLE',
      attempts: 3,
      cause,
    });
  }

  test('that is refused: 3 attempts, UPSTREAM_UNAVAILABLE; and the next one serves', async () => {
    await refill();
    await wire.stop();
    await assertUnavailable(app.createOperation(), 'ECONNREFUSED');
    await wire.restart();
    await app.post({ name: app.createOperation() }).expect(200);
  });

  for (const [what, greet, cause] of [
    ['that is reset before anything is read', (s: Socket) => s.resetAndDestroy(), 'ECONNRESET'],
    ['that is closed before anything is read', (s: Socket) => s.end().resume(), 'ECONNRESET'],
    ['on which somebody else speaks', (s: Socket) => s.write('SSH-2.0-canary\r\n'), undefined],
  ] as const) {
    test(`${what}: 3 attempts, UPSTREAM_UNAVAILABLE; and the next one serves`, async () => {
      await refill();
      await wire.stop();
      await wire.restart();
      const seen = wire.connections;
      const stop = wire.onConnection(greet);
      const name = app.createOperation();
      assertError(await app.post({ name }), 'UPSTREAM_UNAVAILABLE');
      stop();
      assert.ok(wire.connections - seen >= 3, `${wire.connections - seen} connections`);
      assert.equal(cancelsOf(name).length, 0);
      await assertLine(name, { severity: 'ERROR', attempts: 3, ...(cause ? { cause } : {}) });
      await app.post({ name: app.createOperation() }).expect(200);
    });
  }

  test('that nobody takes up: UPSTREAM_DEADLINE_EXCEEDED, once; and the next one serves', async () => {
    await wire.stop();
    await wire.restart();
    // Accepted by the system, and by nobody else: so a full backlog, too, looks from here.
    const stop = wire.onConnection(() => {});
    const name = app.createOperation();
    assertError(await app.post({ name }), 'UPSTREAM_DEADLINE_EXCEEDED');
    stop();
    await assertLine(name, { severity: 'ERROR', attempts: 1, status: undefined });
    await app.post({ name: app.createOperation() }).expect(200);
  });
});

describe('a connection that was kept', () => {
  /** After a good answer over a new connection, which is then idle, this happens to it. */
  async function keptThen(act: (arrival: ReceivedRequest) => unknown): Promise<void> {
    await wire.stop();
    await wire.restart();
    const first = app.createOperation();
    await app.post({ name: first }).expect(200);
    const [arrival] = cancelsOf(first);
    act(arrival ?? assert.fail());
    await sleep(50);
  }

  async function assertServed(attempts: number): Promise<void> {
    const name = app.createOperation();
    const answer = await app.post({ name }).expect(200);
    assert.deepEqual(answer.body, {});
    assert.equal(cancelsOf(name).length, attempts);
    await assertLine(name, { severity: 'INFO', outcome: 'CANCEL_REQUESTED' });
  }

  test('and is closed while idle costs nothing', async () => {
    await keptThen(({ socket }) => socket.end());
    await assertServed(1);
  });

  test('and is reset while idle costs nothing', async () => {
    await keptThen(({ socket }) => socket.resetAndDestroy());
    await assertServed(1);
  });

  for (const how of ['end', 'resetAndDestroy'] as const) {
    test(`and is closed exactly by the next request (${how}) costs one more attempt`, async () => {
      await keptThen(() => {});
      const name = app.createOperation();
      let stop = () => {};
      stop = wire.on(`${name}:cancel`, ({ socket }) => {
        stop();
        socket[how]();
      });
      await app.post({ name }).expect(200);
      assert.equal(cancelsOf(name).length, 2);
      await assertLine(name, { outcome: 'CANCEL_REQUESTED', attempts: 2, status: 200 });
    });
  }

  test('never gives the next request an answer that came before it was asked', async () => {
    for (let round = 0; round < 5; round++) {
      await keptThen(({ socket }) => socket.write(formatResponse(200, '{"stray":"canary"}')));
      await assertServed(1);
    }
  });

  test('never gives the next request the second of two answers to one', async () => {
    for (let round = 0; round < 5; round++) {
      const name = app.createOperation();
      wire.on(`${name}:cancel`, ({ socket }) =>
        socket.write(formatResponse(200, '{}') + formatResponse(200, '{"stray":"canary"}')),
      );
      await app.post({ name });
      await assertServed(1);
    }
  });
});

describe('a redirect', () => {
  for (const status of [301, 302, 303, 307, 308]) {
    test(`${status} is not followed, to nobody, and carries no token there`, async () => {
      await using elsewhere = await listener();
      for (const location of [`${elsewhere.url}/v1/x`, '/v1/elsewhere', `//${elsewhere.host}/`]) {
        const name = app.createOperation();
        const seen = wire.requests.length;
        wire.on(`${name}:cancel`, ({ socket }) =>
          // Even one that speaks like an error of the API is none.
          socket.write(formatResponse(status, '{"error":{"code":400}}', { location })),
        );
        const answer = await app.post({ name });
        assertError(answer, 'UPSTREAM_UNAVAILABLE');
        assert.equal(answer.headers.location, undefined);
        assert.equal(wire.requests.length - seen, 1);
        await assertLine(name, { error: 'UPSTREAM_UNAVAILABLE', attempts: 1, status });
      }
      assert.equal(elsewhere.connections, 0);
    });
  }
});

describe('a Retry-After', { concurrency: 2 }, () => {
  before(refill);
  const rows: [string, number, string?][] = [
    ['-1', 3, '5'],
    ['1.5', 3, '5'],
    ['1e1', 3, '5'],
    ['soon', 3, '5'],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 3, 'Thu, 01 Jan 1970 00:00:00 GMT'],
    ['Fri, 31 Dec 9999 23:59:59 GMT', 1, 'Fri, 31 Dec 9999 23:59:59 GMT'],
    ['Mon, 99 Foo 2026 00:00:00 GMT', 3, '5'],
    ['999999999', 1, '999999999'],
    ['99999999999999999999', 3, '5'],
    ['0', 3, '0'],
  ];
  for (const [value, attempts, told] of rows) {
    test(`of ${JSON.stringify(value)}: ${attempts} attempts, and ${told} is handed on`, async () => {
      await refill();
      const name = app.createOperation();
      const fault: Fault = ({ socket }) =>
        socket.write(formatResponse(503, '{"error":{"code":503}}', { 'retry-after': value }));
      wire.on(`${name}:cancel`, fault);
      const startedAt = performance.now();
      const answer = await app.post({ name });
      assertError(answer, 'UPSTREAM_UNAVAILABLE');
      assert.ok(performance.now() - startedAt < SECONDS * 1_000, 'it is not waited for');
      assert.equal(answer.headers['retry-after'], told);
      assert.equal(cancelsOf(name).length, attempts);
      await assertLine(name, { severity: 'ERROR', attempts, status: 503 });
    });
  }
});

test('a name that DNS does not know, and a certificate that nobody vouches for', async () => {
  let asked = 0;
  const untrusted = createTls(TLS, (_, response) => {
    asked += 1;
    response.end('{}');
  });
  await once(untrusted.listen(0, '127.0.0.1'), 'listening');
  const { port } = untrusted.address() as AddressInfo;
  for (const [privateca, cause] of [
    ['https://nothing.invalid', /^(ENOTFOUND|EAI_AGAIN)$/],
    [`https://127.0.0.1:${port}`, /^(DEPTH_ZERO_SELF_SIGNED_CERT|ERR_TLS_CERT_ALTNAME_INVALID)$/],
    [wire.url.replace('http:', 'https:'), /^(EPROTO|ECONNRESET|ERR_SSL_\w+)$/],
  ] as const) {
    const other = await startTestApp({
      config: { limits: { upstreamSeconds: SECONDS } },
      apiProxy: async () => privateca,
    });
    try {
      const name = other.createOperation();
      const answer = await other.post({ name });
      assert.ok([503, 504].includes(answer.status), answer.text);
      const line = await other.process.log(({ operation }) => operation === name);
      assert.equal(line.severity, 'ERROR');
      if (answer.status === 503) assert.match(String(line.cause), cause);
      assert.equal(Object(line.upstream).status, undefined);
    } finally {
      await other.stop();
    }
  }
  assert.equal(asked, 0, 'no request, and so no token, went there');
  untrusted.close();
});

/** Somebody else, who is not to be called. */
async function listener() {
  const server = await startFaultServer('http://127.0.0.1:1');
  return Object.assign(server, { [Symbol.asyncDispose]: () => server.stop() });
}
