import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { createSignatureVerifier, isWithinTolerance, verifyHmac } from '../../src/auth/hmac.ts';
import { hmac } from '../../src/cli/send/senders/hmac.ts';

test('each pair of a key and a signature is tried, in either writing', () => {
  for (const encoding of ['hex', 'base64'] as const) {
    const good = hmac('two', ['a', 'b'], encoding);
    const verify = (keys: string[], ...signatures: string[]) =>
      verifyHmac({ keys, parts: [Buffer.from('a'), 'b'], signatures, encoding });
    assert.ok(verify(['one', 'two'], 'x', good));
    assert.ok(verify(['two', 'one'], good, 'x'));
    assert.ok(!verify(['one'], good));
    assert.ok(!verify(['one', 'two'], 'x', ''));
    assert.ok(!verify([], good) && !verify(['two']));
    const other = hmac('two', ['a', 'b'], encoding === 'hex' ? 'base64' : 'hex');
    assert.ok(!verify(['two'], other));
  }
});

describe('what a head leaves to check', () => {
  const none = { hex: '0'.repeat(64), base64: `${'A'.repeat(43)}=` };
  const given = (encoding: 'hex' | 'base64', ...signatures: string[]) =>
    createSignatureVerifier({ keys: ['old', 'key'], signed: '1:', signatures, encoding });

  for (const encoding of ['hex', 'base64'] as const) {
    const good = hmac('key', ['1:', 'body'], encoding);

    test(`is the body, under each key, where a signature may be good: ${encoding}`, () => {
      const check = given(encoding, none[encoding], good) ?? assert.fail();
      assert.equal(check(Buffer.from('body')), true);
      assert.equal(check(Buffer.from('bodY')), false);
    });

    test(`is nothing where none is written as one: ${encoding}`, () => {
      const other = encoding === 'hex' ? good.toUpperCase() : good.replace('=', '');
      const another = hmac('key', ['1:', 'body'], encoding === 'hex' ? 'base64' : 'hex');
      for (const signature of [
        '',
        other,
        another,
        `${good} `,
        `x${good}`,
        `${good}\n`,
        good.slice(1),
      ]) {
        assert.equal(given(encoding, signature), undefined, signature);
      }
      assert.equal(given(encoding), undefined);
    });

    test(`are eight signatures at most, of those that are written as one: ${encoding}`, () => {
      const strangers = Array<string>(7).fill(none[encoding]);
      const body = Buffer.from('body');
      assert.ok(given(encoding, ...strangers, good)?.(body));
      assert.ok(given(encoding, 'x', '', ...strangers, good)?.(body));
      assert.ok(!given(encoding, ...strangers, none[encoding], good)?.(body));
    });
  }
});

test('a time is seconds as plain digits, within five minutes on either side', () => {
  const now = 1_800_000_000_000;
  for (const [timestamp, fresh] of [
    ['1800000000', true],
    ['1799999700', true],
    ['1800000300', true],
    ['1799999699', false],
    ['1800000301', false],
    ['1800000000.0', false],
    ['x1800000000', false],
    ['1800000000x', false],
    ['', false],
    [undefined, false],
    ['NaN', false],
  ] as const) {
    assert.equal(isWithinTolerance(timestamp, now), fresh, timestamp);
  }
  assert.ok(isWithinTolerance('1800000300', now - 0) && !isWithinTolerance('1800000300', now - 1));
  assert.ok(isWithinTolerance('0', 300_000));
  const far = 1e15 - 1000;
  assert.ok(
    isWithinTolerance('999999999999', far) && !isWithinTolerance('0999999999999', far),
    'twelve digits at most',
  );
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
