import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { root } from './support/function.ts';

const text = readFileSync(`${root}/.github/SECURITY.md`, 'utf8');

/** That each link leads to a file is a test of all documents. */
describe('SECURITY.md', () => {
  test('links at least one test for every threat', () => {
    const rows = [...text.matchAll(/^\| \*\*(.+?)\*\* \| (.+) \|$/gm)];
    assert.ok(rows.length > 30, `${rows.length} threats`);
    for (const [row, threat] of rows) {
      assert.match(row, /\]\(\.\.\/test\/[\w/-]+\.test\.ts\)/, threat);
    }
  });

  test('names each advisory that is tested, and no other', () => {
    const ids = (source: string) => new Set(source.match(/\b(GHSA(-\w{4}){3}|CVE-\d{4}-\d+)\b/g));
    const tested = ['test/advisories.test.ts', 'test/server/smuggling.test.ts'].map((file) =>
      readFileSync(`${root}/${file}`, 'utf8'),
    );
    assert.deepEqual([...ids(text)].toSorted(), [...ids(tested.join('\n'))].toSorted());
  });
});
