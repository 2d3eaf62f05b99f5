import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { StatusError } from '../../src/errors.ts';
import { parseResponse, redactToken } from '../../src/google/api-client.ts';

const TOKEN = 'ya29.secret/token+of=mine';
const received = (status: number, body: string) => ({ status, headers: {}, body });

test('an access token that upstream repeats is replaced wherever it stands', () => {
  const body = `{"error":{"code":403,"message":"Bearer ${TOKEN}","details":[{"${TOKEN}":1}]}}`;
  const { body: text } = redactToken(received(403, body), TOKEN);
  assert.equal(text, body.replaceAll(TOKEN, '[REDACTED]'));
});

test('a body without the access token stays as it is, byte for byte', () => {
  const body = '{ "b" : 1.0, "a":\n12345678901234567890 }';
  assert.equal(redactToken(received(200, body), TOKEN).body, body);
});

test('whatever JSON upstream answers, it is a value or a StatusError', () => {
  fc.assert(
    fc.property(
      fc.jsonValue(),
      fc.jsonValue(),
      fc.integer({ min: 100, max: 599 }),
      (a, b, status) => {
        for (const body of [a, { error: a }, { error: { status: a, message: b } }]) {
          try {
            const { value } = parseResponse(received(status, JSON.stringify(body)));
            assert.equal(typeof value, 'object');
          } catch (error) {
            assert.ok(error instanceof StatusError, String(error));
          }
        }
      },
    ),
    { numRuns: 2_000 },
  );
});

test('an error of upstream that is too large is passed on with the beginning of its message', () => {
  const error = {
    code: 403,
    message: 'x'.repeat(300_000),
    status: 'PERMISSION_DENIED',
    details: [],
  };
  try {
    parseResponse(received(403, JSON.stringify({ error })));
    assert.fail('was no error');
  } catch (thrown) {
    assert.ok(thrown instanceof StatusError);
    assert.ok(thrown.body.length < 64_000);
    const { code, message, status } = JSON.parse(thrown.body).error;
    assert.deepEqual([code, message.length, status], [403, 10_001, 'PERMISSION_DENIED']);
  }
});
