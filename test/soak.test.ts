import assert from 'node:assert/strict';
import { test } from 'node:test';
import { soak } from './soak/soak.ts';

test('whatever fails, every request has one answer and one line, and nothing is done amiss', async (t) => {
  const { figures, violations } = await soak(20);
  t.diagnostic(JSON.stringify(figures));
  assert.deepEqual(violations, []);
  assert.ok(Number(figures.requests) > 1_000 && Number(figures['  retries within the budget']) > 0);
  assert.ok(Number(figures['  of these kinds']) > 5);
});
