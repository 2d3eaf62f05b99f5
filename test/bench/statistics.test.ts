import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { quantile, randomFrom, ratios, shuffled, summarize } from './statistics.ts';

test('a median lies in the middle, whatever order the values came in', () => {
  assert.equal(summarize([9, 1, 5]).median, 5);
  assert.equal(summarize([4, 1, 2, 3]).median, 2.5);
  assert.equal(summarize([10, 9, 100]).median, 10, 'by value, not by their digits');
});

test('quartiles are those of R’s type 7', () => {
  const { low, high, least, most, count } = summarize([4, 3, 2, 1]);
  assert.deepEqual(
    { low, high, least, most, count },
    { low: 1.75, high: 3.25, least: 1, most: 4, count: 4 },
  );
});

test('nothing measured is no number, never a zero', () => {
  assert.ok(Number.isNaN(summarize([]).median));
  assert.ok(Number.isNaN(quantile([], 0.99)));
});

test('a ratio is of one round’s pair, so that a slow round disturbs none', () => {
  assert.deepEqual(ratios([1, 10, 3], [2, 20, 6]), [0.5, 0.5, 0.5]);
  assert.deepEqual(ratios([1, 2], [4]), [0.25]);
});

test('a shuffle loses nobody, and the same seed gives the same order', () => {
  fc.assert(
    fc.property(fc.array(fc.nat()), fc.integer({ min: 1, max: 2 ** 31 }), (items, seed) => {
      const once = shuffled(items, randomFrom(seed));
      assert.deepEqual(once.toSorted(), items.toSorted());
      assert.deepEqual(shuffled(items, randomFrom(seed)), once);
    }),
  );
});

test('everybody gets every place about as often', () => {
  const random = randomFrom(7);
  const first = new Map<string, number>();
  for (let round = 0; round < 3_000; round++) {
    const [winner = ''] = shuffled(['a', 'b', 'c'], random);
    first.set(winner, (first.get(winner) ?? 0) + 1);
  }
  for (const count of first.values()) assert.ok(Math.abs(count - 1_000) < 150, `${count}`);
});
