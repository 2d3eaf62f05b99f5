import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { checkSignedHead, type HmacScheme } from '../../src/auth/hmac.ts';
import { hmac } from '../../src/cli/send/senders/hmac.ts';

const NOW = 1_800_000_000_000;
const TIME = '1800000000';
const FULL: HmacScheme = {
  signature: 'x-signature',
  timestamp: 'x-time',
  id: 'x-id',
  version: 'v1=',
  separator: ',',
  encoding: 'hex',
  signedPrefix: (timestamp, id) => `${id}.${timestamp}.`,
};
const PLAIN: HmacScheme = {
  signature: 'x-signature',
  version: '',
  encoding: 'base64',
  signedPrefix: () => '',
};
const BODY = Buffer.from('body');

type Headers = Record<string, string | string[]>;

function check(scheme: HmacScheme, headers: Headers, { keys = ['old', 'key'], now = NOW } = {}) {
  return checkSignedHead(scheme, { headers, keys, now });
}

/** Returns whether the body fits, or why the headers are refused. */
function verify(...[scheme, headers, options]: Parameters<typeof check>) {
  const result = check(scheme, headers, options);
  return typeof result === 'string' ? result : result(BODY);
}

function sign(key = 'key', { timestamp = TIME, id = 'msg_1' } = {}): Record<string, string> {
  const signature = `v1=${hmac(key, [`${id}.${timestamp}.`, BODY], 'hex')}`;
  return { 'x-signature': signature, 'x-time': timestamp, 'x-id': id };
}

const good = sign();
const signature = good['x-signature'] ?? '';
const other = `v1=${'0'.repeat(64)}`;

describe('a signed head', () => {
  test('is accepted under each key, and only with the body that was signed', () => {
    for (const key of ['old', 'key']) {
      const result = check(FULL, sign(key));
      if (typeof result === 'string') assert.fail(result);
      assert.equal(result(BODY), true);
      assert.equal(result(Buffer.from('bodY')), false);
      assert.equal(result(Buffer.from('')), false);
    }
    assert.equal(verify(FULL, sign('another')), false);
    assert.equal(verify(FULL, good, { keys: [] }), false);
  });

  test('covers its timestamp and its id', () => {
    assert.equal(verify(FULL, { ...good, 'x-time': '1800000001' }), false);
    assert.equal(verify(FULL, { ...good, 'x-id': 'msg_2' }), false);
  });

  test('without a signature is refused as "no-credentials", whatever else it holds', () => {
    const { 'x-signature': _, ...rest } = good;
    assert.equal(verify(FULL, rest), 'no-credentials');
    assert.equal(verify(FULL, {}), 'no-credentials');
    assert.equal(verify(FULL, { ...good, 'x-signature': '' }), 'no-credentials');
    assert.equal(verify(PLAIN, {}), 'no-credentials');
  });

  test('without an id, or with a repeated header, is refused as "malformed"', () => {
    const { 'x-id': _, ...rest } = good;
    assert.equal(verify(FULL, rest), 'malformed');
    assert.equal(verify(FULL, sign('key', { id: '' })), 'malformed');
    for (const name of ['x-signature', 'x-id']) {
      for (const count of [1, 2]) {
        const repeated = Array<string>(count).fill(good[name] ?? '');
        assert.equal(verify(FULL, { ...good, [name]: repeated }), 'malformed', name);
      }
    }
  });

  test('is accepted for five minutes before and after its timestamp, else refused as "timestamp"', () => {
    for (const [milliseconds, expected] of [
      [-300_001, 'timestamp'],
      [-300_000, true],
      [0, true],
      [300_000, true],
      [300_001, 'timestamp'],
    ] as const) {
      assert.equal(verify(FULL, good, { now: NOW + milliseconds }), expected, `${milliseconds}`);
    }
  });

  test('whose timestamp is missing, repeated, or not 1 to 12 digits is refused as "timestamp"', () => {
    const { 'x-time': _, ...rest } = good;
    assert.equal(verify(FULL, rest), 'timestamp');
    assert.equal(verify(FULL, { ...good, 'x-time': [TIME] }), 'timestamp');
    for (const timestamp of [
      ...['', 'NaN', `${TIME}.0`, `x${TIME}`, `${TIME}x`, ` ${TIME}`, '18e8', '-1', '0x6B49D200'],
      ...['0001800000000'],
    ]) {
      assert.equal(verify(FULL, sign('key', { timestamp })), 'timestamp', timestamp);
    }
    const far = 999_999_999_999;
    assert.equal(verify(FULL, sign('key', { timestamp: `${far}` }), { now: far * 1000 }), true);
    assert.equal(verify(FULL, sign('key', { timestamp: '0' }), { now: 0 }), true);
  });

  test('whose scheme has no timestamp and no id ignores them', () => {
    const headers = { 'x-signature': hmac('key', [BODY], 'base64'), 'x-time': 'x', 'x-id': '' };
    assert.equal(verify(PLAIN, headers), true);
  });
});

describe('signatures', () => {
  for (const [what, text] of Object.entries({
    'behind another one': `${other},${signature}`,
    'with spaces around': ` ${other} , ${signature} `,
    'beside another version and an empty one': `v2=x,,${signature}`,
    'as the eighth': [...Array(7).fill(other), signature].join(),
    'as the eighth of their version': [
      ...Array(20).fill('v2=x'),
      ...Array(7).fill(other),
      signature,
    ].join(),
  })) {
    test(`${what} are accepted`, () => {
      assert.equal(verify(FULL, { ...good, 'x-signature': text }), true);
    });
  }

  test('beyond the eighth are not tried', () => {
    const text = [...Array(8).fill(other), signature].join();
    assert.equal(verify(FULL, { ...good, 'x-signature': text }), false);
  });

  for (const [what, text] of Object.entries({
    'without a version': signature.slice(3),
    'of another version': signature.replace('v1', 'v2'),
    'whose version has no value': 'v1=',
    'in capitals': signature.toUpperCase(),
    'in base64': `v1=${hmac('key', [`msg_1.${TIME}.`, BODY], 'base64')}`,
    'that are too short': signature.slice(0, -1),
    'that are too long': `${signature}0`,
    'with another separator': `${signature};${signature}`,
  })) {
    test(`${what} are refused as "malformed"`, () => {
      assert.equal(verify(FULL, { ...good, 'x-signature': text }), 'malformed');
    });
  }

  test('in a scheme without a separator are one', () => {
    const one = hmac('key', [BODY], 'base64');
    for (const text of [`${one},${one}`, `${one} ${one}`]) {
      assert.equal(verify(PLAIN, { 'x-signature': text }), 'malformed');
    }
  });
});

test('a signature is accepted only in the one form that its sender writes', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 3 }),
      fc.uint8Array(),
      fc.nat(),
      (keys, bytes, pick) => {
        for (const encoding of ['hex', 'base64'] as const) {
          const body = Buffer.from(bytes);
          const accepts = (text: string) => {
            const headers = { 'x-signature': text };
            const result = checkSignedHead({ ...PLAIN, encoding }, { headers, keys, now: NOW });
            return typeof result !== 'string' && result(body);
          };
          const right = hmac(keys[pick % keys.length] ?? '', [body], encoding);
          assert.ok(accepts(right));
          const written = encoding === 'hex' ? right.toUpperCase() : right.replace('=', '');
          assert.ok(written === right || !accepts(written));
          const foreign = hmac(
            keys[pick % keys.length] ?? '',
            [body],
            encoding === 'hex' ? 'base64' : 'hex',
          );
          for (const text of [foreign, right.slice(1), `x${right}`, `${right} x`]) {
            assert.ok(!accepts(text), text);
          }
        }
      },
    ),
  );
});
