import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { isFresh, verifyHmac } from '../src/proofs/hmac.ts';
import { checkStandardWebhook, keyOf } from '../src/proofs/standard-webhooks.ts';
import { hmac, signStandardWebhook } from '../src/webhooks/hmac.ts';
import { root } from './support/function.ts';

const BODY = '{}';

describe('standardWebhooks, as a function', () => {
  const now = 1_800_000_000_000;
  const key = Buffer.from('a key of some two dozen bytes');
  const verify = (body: Buffer, headers: Record<string, string | string[]>, at = now) =>
    checkStandardWebhook({ headers, keys: [key], now: at })?.(body) ?? false;
  const secret = `whsec_${key.toString('base64')}`;
  const headersOf = (body: Buffer) => signStandardWebhook(body, secret, now, 'msg_1');

  test('no byte of a body can be flipped, whatever bytes they are', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (bytes, at, flip) => {
          const body = Buffer.from(bytes);
          const headers = headersOf(body);
          assert.ok(verify(body, headers));
          const other = Buffer.from(body);
          const place = at % body.length;
          other[place] = (other[place] ?? 0) ^ flip;
          assert.ok(!verify(other, headers));
          assert.ok(!verify(Buffer.concat([body, Buffer.from(' ')]), headers));
        },
      ),
    );
  });

  test('exactly 5 minutes on either side are the limit', () => {
    const body = Buffer.from(BODY);
    for (const [seconds, good] of [
      [-301, false],
      [-300, true],
      [0, true],
      [300, true],
      [301, false],
    ] as const) {
      assert.equal(verify(body, headersOf(body), now + seconds * 1000), good, `${seconds} s`);
    }
  });

  test('a timestamp that is no plain number is refused, even where it is signed', () => {
    for (const timestamp of [
      '1800000000.0',
      '18e8',
      '-1',
      ' 1800000000',
      '0x6B49D200',
      'NaN',
      '',
    ]) {
      const body = Buffer.from(BODY);
      const signature = `v1,${hmac(key, [`msg_1.${timestamp}.`, body], 'base64')}`;
      const headers = { 'webhook-timestamp': timestamp, 'webhook-signature': signature };
      assert.ok(!verify(body, { ...headersOf(body), ...headers }), timestamp);
    }
    assert.ok(!isFresh(undefined, now));
  });

  test('a header that came twice is refused', () => {
    const body = Buffer.from(BODY);
    const headers = headersOf(body);
    for (const [name, value] of Object.entries(headers)) {
      assert.ok(!verify(body, { ...headers, [name]: [value, value] }), name);
    }
  });

  test('a secret is whsec_ and base64, nothing else', () => {
    assert.deepEqual(keyOf('whsec_AAAA'), Buffer.alloc(3));
    for (const text of [
      '',
      'whsec_',
      'AAAA',
      'whsec_A',
      'whsec_AAA',
      'whsec_AA=A',
      'WHSEC_AAAA',
      'whsec_AAAA ',
      'whsec_----',
    ]) {
      assert.equal(keyOf(text), undefined, text);
    }
  });

  const vector = `${root}/../shared/callers/standard-webhooks.signed-vector.json`;
  const skip = existsSync(vector)
    ? false
    : `the published vector is not here (${'../shared/callers'})`;
  test('the published vector is accepted at its time, and with no byte changed', { skip }, () => {
    const body = readFileSync(vector);
    const sources = readFileSync(`${root}/../shared/callers/SOURCES.md`, 'utf8');
    const line =
      sources.split('\n').find((text) => text.includes('standard-webhooks.signed-vector')) ?? '';
    const value = (name: string) => line.match(new RegExp(`${name}: ([^\`]+)\``))?.[1] ?? '';
    const keys = [
      keyOf(line.match(/whsec_[A-Za-z0-9+/=]+/)?.[0] ?? '') ?? assert.fail('no secret'),
    ];
    const headers = {
      'webhook-id': value('webhook-id'),
      'webhook-timestamp': value('webhook-timestamp'),
      'webhook-signature': value('webhook-signature'),
    };
    const at = Number(headers['webhook-timestamp']) * 1000;
    const check = checkStandardWebhook({ headers, keys, now: at });
    assert.equal(check?.(body), true);
    assert.equal(check(body.subarray(1)), false);
    assert.equal(checkStandardWebhook({ headers, keys, now: at + 301_000 }), undefined);
  });
});

test('an HMAC is accepted only in just the writing that its sender has', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 3 }),
      fc.string(),
      fc.nat(),
      (keys, text, pick) => {
        for (const encoding of ['hex', 'base64'] as const) {
          const accepts = (...signatures: string[]) =>
            verifyHmac({ keys, parts: [text.slice(0, 2), text.slice(2)], signatures, encoding });
          const right = hmac(keys[pick % keys.length] ?? '', [text], encoding);
          assert.ok(accepts(right) && accepts('', right));
          const other = encoding === 'hex' ? right.toUpperCase() : right.replace('=', '');
          assert.ok(other === right || !accepts(other));
          assert.ok(
            !accepts() && !accepts('') && !accepts(right.slice(1)) && !accepts(`${right} `),
          );
        }
      },
    ),
  );
});
