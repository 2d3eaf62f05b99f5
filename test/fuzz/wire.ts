/**
 * Bytes on the wire, to the built function under its stock command: requests that no client would
 * write, in pieces and in a row. What comes back is the hook's own answer each time, or nothing.
 */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ERRORS } from '../support/error-form.ts';
import { connectTo, parseResponse } from '../support/socket.ts';
import {
  getCancelRequests,
  OPERATIONS,
  OPS_TOKEN,
  startTestApp,
  type TestApp,
} from '../support/test-app.ts';
import type { FuzzProperty } from './property.ts';

/** Each case has an operation of its own, of a name as long, for a cancel may come late. */
const ID = 'on-the-wire';
const NAME = `${OPERATIONS}/${ID}`;
const BODY = JSON.stringify({ name: NAME });

const FIRST_LINES = [
  ...[
    'POST /ops HTTP/1.1',
    'POST /ops HTTP/1.0',
    'POST http://x.example/ops HTTP/1.1',
    'GET / HTTP/1.1',
  ],
  ...[
    'POST /ops',
    'POST  /ops HTTP/1.1',
    'POST /ops HTTP/2.0',
    'PRI * HTTP/2.0',
    'OPTIONS * HTTP/1.1',
  ],
  ...[
    'CONNECT ops:443 HTTP/1.1',
    'post /ops HTTP/1.1',
    'POST /ops\0 HTTP/1.1',
    'POST /öps HTTP/1.1',
  ],
  ...[
    'POST //ops HTTP/1.1',
    'POST /ops/../ops HTTP/1.1',
    'POST /ops?auth_token=x HTTP/1.1',
    '\x16\x03\x01',
  ],
];
const LINES = [
  ...[
    'Transfer-Encoding: chunked',
    'Transfer-Encoding: gzip, chunked',
    'Transfer-Encoding : chunked',
  ],
  ...[
    'Transfer-Encoding: identity',
    'Content-Length: 0',
    'Content-Length: -1',
    'Content-Length: 1e3',
  ],
  ...[
    'Content-Length: 99999999999',
    'Content-Length: 5, 5',
    'Content-Length:',
    'Expect: 100-continue',
  ],
  ...[
    'Expect: the-unexpected',
    'Upgrade: h2c',
    'Upgrade: websocket\r\nConnection: Upgrade',
    'Host:',
  ],
  ...[
    'Host: a\r\nHost: b',
    'Connection: close',
    'Content-Encoding: gzip',
    'No colon here',
    ': no name',
  ],
  ...[
    ' folded: yes',
    'X-Null: a\0b',
    `X-Long: ${'a'.repeat(20_000)}`,
    'X-Latin: \xe4\xff',
    'X-CR: a\rb',
  ],
  ...[
    'Authorization: Bearer other',
    `Cookie: ${'a=b; '.repeat(500)}`,
    'Content-Type: text/plain',
    '\n',
  ],
];
const BODIES = [
  ...[
    BODY,
    '',
    '{',
    `${BODY}${BODY}`,
    `5\r\n${BODY.slice(0, 5)}\r\n0\r\n\r\n`,
    'zz\r\nbad chunk\r\n',
  ],
  ...[
    `${BODY.length.toString(16)};ext="\n"\r\n${BODY}\r\n0\r\nX-Trailer: a\r\n\r\n`,
    '\xff'.repeat(100),
  ],
];

/** Whatever came before: once this is answered, the connection is closed. */
const LAST = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';

/** So long nothing comes where the other side waits for more. */
const SILENCE_MS = 150;

const often = fc.constantFrom(true, true, true, false);

const requests = fc.record({
  first: fc.oneof(
    { weight: 3, arbitrary: fc.constant(FIRST_LINES[0]) },
    fc.constantFrom(...FIRST_LINES),
  ),
  lines: fc.oneof(fc.constant([]), fc.array(fc.constantFrom(...LINES), { maxLength: 2 })),
  authenticated: often,
  measured: often,
  body: fc.oneof({ weight: 3, arbitrary: fc.constant(BODY) }, fc.constantFrom(...BODIES)),
});
const wires = fc.record({
  requests: fc.array(requests, { minLength: 1, maxLength: 2 }),
  cut: fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, fc.nat()),
  junk: fc.oneof({ weight: 6, arbitrary: fc.constant('') }, fc.string({ unit: 'binary' })),
});
type Wire = typeof wires extends fc.Arbitrary<infer T> ? T : never;

function bytesOf({ requests: all, cut, junk }: Wire, id: string): Buffer {
  const text = all
    .map(({ first, lines, authenticated, measured, body }) =>
      [
        first,
        'Content-Type: application/json',
        ...(authenticated ? [`Authorization: Bearer ${OPS_TOKEN}`] : []),
        ...(measured ? ['Host: hook.example', `Content-Length: ${body.length}`] : ['Host: x']),
        ...lines,
        '',
        body,
      ].join('\r\n'),
    )
    .join('');
  const bytes = Buffer.concat([
    Buffer.from(junk),
    Buffer.from((text + LAST).replaceAll(ID, id), 'latin1'),
  ]);
  return cut === undefined ? bytes : bytes.subarray(0, cut % bytes.length);
}

/** Everything that comes back until the other side closes, or waits for what will not come. */
async function exchange(url: string, bytes: Buffer): Promise<string> {
  const socket = connectTo(url);
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
  });
  socket.setTimeout(SILENCE_MS, () => socket.end());
  socket.write(bytes);
  await new Promise((done) => socket.once('close', done));
  return text;
}

/** Every answer in what came over one connection. */
function answersIn(raw: string) {
  const answers = [];
  for (let rest = raw; rest !== ''; ) {
    // An interim answer, such as 100 Continue, has no body: RFC 9110, 15.2.
    if (/^HTTP\/1\.1 1\d\d /.test(rest)) {
      rest = rest.slice(rest.indexOf('\r\n\r\n') + 4);
      continue;
    }
    assert.match(rest, /^HTTP\/1\.1 \d{3} /);
    const answer = parseResponse(rest);
    answers.push(answer);
    rest = rest.slice(rest.indexOf('\r\n\r\n') + 4 + answer.text.length);
  }
  return answers;
}

export async function wire(): Promise<FuzzProperty> {
  const app: TestApp = await startTestApp();
  const authenticated = new Map<string, number>();
  let counted = 0;
  let answered = 0;
  const seen = { cancelled: 0, refused: 0, unreadable: 0 };
  return {
    name: 'wire',
    property: fc.asyncProperty(wires, async (given) => {
      const id = `wire-${String(++counted).padStart(6, '0')}`;
      app.emulator.addOperation({
        name: `${OPERATIONS}/${id}`,
        duration: Infinity,
        onCancel: 'ignore',
      });
      const bytes = bytesOf(given, id);
      authenticated.set(
        `/v1/${OPERATIONS}/${id}:cancel`,
        bytes.toString('latin1').split(OPS_TOKEN).length - 1,
      );
      const answers = answersIn(await exchange(app.process.url, bytes));
      // Whoever stops in the middle is waited for, and so is, by Node, what is no chunk where its
      // sender would change the protocol.
      const mayWait = given.cut !== undefined || bytes.includes('Upgrade:');
      assert.ok(answers.length > 0 || mayWait, 'no answer');
      answered += answers.length;
      assert.ok(answers.length <= given.requests.length + 2, 'no more answers than questions');
      for (const { status, headers, text } of answers) {
        assert.match(headers['content-type'] ?? '', /^application\/json(;|$)/);
        assert.ok(status === 200 || (status >= 400 && status < 500), `${status} ${text}`);
        assert.ok(!text.includes(OPS_TOKEN));
        const { error } = JSON.parse(text);
        if (!error) continue;
        const row = ERRORS[error.details[0].reason as keyof typeof ERRORS];
        assert.deepEqual([error.code, error.status], row);
        assert.equal(status, error.code);
        seen[/as HTTP/.test(error.message) ? 'unreadable' : 'refused'] += 1;
      }
      for (const { path } of getCancelRequests(app.emulator)) {
        const left = authenticated.get(path) ?? 0;
        assert.ok(left > 0, `${path} without credentials`);
        authenticated.set(path, left - 1);
        seen.cancelled += 1;
      }
      app.emulator.clearRequests();
    }),
    assertSeen(runs) {
      assert.ok(Math.min(...Object.values(seen)) > runs / 100, JSON.stringify(seen));
      assert.equal(app.process.stderr(), '', 'nothing else is written');
      assert.equal(app.process.process.exitCode, null, 'it still runs');
      const lines = app.process.logs();
      for (const line of lines) assert.notEqual(line.error, 'INTERNAL');
      assert.ok(
        lines.filter((line) => line.httpRequest).length >= answered,
        'a line for each answer',
      );
    },
    figures: () => JSON.stringify(seen),
    close: () => app.stop(),
  };
}
