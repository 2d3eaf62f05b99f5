/** Requests that are sent ahead of the answers to those before them, as HTTP lets one do: RFC 9112, 9.3.2. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { createPipelining } from '../../src/server/pipelining.ts';
import { assertError } from '../support/error-form.ts';
import { deployedEnv } from '../support/function.ts';
import { dial, parseAnswer } from '../support/socket.ts';
import { cancels, OPS_TOKEN, startTestApp, type TestApp } from '../support/test-app.ts';

const UNKNOWN = 'GET /nobody HTTP/1.1\r\nHost: h\r\n\r\n';

function cancelOf(name: string, token = OPS_TOKEN): string {
  const body = JSON.stringify({ name });
  return `POST /ops HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

/** A connection, and what has come over it. */
function listen(url: string): { socket: Socket; heard: () => string; closed: Promise<unknown> } {
  const socket = dial(url);
  let raw = '';
  socket.on('data', (chunk) => {
    raw += chunk.toString('latin1');
  });
  return { socket, heard: () => raw, closed: once(socket, 'close') };
}

const statusesIn = (raw: string) => [...raw.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, n]) => n);

describe('requests ahead of their answers', () => {
  let app: TestApp;
  before(async () => {
    app = await startTestApp();
  });
  after(() => app.stop());

  test('are answered one after the other, with a line each', async () => {
    const names = Array.from({ length: 30 }, () => app.createOperation());
    app.emulator.script({ path: `/v1/${names[0]}:cancel` }, { delay: 300 });
    const { socket, heard } = listen(app.process.url);
    socket.write(names.map((name, at) => cancelOf(name, at === 20 ? 'x' : undefined)).join(''));
    for (let tries = 0; tries < 100 && statusesIn(heard()).length < 30; tries++) await sleep(20);
    assert.deepEqual(
      statusesIn(heard()),
      names.map((_, at) => (at === 20 ? '401' : '200')),
    );
    for (const [at, name] of names.entries()) {
      if (at !== 20) await app.process.log(({ operation }) => operation === name);
    }
    assert.equal(cancels(app.emulator).length, 29);
    assert.equal(socket.destroyed, false, 'the connection is still good');
    socket.destroy();
  });

  test('beyond 32 at one time are refused, and the connection ends', async () => {
    const lines = app.process.logs().length;
    const { socket, heard, closed } = listen(app.process.url);
    socket.write(UNKNOWN.repeat(1_000));
    await closed;
    const statuses = statusesIn(heard());
    assert.deepEqual(statuses, [...Array(32).fill('404'), '429']);
    const last = parseAnswer(heard().slice(heard().lastIndexOf('HTTP/1.1 ')));
    assertError(last, 'OVERLOADED');
    assert.deepEqual([last.headers['retry-after'], last.headers.connection], ['1', 'close']);
    await app.process.log(({ error }) => error === 'OVERLOADED');
    assert.equal(app.process.logs().length - lines, 33);
  });
});

test('beyond 256 of all connections at one time, each may bring only its first', async () => {
  const { enter } = createPipelining();
  const bring = () => {
    const socket = {};
    return Array.from({ length: 32 }, () => enter({ req: { socket } } as ServerResponse));
  };
  const served = () => Array.from({ length: 20 }, bring).flat().filter(Boolean).length;
  assert.equal(served(), 20 + 256);
  await setImmediate();
  assert.equal(served(), 20 + 256, 'and then again');
});

test('one that is refused, and whose body never ends, takes no answer from those before it', async () => {
  const app = await startTestApp();
  try {
    const name = app.createOperation();
    app.emulator.script({ path: `/v1/${name}:cancel` }, { delay: 2_500 });
    const { socket, heard, closed } = listen(app.process.url);
    const refused = cancelOf(name, 'none').replace(/Content-Length: \d+/, 'Content-Length: 1000');
    socket.write(`${cancelOf(name)}${refused}`);
    await closed;
    assert.deepEqual(statusesIn(heard()), ['200', '401']);
  } finally {
    await app.stop();
  }
});

test('told to stop, the function answers all of them, the last with an end to the connection', async () => {
  const app = await startTestApp();
  try {
    const delays = [400, 1_200, 800];
    const names = delays.map((delay) => {
      const name = app.createOperation();
      app.emulator.script({ path: `/v1/${name}:cancel` }, { delay });
      return name;
    });
    const { socket, heard, closed } = listen(app.process.url);
    socket.write(names.map((name) => cancelOf(name)).join(''));
    while (cancels(app.emulator).length < names.length) await sleep(10);
    const exit = app.process.stop();
    await sleep(600);
    socket.write(cancelOf(app.createOperation()));
    await closed;
    assert.equal(await exit, 0);
    assert.deepEqual(statusesIn(heard()).slice(0, 3), ['200', '200', '200']);
    const told = app.process.logs().flatMap(({ operation }) => operation ?? []);
    for (const name of names) assert.ok(told.includes(name));
    assert.match(heard().slice(heard().lastIndexOf('HTTP/1.1')), /^connection: close\r$/im);
  } finally {
    await app.stop();
  }
});

describe('connections that send ahead, and read no answer, keep nobody out of a small instance:', () => {
  const kinds = {
    '60 with thousands for no route': [60, UNKNOWN.repeat(5_000)],
    '60 with thousands without a proof': [60, cancelOf('x', 'nobody').repeat(5_000)],
    '900 with as many as one may': [900, UNKNOWN.repeat(32)],
  } as const;
  for (const [what, [connections, bytes]] of Object.entries(kinds)) {
    test(what, async () => {
      const heap = '--max-old-space-size=64';
      const NODE_OPTIONS = `${deployedEnv.NODE_OPTIONS} ${heap}`;
      const app = await startTestApp({ env: { NODE_OPTIONS } });
      const crowd = Array.from({ length: connections }, () => dial(app.process.url).pause());
      try {
        await Promise.all(crowd.map((socket) => once(socket, 'connect')));
        for (const socket of crowd) socket.write(bytes);
        const begun = performance.now();
        let longest = 0;
        while (performance.now() - begun < 2_000) {
          const asked = performance.now();
          await app.process.http.get('/').expect(200);
          longest = Math.max(longest, performance.now() - asked);
          await sleep(50);
        }
        // Where the system's own queue of connections is full, a second passes until the next try.
        assert.ok(longest < 3_000, `${longest} ms`);
        await app.post({ name: app.createOperation() }).expect(200);
      } finally {
        for (const socket of crowd) socket.destroy();
        await app.stop();
      }
    });
  }
});
