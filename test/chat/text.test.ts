import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { codeSpan, truncate } from '../../src/chat/text.ts';

test('a cut text ends with a mark and never with half a character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 20 }), (text, max) => {
      const cut = truncate(text, max);
      assert.ok(cut.length <= max);
      assert.ok(cut.isWellFormed());
      assert.equal(cut === text, text.length <= max);
      if (cut !== text) assert.ok(cut.endsWith('…'));
    }),
  );
});

test('a quoted message has at most 500 characters', () => {
  assert.deepEqual(codeSpan('x'.repeat(501)), { code: `${'x'.repeat(499)}…` });
});
