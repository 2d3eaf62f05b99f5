/**
 * A sender that sends slowly (https://en.wikipedia.org/wiki/Slowloris_(cyber_attack)) has 10 s for its
 * headers and 10 s for its body. In this test each limit is a tenth of that.
 */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertError } from '../support/error-form.ts';
import { connectTo, parseResponse } from '../support/socket.ts';
import { OPS_CALLER, OPS_TOKEN, startTestApp, type TestApp } from '../support/test-app.ts';

const HURRY = `
  const http = process.getBuiltinModule('http');
  const { createServer } = http;
  http.createServer = (...given) => {
    const server = createServer(...given);
    setImmediate(() => {
      server.headersTimeout /= 10;
      server.requestTimeout /= 10;
    });
    return server;
  };
  const { setTimeout } = globalThis;
  globalThis.setTimeout = (run, ms, ...rest) => setTimeout(run, ms === 10000 ? 1000 : ms, ...rest);`;

let app: TestApp;
before(async () => {
  const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(HURRY)}`;
  const alerts = { type: 'alertmanager', auth: { bearer: ['env:OPS_TOKEN'] } };
  app = await startTestApp({
    config: { callers: { ops: OPS_CALLER, alerts } },
    env: { NODE_OPTIONS },
  });
});
after(() => app.stop());

const HEAD = `POST /ops HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nAuthorization: Bearer ${OPS_TOKEN}\r\n`;

/** Sends these, one every 100 ms, until the connection is closed. @returns what came, and after how long */
async function drip(first: string, drops: string): Promise<{ raw: string; milliseconds: number }> {
  const socket = connectTo(app.process.url);
  let raw = '';
  socket.on('data', (chunk) => {
    raw += chunk;
  });
  const startedAt = performance.now();
  if (first) socket.write(first);
  for (let drop = 0; !socket.closed && drop < 100; drop++) {
    await sleep(100);
    if (socket.writable) socket.write(drops);
  }
  return { raw, milliseconds: performance.now() - startedAt };
}

describe('a slow sender', { concurrency: true }, () => {
  for (const [what, first, drop, least, most] of [
    ['headers', HEAD, 'X: y\r\n', 950, 2_900],
    ['its first line', 'POST /', 'o', 950, 2_900],
    ['a body of known length', `${HEAD}Content-Length: 1000\r\n\r\n`, ' ', 950, 2_900],
    ['chunks', `${HEAD}Transfer-Encoding: chunked\r\n\r\n`, '1\r\n \r\n', 950, 2_900],
  ] as const) {
    test(`of ${what} gets MALFORMED_BODY when the time is over`, async () => {
      const { raw, milliseconds } = await drip(first, drop);
      assertError(parseResponse(raw), 'MALFORMED_BODY');
      assert.equal(raw.match(/HTTP\/1\.1/g)?.length, 1);
      assert.ok(milliseconds >= least && milliseconds < most, `${milliseconds} ms`);
    });
  }

  test('of an alert gets 503, so that its sender repeats it', async () => {
    const head = HEAD.replace('/ops', '/alerts');
    const { raw } = await drip(`${head}Content-Length: 1000\r\n\r\n`, ' ');
    const response = parseResponse(raw);
    assert.equal(response.status, 503);
    assertError({ ...response, status: 400 }, 'MALFORMED_BODY');
  });

  test('of nothing at all is disconnected without a response', async () => {
    const { raw, milliseconds } = await drip('', '');
    assert.equal(raw, '');
    assert.ok(milliseconds < 2_900, `${milliseconds} ms`);
  });
});

test('each slow request left one log line', async () => {
  await sleep(100);
  const lines = app.process.logs().filter(({ error }) => error === 'MALFORMED_BODY');
  assert.equal(lines.length, 5, app.process.stdout());
  await app.post({ name: app.createOperation() }).expect(200);
});
