import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DISCONNECT_MOMENTS } from './soak/disconnect.ts';
import { findGrowth, soak } from './soak/soak.ts';

test('whatever fails, every request has one answer and one line, and nothing is done amiss', async (t) => {
  const { figures, violations } = await soak(20);
  t.diagnostic(JSON.stringify(figures));
  assert.deepEqual(violations, []);
  assert.ok(Number(figures.requests) > 1_000 && Number(figures['  retries within the budget']) > 0);
  assert.ok(Number(figures['  of these kinds']) > 5);
  for (const moment of DISCONNECT_MOMENTS) {
    assert.ok(Number(figures[`  left ${moment}`]) > 0, moment);
  }
});

test('memory that grows slowly is told from memory that is flat, with peaks', () => {
  const flat = Array.from({ length: 80 }, (_, n) => (n < 15 ? 60 + 4 * n : 120 + 25 * (n % 3)));
  assert.deepEqual(findGrowth(flat), []);
  assert.equal(findGrowth(flat.map((megabytes, n) => megabytes + n / 2)).length, 1);
});
