/** The request handler alone, behind a real HTTP server and before a command handler made up by the test. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Caller, createPrincipal } from '../../src/caller.ts';
import { systemClock } from '../../src/clock.ts';
import type { CommandHandler } from '../../src/handler.ts';
import { errorResponse } from '../../src/requests/json.ts';
import { createRequestHandler } from '../../src/server/request-handler.ts';
import { assertError } from '../support/error-form.ts';
import { connectTo, parseResponse, sendRaw } from '../support/socket.ts';

const OK = { response: { status: 200, headers: {}, body: 'ok' } };

const ops: Caller = {
  methods: ['POST'],
  acceptsMediaType: () => true,
  authenticate: () => assert.fail('the command handler authenticates'),
  parse: () => assert.fail('the command handler parses'),
  renderError: errorResponse,
  mode: 'enforce',
  notify: [],
};

interface Server {
  readonly url: string;
  readonly drain: () => void;
  readonly lines: () => { severity: string; error?: string; message: string; cause?: string }[];
}

async function withServer(
  run: (server: Server) => Promise<void>,
  {
    handle = async () => OK,
    authenticate,
    concurrentRequests = 10,
    caller = ops,
  }: {
    readonly handle?: CommandHandler['handle'];
    readonly authenticate?: CommandHandler['authenticate'];
    readonly concurrentRequests?: number;
    readonly caller?: Caller;
  } = {},
): Promise<void> {
  const lines: string[] = [];
  const authentication = { authenticated: true, authenticate: () => createPrincipal('ops', []) };
  const { handleRequest, drain } = createRequestHandler({
    callers: new Map([['ops', caller]]),
    bodyBytes: 1_000,
    concurrentRequests,
    handler: {
      authenticate: authenticate ?? (async () => authentication),
      handle,
      reportRefusal: async () => {},
    },
    clock: systemClock,
    write: (line) => lines.push(line),
    version: '0',
    project: undefined,
  });
  const server = createServer(handleRequest).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    await run({
      url: `http://127.0.0.1:${port}/ops`,
      drain,
      lines: () => lines.map((line) => JSON.parse(line)),
    });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

async function post(url: string) {
  const response = await fetch(url, { method: 'POST', body: '{}' });
  const { status } = response;
  return { status, headers: Object.fromEntries(response.headers), text: await response.text() };
}

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 200 && !condition(); tries++) await sleep(5);
  assert.ok(condition(), 'in time');
}

const REQUEST = 'POST /ops HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}';

test('a response that cannot be written becomes INTERNAL with one log line', () =>
  withServer(
    async ({ url, lines }) => {
      assertError(await post(url), 'INTERNAL');
      const [line, ...more] = lines();
      assert.deepEqual([line?.severity, line?.error, more], ['ERROR', 'INTERNAL', []]);
      assert.match(line?.cause ?? '', /^ERR_INVALID_CHAR at /);
      assert.doesNotMatch(JSON.stringify(line), /canary/i);
    },
    {
      handle: async () => ({
        response: { status: 200, headers: { 'X-Canary': 'canary\r\n' }, body: '' },
      }),
    },
  ));

test('a request beyond concurrentRequests gets 429, and the next one after a release is served', async () => {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let handled = 0;
  await withServer(
    async ({ url }) => {
      const waiting = [post(url), post(url)];
      await until(() => handled === 2);
      const refused = await post(url);
      assertError(refused, 'OVERLOADED');
      assert.match(refused.headers['retry-after'] ?? '', /^\d+$/);
      assert.equal(
        (await fetch(new URL('/healthz', url))).status,
        200,
        'a health check needs no slot',
      );
      release();
      for (const one of await Promise.all(waiting)) assert.equal(one.status, 200);
      assert.equal((await post(url)).status, 200);
    },
    {
      concurrentRequests: 2,
      handle: async () => {
        handled += 1;
        await released;
        return OK;
      },
    },
  );
});

test('a request sent ahead of the answer before it gets 429, and the connection closes', () =>
  withServer(
    async ({ url, lines }) => {
      const raw = await sendRaw(url, REQUEST.repeat(50));
      assert.deepEqual(raw.match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 200', 'HTTP/1.1 429']);
      assert.match(raw, /\r\nConnection: close\r\n/i);
      assert.deepEqual(
        lines().map(({ error }) => error),
        ['OVERLOADED', undefined],
        'one line for each request that was read',
      );
    },
    { handle: async () => sleep(20, OK) },
  ));

test('a client that leaves during authentication releases its slot and has one log line', async () => {
  let authenticating = 0;
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const authentication = { authenticated: true, authenticate: () => createPrincipal('ops', []) };
  let handled = 0;
  await withServer(
    async ({ url, lines }) => {
      const sockets = await Promise.all(
        [1, 2].map(async () => {
          const socket = connectTo(url);
          socket.write(REQUEST);
          return socket;
        }),
      );
      await until(() => authenticating === 2);
      for (const socket of sockets) socket.destroy();
      await sleep(20);
      release();
      await until(() => lines().length === 2);
      assert.deepEqual(
        lines().map(({ error }) => error),
        ['MALFORMED_BODY', 'MALFORMED_BODY'],
      );
      assert.equal(handled, 0, 'nothing is done for a request that did not arrive completely');
      assert.equal((await post(url)).status, 200);
    },
    {
      concurrentRequests: 2,
      authenticate: async () => {
        authenticating += 1;
        await released;
        return authentication;
      },
      handle: async () => {
        handled += 1;
        return OK;
      },
    },
  );
});

test('a client that leaves while its command runs aborts its signal, and the line is still written', async () => {
  let started = false;
  let aborted = false;
  await withServer(
    async ({ url, lines }) => {
      const socket = connectTo(url);
      socket.write(REQUEST);
      await until(() => started);
      socket.destroy();
      await until(() => lines().length === 1);
      assert.ok(aborted);
      assert.equal((await post(url)).status, 200);
    },
    {
      concurrentRequests: 1,
      handle: async (_caller, _authentication, { signal }) => {
        if (started) return OK;
        started = true;
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        aborted = true;
        return OK;
      },
    },
  );
});

test('two Authorization headers are refused with 401', () =>
  withServer(async ({ url }) => {
    const head = 'POST /ops HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 0\r\n';
    const raw = await sendRaw(
      url,
      `${head}Authorization: Bearer a\r\nauthorization: Bearer a\r\n\r\n`,
    );
    assertError(parseResponse(raw), 'UNAUTHENTICATED');
  }));

test('after the drain begins, waits end and responses close their connections', async () => {
  let started = false;
  await withServer(
    async ({ url, drain }) => {
      const response = post(url);
      await until(() => started);
      drain();
      assert.equal((await response).headers.connection, 'close');
    },
    {
      handle: async (_caller, _authentication, { signal }) => {
        started = true;
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        return OK;
      },
    },
  );
});

test('a caller that acknowledges errors is answered in its own form, and the line is ERROR', () =>
  withServer(
    async ({ url, lines }) => {
      const response = await fetch(url, { method: 'POST', body: 'x'.repeat(2_000) });
      assert.equal(response.status, 200);
      const [line] = lines();
      assert.deepEqual([line?.severity, line?.error], ['ERROR', 'BODY_TOO_LARGE']);
    },
    {
      caller: {
        ...ops,
        acknowledgesErrors: true,
        renderError: (error) => ({ ...errorResponse(error), status: 200 }),
      },
    },
  ));
