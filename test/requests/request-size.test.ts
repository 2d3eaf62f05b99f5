/** Bodies of up to 1 MiB, however they are made, take little time and make a small response. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { CallerDeps } from '../../src/caller.ts';
import { createPrincipal, type WebhookRequest } from '../../src/caller.ts';
import { createAlertGroupParser } from '../../src/callers/alertmanager.ts';
import { pubsub } from '../../src/callers/pubsub.ts';
import { systemClock } from '../../src/clock.ts';
import { StatusError } from '../../src/errors.ts';
import { createAlertInteraction, renderAlertResult } from '../../src/requests/alert-caller.ts';
import { parseNotification } from '../../src/requests/google-notifications.ts';
import { parseJson } from '../../src/requests/json.ts';
import { parseCommand } from '../../src/requests/parse-command.ts';
import { UNUSED_KEYS } from '../support/auth.ts';
import { assertCpuTime } from '../support/cpu-time.ts';

const MIB = 1_048_576;
const MAX_MS = 100;
const MAX_BYTES = 65_536;

const deps = { clock: systemClock, googleKeys: UNUSED_KEYS } as unknown as CallerDeps;
const google = { audience: 'https://hook.example.com', emails: ['push@example.com'] };
const messages = pubsub.create('queue', { type: 'pubsub', auth: { google } }, deps);
const parseGroup = createAlertGroupParser();

/** Each way from a body to a command. */
const parsers: Readonly<Record<string, (body: Buffer) => unknown>> = {
  'a request': (body) => parseCommand(parseJson({ body }), systemClock.now(), 100),
  'a group of alerts': (body) =>
    createAlertInteraction(parseGroup(parseJson({ body })), {
      preset: undefined,
      waitDeadline: 0,
    }).command,
  'an incident': (body) => parseNotification(parseJson({ body })),
  'a message': (body) => messages.parse({ body } as WebhookRequest, createPrincipal('queue', [])),
};

/** Fails unless the body is read, or refused with a small response. */
function parse(parser: (body: Buffer) => unknown, body: Buffer): void {
  try {
    parser(body);
  } catch (error) {
    assert.ok(error instanceof StatusError && error.code < 500, String(error));
    assert.ok(Buffer.byteLength(error.body) < MAX_BYTES);
  }
}

const fill = (before: string, item: string, after: string) => {
  const count = Math.floor((MIB - before.length - after.length) / (Buffer.byteLength(item) + 1));
  return before + Array(count).fill(item).join(',') + after;
};
const numbered = (before: string, item: (n: number) => string, after: string) => {
  let text = before;
  for (let n = 0; text.length < MIB - 700; n++) text += `${n === 0 ? '' : ','}${item(n)}`;
  return text + after;
};
const nested = (open: string, close: string) => {
  const depth = Math.floor(MIB / (open.length + close.length)) - 100;
  return open.repeat(depth) + close.repeat(depth);
};
const NAME = 'projects/p/locations/l/operations/o';
const PARENT = '"parent":"projects/p/locations/l","olderThan":"1h"';

const bodies: Readonly<Record<string, string>> = {
  'deep lists': nested('[', ']'),
  'deep objects': `${nested('{"a":', '}').replace('{"a":}', '{}')}`,
  'deep alerts': `{"alerts":${nested('[', ']')}}`,
  'a deep parent': `{"parent":${nested('[', ']')}}`,
  numbers: fill('[', '1', ']'),
  'bad alerts': fill('{"alerts":[', '1', ']}'),
  'alerts without a status': fill('{"alerts":[', '{}', ']}'),
  'alerts with bad names': numbered(
    '{"alerts":[',
    (n) => `{"status":"firing","labels":{"operation":"x${n}"}}`,
    ']}',
  ),
  'alerts with good names': numbered(
    '{"alerts":[',
    (n) => `{"status":"firing","labels":{"operation":"${NAME}${n}"}}`,
    ']}',
  ),
  'alerts with two names': numbered(
    '{"alerts":[',
    (n) => `{"status":"firing","labels":{"operation":"${NAME}${n} ${NAME}"}}`,
    ']}',
  ),
  'bad targets': fill(`{${PARENT},"targets":[`, '1', ']}'),
  'malformed targets': fill(`{${PARENT},"targets":[`, '"a//b"', ']}'),
  'long targets': `{${PARENT},"targets":["${'a/'.repeat(MIB / 2 - 100)}a"]}`,
  'a target of stars': `{${PARENT},"targets":["${'*a'.repeat(MIB / 2 - 100)}"]}`,
  'bad verbs': fill(`{${PARENT},"verbs":[`, '{}', ']}'),
  'unknown fields': numbered('{"name":1,', (n) => `"k${n}":${n}`, '}'),
  'unknown fields of a sweep': numbered(`{${PARENT},`, (n) => `"k${n}":${n}`, '}'),
  'objects of many fields': numbered(
    '[',
    (n) => `{${Array.from({ length: 40 }, (_, k) => `"k${n}x${k}":1`).join(',')}}`,
    ']',
  ),
  'the same field': fill('{', '"name":1', ',"x":1}'),
  'huge keys': fill('{"name":1,', `"${'\\u0000'.repeat(4_000)}":1`, '}'),
  'a huge key': `{"name":1,"${'"'.repeat(0)}${'\\"'.repeat(MIB / 2 - 100)}":1}`,
  'a huge name': `{"name":"${'projects/'.repeat(MIB / 9 - 100)}"}`,
  'a huge operation': `{"name":"${NAME}${'o'.repeat(MIB - 100)}"}`,
  'a huge duration': `{"name":"${NAME}","wait":"${'1'.repeat(MIB - 100)}s"}`,
  'a huge reason': `{"name":"${NAME}","reason":"${'😀'.repeat(MIB / 4 - 100)}"}`,
  'a content of names': fill('{"incident":{"state":"open","documentation":"', NAME, '"}}'),
  'a content of URLs': fill('{"incident":{"state":"open","documentation":"', 'https://', '"}}'),
  links: fill(
    '{"incident":{"state":"open","documentation":{"links":[',
    `{"url":"${NAME}"}`,
    ']}}}',
  ),
  'bad links': fill('{"incident":{"state":"open","documentation":{"links":[', '1', ']}}}'),
  'not UTF-8': '\u0000'.repeat(MIB),
};

for (const [kind, parser] of Object.entries(parsers)) {
  describe(`as ${kind}`, () => {
    for (const [what, text] of Object.entries(bodies)) {
      const body = kind === 'a message' ? envelope(text) : Buffer.from(text);
      test(`${what} are refused or read in less than ${MAX_MS} ms`, () => {
        assert.ok(body.length <= MIB + 1_000, `${body.length}`);
        assertCpuTime(() => parse(parser, body), MAX_MS);
      });
    }
  });
}

/** A push message of at most 1 MiB. */
function envelope(text: string): Buffer {
  const data = Buffer.from(text).subarray(0, 780_000).toString('base64');
  return Buffer.from(JSON.stringify({ message: { data } }));
}

test('no JSON makes an error other than a refusal, or a large response', () => {
  const keys = fc.constantFrom('parent', 'targets', 'name', 'alerts', 'status', 'incident', 'x');
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      fc.jsonValue({ maxDepth: 1 }),
      fc.string({ unit: 'binary', maxLength: 500 }),
      fc.array(tie('tree'), { maxLength: 200 }),
      fc.dictionary(fc.oneof(keys, fc.string({ unit: 'binary', maxLength: 200 })), tie('tree'), {
        maxKeys: 100,
      }),
    ),
  }));
  fc.assert(
    fc.property(tree, fc.constantFrom(...Object.values(parsers)), (value, parser) => {
      parse(parser, Buffer.from(JSON.stringify(value)));
    }),
    { numRuns: 300 },
  );
});

test('the response to thousands of refused operations stays below 64 KiB', () => {
  const error = new Error('x');
  for (const length of [1, 100, 10_000]) {
    const items = Array.from({ length }, (_, n) => ({
      name: `${'\u0000'.repeat(256)}${n}`,
      error: StatusError.from(error),
    }));
    const render = () => renderAlertResult({ kind: 'cancel-many', items });
    assertCpuTime(render, MAX_MS);
    const { body } = render();
    assert.ok(Buffer.byteLength(body) < MAX_BYTES);
    const { operations, omitted = 0 } = JSON.parse(body);
    assert.equal(operations.length + omitted, length);
  }
});
