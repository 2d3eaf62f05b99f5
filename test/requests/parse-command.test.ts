import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { assertError } from '../support/error-form.ts';
import { OPERATIONS, OPS_TOKEN, startTestApp, type TestApp } from '../support/test-app.ts';

const NAME = `${OPERATIONS}/operation-1`;
const LIMIT = 4096;

let app: TestApp;
before(async () => {
  app = await startTestApp({
    config: { allow: [{ operations: [`${OPERATIONS}/*`] }], limits: { bodyBytes: LIMIT } },
  });
});
after(() => app.stop());
beforeEach(() => app.emulator.clearRequests());

/** Every refusal in this file must leave upstream alone. */
function assertNothingLeft(): void {
  assert.deepEqual(
    app.emulator.requests.filter(({ path }) => path.startsWith('/v1/')),
    [],
  );
}

function post(body: string | Buffer, headers: Record<string, string> = {}) {
  const request = app.process.http.post('/ops').set({
    Authorization: `Bearer ${OPS_TOKEN}`,
    'Content-Type': 'application/json',
    ...headers,
  });
  // A Buffer is sent as it is; superagent would write a string as JSON once more.
  return request.serialize((value) => value as unknown as string).send(body as never);
}

describe('a body that cannot be read is MALFORMED_BODY', () => {
  const bodies: Record<string, string | Buffer> = {
    'malformed JSON': '{"name": ',
    'nothing at all': '',
    'blanks only': ' \n',
    'two values': '{} {}',
    'a comment': '{} // cancel',
    'a single quote': "{'name': 'x'}",
    NaN: '{"wait": NaN}',
    'UTF-8 cut short': Buffer.from([0x22, 0xe2, 0x82, 0x22]),
    'an overlong UTF-8 form': Buffer.from([0x22, 0xc0, 0xaf, 0x22]),
    'a lone surrogate, encoded': Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]),
    'UTF-16': Buffer.from(JSON.stringify({ name: NAME }), 'utf16le'),
    'a zero byte': '{"name":"a"}\0',
    'a form': 'name=projects%2Fp',
  };
  for (const [what, body] of Object.entries(bodies)) {
    test(what, async () => {
      assertError(await post(body), 'MALFORMED_BODY');
      assertNothingLeft();
    });
  }

  test('as application/octet-stream, too', async () => {
    assertError(await post('{', { 'Content-Type': 'application/octet-stream' }), 'MALFORMED_BODY');
  });
});

describe('a body that the schema refuses is INVALID_REQUEST and names each field', () => {
  const bodies: [string, unknown, string[]][] = [
    ['no name', {}, ['name']],
    ['a name that is no string', { name: 7 }, ['name']],
    ['a name that is null', { name: null }, ['name']],
    ['an unknown field', { name: NAME, nmae: NAME }, ['nmae']],
    ['several faults at once', { wait: 20, validateOnly: 'yes' }, ['name', 'validateOnly', 'wait']],
    ['faults of each kind', { name: 'x', wait: '56s', more: 1 }, ['more', 'name', 'wait']],
    ['a wait that is no duration', { name: NAME, wait: '20 seconds' }, ['wait']],
    ['a wait that is too long', { name: NAME, wait: '56s' }, ['wait']],
    ['a wait that is negative', { name: NAME, wait: '-1s' }, ['wait']],
    ['a reason of 257 characters', { name: NAME, reason: 'r'.repeat(257) }, ['reason']],
    ['a name that is none', { name: 'projects/p' }, ['name']],
    ['an array', [{ name: NAME }], ['body']],
    ['a string', NAME, ['body']],
    ['null', null, ['body']],
    ['a number', 1, ['body']],
  ];
  for (const [what, body, fields] of bodies) {
    test(what, async () => {
      const { violations } = assertError(await post(JSON.stringify(body)), 'INVALID_REQUEST');
      assert.deepEqual([...new Set(violations.map(({ field }) => field))].sort(), fields);
      for (const { description } of violations) assert.ok(description.length > 0);
      assertNothingLeft();
    });
  }

  for (const key of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype']) {
    test(`${key} is an unknown field like any other, and gives no other`, async () => {
      const { violations } = assertError(
        await post(`{"name": ${JSON.stringify(NAME)}, ${JSON.stringify(key)}: {"name": "x"}}`),
        'INVALID_REQUEST',
      );
      assert.deepEqual(
        violations.map(({ field }) => field),
        [key],
      );
      const alone = assertError(
        await post(`{${JSON.stringify(key)}: {"name": ${JSON.stringify(NAME)}}}`),
        'INVALID_REQUEST',
      );
      assert.ok(alone.violations.some(({ field }) => field === 'name'));
      assertNothingLeft();
    });
  }
});

describe('what a caller does not take is UNSUPPORTED_MEDIA_TYPE', () => {
  const json = Buffer.from(JSON.stringify({ name: NAME }));
  const coded: Record<string, Buffer> = {
    gzip: gzipSync(json),
    br: brotliCompressSync(json),
    deflate: deflateSync(json),
    'x-unheard-of': json,
    'identity, gzip': json,
  };
  for (const [encoding, body] of Object.entries(coded)) {
    test(`Content-Encoding: ${encoding}`, async () => {
      assertError(await post(body, { 'Content-Encoding': encoding }), 'UNSUPPORTED_MEDIA_TYPE');
      assertNothingLeft();
    });
  }
  for (const type of [
    'text/plain',
    'text/html; charset=utf-8',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonp',
    'application/json, text/plain',
    'application/+json/x',
    'text/json+json',
    'json',
    'application/json; charset=utf-16',
    'application/json; charset=iso-8859-1',
    'application/octet-stream; charset=latin1',
  ]) {
    test(`Content-Type: ${type}`, async () => {
      assertError(await post(json, { 'Content-Type': type }), 'UNSUPPORTED_MEDIA_TYPE');
      assertNothingLeft();
    });
  }
});

test('what a json caller takes is taken', async () => {
  for (const type of [
    'application/json',
    'application/json; charset=utf-8',
    'APPLICATION/JSON;Charset="UTF-8"',
    'application/vnd.example+json',
    'application/octet-stream',
  ]) {
    const name = app.createOperation();
    const body = Buffer.from(JSON.stringify({ name }));
    const answer = await post(body, { 'Content-Type': type, 'Content-Encoding': 'identity' });
    assert.equal(answer.status, 200, `${type}: ${answer.text}`);
  }
});
