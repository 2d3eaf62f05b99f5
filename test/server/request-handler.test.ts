/** The front door alone, before a hook that misbehaves: what cannot happen is answered as well. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createPrincipal } from '../../src/caller.ts';
import type { CallerDeps } from '../../src/caller-deps.ts';
import { json } from '../../src/callers/json.ts';
import { systemClock } from '../../src/clock.ts';
import type { CommandHandler } from '../../src/handler.ts';
import { createFrontDoor, type FrontDoor } from '../../src/server/request-handler.ts';
import { assertError } from '../support/error-form.ts';
import { dial } from '../support/socket.ts';

const admission = { authenticated: true, authenticate: () => createPrincipal('ops', []) };

async function inFront(
  serve: CommandHandler['handle'],
  run: (
    ask: () => Promise<Parameters<typeof assertError>[0]>,
    door: FrontDoor,
    url: string,
  ) => Promise<void>,
  { read = false, clock = systemClock } = {},
): Promise<string[]> {
  const lines: string[] = [];
  const setup = { clock: systemClock, secret: () => async () => ['x'] } as unknown as CallerDeps;
  const caller = json.create('ops', { type: 'json', auth: { bearer: 'env:X' } } as never, setup);
  const door = createFrontDoor({
    callers: new Map([['ops', caller]]),
    bodyBytes: 1_000,
    hook: { authenticate: async () => admission, handle: serve },
    clock,
    write: (line) => lines.push(line),
    version: '0',
    project: undefined,
  });
  const listener: RequestListener = async (request, response) => {
    if (read) Object.assign(request, { rawBody: Buffer.concat(await request.toArray()) });
    await door.serve(request, response);
  };
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/ops`;
  const ask = async () => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(url, { method: 'POST', headers, body: '{}' });
    const { status } = answer;
    return { status, headers: Object.fromEntries(answer.headers), text: await answer.text() };
  };
  try {
    await run(ask, door, url);
  } finally {
    server.closeAllConnections();
    server.close();
  }
  return lines;
}

test('a reply that cannot be written is INTERNAL, in one line', async () => {
  const headers = { 'X-Canary': 'canary\r\n' };
  const lines = await inFront(
    async () => ({ response: { status: 200, headers, body: '' } }),
    async (ask) => {
      assertError(await ask(), 'INTERNAL');
    },
  );
  assert.equal(lines.length, 1);
  const { severity, error, cause } = JSON.parse(lines[0] ?? '');
  assert.deepEqual([severity, error], ['ERROR', 'INTERNAL']);
  assert.match(cause, /^ERR_INVALID_CHAR at /);
  assert.doesNotMatch(lines[0] ?? '', /canary/i);
});

test('what is never settled is given up as INTERNAL when the process ends, and answered once', async () => {
  let settle = () => {};
  const lines = await inFront(
    (_caller, _admission, _incoming, entry) =>
      new Promise((resolve) => {
        settle = () => {
          entry.outcome = 'too late';
          resolve({ response: { status: 200, headers: {}, body: 'too late' } });
        };
      }),
    async (ask, door) => {
      const answer = ask();
      await new Promise((resolve) => setTimeout(resolve, 200));
      door.stop();
      door.giveUp();
      settle();
      assertError(await answer, 'INTERNAL');
    },
  );
  assert.equal(lines.length, 1);
  assert.equal(JSON.parse(lines[0] ?? '').error, 'INTERNAL');
});

test('a body that the framework has read before is taken as it left it', async () => {
  const bodies: string[] = [];
  const lines = await inFront(
    async (_, __, { body }) => {
      bodies.push(body.toString());
      return { response: { status: 200, headers: {}, body: '' } };
    },
    async (ask) => assert.equal((await ask()).status, 200),
    { read: true },
  );
  assert.deepEqual(bodies, ['{}']);
  assert.equal(lines.length, 1);
});

test('who waits too long for a turn is OVERLOADED once turns are long, and nobody before', async () => {
  let now = 0;
  // Each look at the clock takes 30 ms: 20 requests in one turn take far too long.
  const clock = { ...systemClock, now: () => (now += 30) };
  let served = 0;
  await inFront(
    async () => {
      served += 1;
      return { response: { status: 200, headers: {}, body: '' } };
    },
    async (_ask, _door, url) => {
      const one = 'POST /ops HTTP/1.1\r\nHost: hook\r\nContent-Length: 2\r\n\r\n{}';
      const socket = dial(url);
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk;
      });
      const answers = () => text.match(/HTTP\/1\.1 \d+/g) ?? [];
      for (const all of [20, 40]) {
        socket.write(one.repeat(20));
        while (answers().length < all) await sleep(1);
      }
      socket.destroy();
      assert.deepEqual(new Set(answers().slice(0, 20)), new Set(['HTTP/1.1 200']));
      const refused = answers()
        .slice(20)
        .filter((answer) => answer === 'HTTP/1.1 429').length;
      assert.ok(refused > 10 && refused < 20, `${refused} of 20`);
      assert.equal(served, 40 - refused, 'the hook never heard of them');
      assert.equal(text.match(/\r\nRetry-After: \d+\r/g)?.length, refused);
    },
    { clock },
  );
});
