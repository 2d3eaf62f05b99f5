/** Faults of one response, grouped by how the function has to treat them. */

import { gzipSync } from 'node:zlib';
import { type Fault, formatResponse, type ReceivedRequest } from './fault-server.ts';

/** Sends these bytes and nothing more. */
const sendRaw =
  (bytes: string): Fault =>
  ({ socket }) =>
    socket.write(bytes, 'latin1');

/** Applies `change` to the bytes of the emulator's response. */
const transform =
  (
    change: (response: string) => string,
    then: (request: ReceivedRequest) => unknown = () => {},
  ): Fault =>
  async (request) => {
    request.socket.write(change(await request.forward()), 'latin1', () => then(request));
  };

const half = (response: string) => response.slice(0, response.indexOf('\r\n\r\n') + 5);
const headOf = (response: string) => response.slice(0, response.indexOf('\r\n\r\n') + 4);
const longer = (response: string) =>
  response.replace(/content-length: (\d+)/, (_, n) => `content-length: ${Number(n) + 9}`);
const reset = ({ socket }: ReceivedRequest) => socket.resetAndDestroy();
const close = ({ socket }: ReceivedRequest) => socket.end();

/** Sends `again` until the connection closes. */
const sendForever =
  (first: string, again: string, everyMs = 0): Fault =>
  ({ socket }) => {
    socket.write(first);
    const more = () => {
      if (socket.destroyed) return;
      const next = () => setTimeout(more, everyMs);
      if (socket.write(again)) next();
      else socket.once('drain', next);
    };
    more();
  };

const CHUNKED =
  'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n';
const HINT = 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n';

/** The connection or HTTP is broken: retried. */
export const broken: Readonly<Record<string, Fault>> = {
  'a reset after the request': reset,
  'a reset in the headers': async (request) => {
    request.socket.write('HTTP/1.1 200 OK\r\ncontent-', () => reset(request));
  },
  'a reset in the body': transform(half, reset),
  'a close without a response': close,
  'a close in the headers': (request) => request.socket.end('HTTP/1.1 200 OK\r\ncontent-'),
  'a body shorter than its content-length': transform(longer, close),
  'chunks without the last one': (request) => request.socket.end(`${CHUNKED}1\r\n{\r\n`),
  'a chunk without a length': sendRaw(`${CHUNKED}canary\r\n{}\r\n`),
  'another protocol': sendRaw('220 canary ESMTP ready\r\n'),
  'an unknown HTTP version': sendRaw('HTTP/9.9 200 OK\r\ncontent-length: 2\r\n\r\n{}'),
  'a status that is not a number': sendRaw('HTTP/1.1 abc OK\r\ncontent-length: 2\r\n\r\n{}'),
  'a header without a name': sendRaw('HTTP/1.1 200 OK\r\n: canary\r\ncontent-length: 2\r\n\r\n{}'),
  'two content-length headers': sendRaw(
    'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{} ',
  ),
  'content-length and chunks': sendRaw(
    `${CHUNKED.replace('\r\n\r\n', '\r\ncontent-length: 2')}\r\n\r\n{}`,
  ),
  'endless headers': sendForever('HTTP/1.1 200 OK\r\n', 'x-canary: canary\r\n'.repeat(100)),
  'a body longer than its content-length': sendRaw(
    'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 5\r\n\r\n{"canary":1}',
  ),
  'an upgrade to another protocol': sendRaw(
    'HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n',
  ),
};

/** Valid HTTP, but no response of the API: not retried. */
export const unusable: Readonly<Record<string, Fault>> = {
  HTML: sendRaw(formatResponse(200, '<html>canary</html>', { 'content-type': 'text/html' })),
  'an HTML error': sendRaw(
    formatResponse(502, '<html>canary</html>', { 'content-type': 'text/html' }),
  ),
  'invalid JSON': sendRaw(formatResponse(200, '{"canary": ')),
  'JSON that is not an object': sendRaw(formatResponse(200, '["canary"]')),
  'a compressed body': (request) => {
    const body = gzipSync('{}').toString('latin1');
    request.socket.write(formatResponse(200, body, { 'content-encoding': 'gzip' }), 'latin1');
  },
  'an endless body': sendForever(CHUNKED, `1000\r\n${'x'.repeat(4_096)}\r\n`),
  'status 799': sendRaw('HTTP/1.1 799 Odd\r\ncontent-length: 2\r\n\r\n{}'),
  'status 304': sendRaw('HTTP/1.1 304 Not Modified\r\n\r\n'),
};

/** Responses that do not end: the deadline ends them. */
export const hanging: Readonly<Record<string, Fault>> = {
  'no response': () => {},
  'headers without a body': transform(headOf),
  'half a body': transform(longer),
  'a slow body': sendForever(`${CHUNKED}`, '1\r\n \r\n', 40),
  'slow headers': sendForever('HTTP/1.1 200 OK\r\n', 'x: y\r\n', 40),
  'endless early hints': sendForever('', HINT, 5),
};

/** Unusual, but valid responses. */
export const harmless: Readonly<Record<string, Fault>> = {
  'a delayed response': (request) =>
    setTimeout(
      transform((text) => text),
      200,
      request,
    ),
  'a delayed body': async ({ socket, forward }) => {
    const text = await forward();
    socket.write(half(text), 'latin1');
    setTimeout(() => socket.write(text.slice(half(text).length), 'latin1'), 200);
  },
  'a response in single bytes': async ({ socket, forward }) => {
    for (const byte of await forward()) {
      socket.write(byte, 'latin1');
      await new Promise((resolve) => setImmediate(resolve));
    }
  },
  'a thousand early hints': transform((text) => HINT.repeat(1_000) + text),
  'another media type': transform((text) => text.replace(/(content-type): .*/, '$1: text/plain')),
  'a close after the response': transform((text) => text, close),
  'a reset after the response': transform(
    (text) => text,
    (request) => setTimeout(reset, 20, request),
  ),
  'a body that ends with the connection': transform(
    (text) => text.replace(/content-length: .*\r\n/, 'connection: close\r\n'),
    close,
  ),
};
