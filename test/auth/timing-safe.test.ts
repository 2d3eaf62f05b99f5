import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anySecret, sameSecret } from '../../src/auth/timing-safe.ts';

test('a secret is the same only where every byte is', () => {
  for (const [a, b, same] of [
    ['sesame', 'sesame', true],
    ['sesame', 'sesamf', false],
    ['sesame', 'sesame2', false],
    ['', '', true],
    ['', 'a', false],
    ['ä', 'a\u0308', false],
  ] as const) {
    assert.equal(sameSecret(a, b), same, `${a} ${b}`);
    assert.equal(sameSecret(Buffer.from(a), b), same, `${a} ${b}`);
  }
});

test('any of a list is accepted, wherever it stands; of none, nothing', () => {
  assert.ok(anySecret('b', ['a', 'b']) && anySecret('a', ['a', 'b']));
  assert.ok(!anySecret('c', ['a', 'b']) && !anySecret('a', []));
});
