/** What can go wrong with one answer on the wire, by how it must be taken. */

import { gzipSync } from 'node:zlib';
import { type Arrival, answerText, type Fault } from './fault-server.ts';

/** Says these bytes, and then nothing more. */
const say =
  (bytes: string): Fault =>
  ({ socket }) =>
    socket.write(bytes, 'latin1');

/** Does to the bytes of the good answer what `change` does to a text. */
const altered =
  (change: (answer: string) => string, then: (arrival: Arrival) => unknown = () => {}): Fault =>
  async (arrival) => {
    arrival.socket.write(change(await arrival.answer()), 'latin1', () => then(arrival));
  };

const half = (answer: string) => answer.slice(0, answer.indexOf('\r\n\r\n') + 5);
const headOf = (answer: string) => answer.slice(0, answer.indexOf('\r\n\r\n') + 4);
const longer = (answer: string) =>
  answer.replace(/content-length: (\d+)/, (_, n) => `content-length: ${Number(n) + 9}`);
const reset = ({ socket }: Arrival) => socket.resetAndDestroy();
const close = ({ socket }: Arrival) => socket.end();

/** Writes the same for as long as somebody reads it. */
const endless =
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

/** The connection or HTTP itself is broken: worth another attempt. */
export const broken: Readonly<Record<string, Fault>> = {
  'a reset once the request is read': reset,
  'a reset within the headers': async (arrival) => {
    arrival.socket.write('HTTP/1.1 200 OK\r\ncontent-', () => reset(arrival));
  },
  'a reset in mid-body': altered(half, reset),
  'the end in place of an answer': close,
  'the end in mid-headers': (arrival) => arrival.socket.end('HTTP/1.1 200 OK\r\ncontent-'),
  'the end before the announced length': altered(longer, close),
  'chunks without their end': (arrival) => arrival.socket.end(`${CHUNKED}1\r\n{\r\n`),
  'a chunk that has no length': say(`${CHUNKED}canary\r\n{}\r\n`),
  'no HTTP at all': say('220 canary ESMTP ready\r\n'),
  'another version of HTTP': say('HTTP/9.9 200 OK\r\ncontent-length: 2\r\n\r\n{}'),
  'a status that is no number': say('HTTP/1.1 abc OK\r\ncontent-length: 2\r\n\r\n{}'),
  'a header without a name': say('HTTP/1.1 200 OK\r\n: canary\r\ncontent-length: 2\r\n\r\n{}'),
  'two lengths': say('HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{} '),
  'a length and chunks': say(`${CHUNKED.replace('\r\n\r\n', '\r\ncontent-length: 2')}\r\n\r\n{}`),
  'headers without end': endless('HTTP/1.1 200 OK\r\n', 'x-canary: canary\r\n'.repeat(100)),
  'a length that is too short': say(
    'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 5\r\n\r\n{"canary":1}',
  ),
  'another protocol': say('HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
};

/** HTTP, but nothing that the API could have said: not asked for again. */
export const unusable: Readonly<Record<string, Fault>> = {
  HTML: say(answerText(200, '<html>canary</html>', { 'content-type': 'text/html' })),
  'an HTML error': say(answerText(502, '<html>canary</html>', { 'content-type': 'text/html' })),
  'JSON that is none': say(answerText(200, '{"canary": ')),
  'JSON of another kind': say(answerText(200, '["canary"]')),
  'what nobody asked to be compressed': (arrival) => {
    const body = gzipSync('{}').toString('latin1');
    arrival.socket.write(answerText(200, body, { 'content-encoding': 'gzip' }), 'latin1');
  },
  'a body without end': endless(CHUNKED, `1000\r\n${'x'.repeat(4_096)}\r\n`),
  'a status beyond all': say('HTTP/1.1 799 Odd\r\ncontent-length: 2\r\n\r\n{}'),
  'no change': say('HTTP/1.1 304 Not Modified\r\n\r\n'),
};

/** No end in sight: the deadline is. */
export const hanging: Readonly<Record<string, Fault>> = {
  'no answer': () => {},
  'headers and no body': altered(headOf),
  'half a body': altered(longer),
  'a body by drips': endless(`${CHUNKED}`, '1\r\n \r\n', 40),
  'headers by drips': endless('HTTP/1.1 200 OK\r\n', 'x: y\r\n', 40),
  'hints without end': endless('', HINT, 5),
};

/** Odd, and yet an answer. */
export const harmless: Readonly<Record<string, Fault>> = {
  'an answer that takes a while': (arrival) =>
    setTimeout(
      altered((text) => text),
      200,
      arrival,
    ),
  'a body that takes a while': async ({ socket, answer }) => {
    const text = await answer();
    socket.write(half(text), 'latin1');
    setTimeout(() => socket.write(text.slice(half(text).length), 'latin1'), 200);
  },
  'an answer in single bytes': async ({ socket, answer }) => {
    for (const byte of await answer()) {
      socket.write(byte, 'latin1');
      await new Promise((resolve) => setImmediate(resolve));
    }
  },
  'a thousand hints before it': altered((text) => HINT.repeat(1_000) + text),
  'another media type': altered((text) => text.replace(/(content-type): .*/, '$1: text/plain')),
  'the end of the connection after it': altered((text) => text, close),
  'a reset after it': altered(
    (text) => text,
    (arrival) => setTimeout(reset, 20, arrival),
  ),
  'a length of its own, by closing': altered(
    (text) => text.replace(/content-length: .*\r\n/, 'connection: close\r\n'),
    close,
  ),
};
