import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { StatusError } from '../../src/errors.ts';
import { blank } from '../../src/google/redact.ts';
import { parseResponse } from '../../src/google/response.ts';

const TOKEN = 'ya29.secret/token+of=mine';
const received = (status: number, body: string) => ({ status, headers: {}, body });

describe('an answer that echoes the access token', () => {
  const error = (message: string) =>
    `{"error":{"code":403,"status":"PERMISSION_DENIED",${message}}}`;
  const echoes: Record<string, string> = {
    'in plain': error(`"message":"Bearer ${TOKEN}"`),
    'with escapes': error(
      `"message":"Bearer ${TOKEN.replace('/', '\\/').replace('s', '\\u0073')}"`,
    ),
    'as a key': error(`"message":"no","details":[{"${TOKEN}":1}]`),
    'under a key that comes twice': error(`"message":"Bearer ${TOKEN}","message":"denied"`),
    'with escapes, under a key that comes twice': error(
      `"message":"Bearer ${TOKEN.replace('s', '\\u0073').replace('/', '\\/')}","message":"denied"`,
    ),
    'in no JSON at all': `<p>${TOKEN}</p>`,
    'percent-encoded': error(`"message":"${encodeURIComponent(TOKEN)}"`),
    'percent-encoded through and through': error(
      `"message":"${[...TOKEN].map((c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`).join('')}"`,
    ),
    'in hexadecimal': error(`"message":"${Buffer.from(TOKEN).toString('hex')}"`),
    ...Object.fromEntries(
      ['', ' ', '  ', 'Bearer ', '{"authorization":"Bearer '].flatMap((before) =>
        (['base64', 'base64url'] as const).map((alphabet) => [
          `in ${alphabet} after ${JSON.stringify(before)}`,
          error(`"message":"${Buffer.from(`${before}${TOKEN}"}`).toString(alphabet)}"`),
        ]),
      ),
    ),
  };
  for (const [how, body] of Object.entries(echoes)) {
    test(`${how}, is handed on without it`, () => {
      const text = blank(received(403, body), new Set([TOKEN])).body;
      assert.ok(!text.includes(TOKEN), text);
      assert.ok(!JSON.stringify(tryParse(text)).includes(TOKEN), text);
      const bare = text.replaceAll('\\/', '/').replaceAll('\\u0073', 's');
      assert.ok(!bare.includes(TOKEN), 'nor where a parser would not look');
      for (const form of formsOf(TOKEN)) assert.ok(!text.includes(form), text);
    });
  }

  test('is handed on byte for byte where it does not', () => {
    const body = '{ "b" : 1.0, "a":\n12345678901234567890 }';
    assert.equal(blank(received(200, body), new Set([TOKEN])).body, body);
  });
});

test('whatever JSON upstream answers, it is a value or an error that may leave the function', () => {
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

/** What would give it away, wherever it stood in what was encoded. */
function formsOf(token: string): string[] {
  const [head, tail] = [token.slice(0, 12), token.slice(-12)];
  return [head, tail].flatMap((part) => [
    part,
    encodeURIComponent(part),
    Buffer.from(part).toString('hex'),
    ...[0, 1, 2].map((before) =>
      Buffer.from(' '.repeat(before) + part)
        .toString('base64')
        .slice(4, -4),
    ),
  ]);
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
