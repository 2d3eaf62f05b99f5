import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { cancels, NAMES, requestBytes, TOKEN } from './job.ts';
import { exchange, firstAnswer, load } from './load.ts';
import { ACCESS_TOKEN, lengthOf, startUpstream } from './upstream.ts';

async function serve(t: TestContext, listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close().closeAllConnections());
  return (server.address() as AddressInfo).port;
}

test('every request is sent once, with its token, over as many connections as asked for', async (t) => {
  const seen = { names: new Map<string, number>(), sockets: new Set<unknown>() };
  const port = await serve(t, async (request, response) => {
    seen.sockets.add(request.socket);
    assert.equal(request.headers.authorization, `Bearer ${TOKEN}`);
    const { name } = JSON.parse(Buffer.concat(await request.toArray()).toString());
    seen.names.set(name, (seen.names.get(name) ?? 0) + 1);
    response.end('{}');
  });
  const most = { requests: NAMES.length, milliseconds: 10_000 };
  const served = await load({ port, requests: cancels('/ops'), connections: 5, most });
  assert.equal(served.requests, NAMES.length);
  assert.equal(served.latencies.length, NAMES.length);
  assert.deepEqual(
    [...served.latencies],
    [...served.latencies].toSorted((a, b) => a - b),
  );
  assert.deepEqual([...seen.names.keys()].toSorted(), NAMES.toSorted());
  assert.equal(seen.sockets.size, 5);
});

test('an answer in chunks is read to its end, and no further request is sent before', async (t) => {
  let waiting = 0;
  const port = await serve(t, (request, response) => {
    assert.equal(++waiting, 1);
    request.resume().on('end', () => {
      response.write('{"some":');
      setTimeout(() => {
        waiting -= 1;
        response.end('1}');
      }, 2);
    });
  });
  const most = { requests: 5, milliseconds: 5_000 };
  const served = await load({ port, requests: cancels('/'), connections: 1, most });
  assert.equal(served.requests, 5);
  assert.ok((served.latencies[0] ?? 0) > 1, 'the time is that of the whole answer');
});

test('load ends when its time is over', async (t) => {
  const port = await serve(t, (_, response) => response.end());
  const requests = cancels('/');
  const { milliseconds } = await load({
    port,
    requests,
    connections: 2,
    most: { milliseconds: 50 },
  });
  assert.ok(milliseconds >= 50 && milliseconds < 1_000, `${milliseconds}`);
});

test('no figure is made of answers that are refusals', async (t) => {
  let count = 0;
  const port = await serve(t, (_, response) => response.writeHead(++count < 3 ? 200 : 403).end());
  const job = { port, requests: cancels('/'), connections: 1, most: { milliseconds: 1_000 } };
  await assert.rejects(load(job), /answered HTTP\/1.1 403/);
});

test('a process that has ended is not waited for', async () => {
  const [request = Buffer.of()] = cancels('/');
  await assert.rejects(
    firstAnswer(1, request, () => false),
    /has ended/,
  );
});

test('the stand-in cancels for its own token alone, and counts what it cancels', async (t) => {
  const upstream = await startUpstream();
  t.after(() => upstream.close());
  const port = Number(upstream.host.split(':')[1]);
  const path = `/v1/${NAMES[0]}:cancel`;
  const good = requestBytes(path, {}).toString().replace(TOKEN, ACCESS_TOKEN);
  assert.match(await exchange(port, Buffer.from(good)), /^HTTP\/1.1 200 .*\r\n\r\n{}$/s);
  await assert.rejects(exchange(port, requestBytes(path, {})), /answered HTTP\/1.1 401/);
  const elsewhere = good.replace(':cancel', '');
  await assert.rejects(exchange(port, Buffer.from(elsewhere)), /answered HTTP\/1.1 404/);
  assert.equal(upstream.cancelled(), 1);
});

test('the stand-in gives out the token as the metadata server does', async (t) => {
  const upstream = await startUpstream();
  t.after(() => upstream.close());
  const url = `${upstream.url}/computeMetadata/v1/instance/service-accounts/default/token?scopes=a`;
  const answer = await fetch(url, { headers: { 'Metadata-Flavor': 'Google' } });
  assert.equal(answer.headers.get('metadata-flavor'), 'Google');
  assert.equal(((await answer.json()) as { access_token: string }).access_token, ACCESS_TOKEN);
});

test('requests that come in pieces, or two at a time, are each answered', async (t) => {
  const upstream = await startUpstream();
  t.after(() => upstream.close());
  const one = requestBytes(`/v1/${NAMES[0]}:cancel`, {}).toString().replace(TOKEN, ACCESS_TOKEN);
  const socket = connect(Number(upstream.host.split(':')[1]), '127.0.0.1');
  t.after(() => socket.destroy());
  const both = `${one}${one}`;
  for (let at = 0; at < both.length; at += 40) {
    socket.write(both.slice(at, at + 40));
    await new Promise((resolve) => setImmediate(resolve));
  }
  for (let tries = 0; upstream.cancelled() < 2 && tries < 100; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.equal(upstream.cancelled(), 2);
});

test('a message is whole exactly when its last byte is there', () => {
  const body = fc.string({ unit: fc.constantFrom('a', '0', '\r', '\n', '{') });
  fc.assert(
    fc.property(body, fc.boolean(), fc.string(), (text, isChunked, more) => {
      const chunk = text === '' ? '' : `${text.length.toString(16)}\r\n${text}\r\n`;
      const message = isChunked
        ? `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}0\r\n\r\n`
        : `HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
      assert.equal(lengthOf(message + more), message.length);
      assert.ok(lengthOf(message.slice(0, -1)) > message.length - 1);
    }),
    { numRuns: 2_000 },
  );
});
