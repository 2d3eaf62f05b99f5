/** A few thousand fuzzed cases each time, from a new seed; `npm run fuzz` runs many more. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PROPERTIES, runProperty } from './fuzz/run.ts';

const CASES = 4_000;
const seed = Date.now() % 2 ** 31;

for (const property of PROPERTIES) {
  test(`no fuzzed case breaks a law: ${property.name}`, async (t) => {
    const ran = await runProperty(property, { cases: (CASES * property.share) / 100, seed });
    for (const note of ran.notes) t.diagnostic(note);
    t.diagnostic(`seed ${seed}: ${ran.runs} cases, ${ran.figures}`);
    assert.equal(ran.failure, undefined, ran.failure);
  });
}
