import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchesAny, timingSafeEqualString } from '../../src/auth/timing-safe.ts';

test('a secret is the same only where every byte is', () => {
  for (const [a, b, same] of [
    ['sesame', 'sesame', true],
    ['sesame', 'sesamf', false],
    ['sesame', 'sesame2', false],
    ['', '', true],
    ['', 'a', false],
    ['ä', 'a\u0308', false],
  ] as const) {
    assert.equal(timingSafeEqualString(a, b), same, `${a} ${b}`);
    assert.equal(timingSafeEqualString(Buffer.from(a), b), same, `${a} ${b}`);
  }
});

test('any of a list is accepted, wherever it stands; of none, nothing', () => {
  assert.ok(matchesAny('b', ['a', 'b']) && matchesAny('a', ['a', 'b']));
  assert.ok(!matchesAny('c', ['a', 'b']) && !matchesAny('a', []));
});
