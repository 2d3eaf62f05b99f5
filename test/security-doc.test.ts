import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { root } from './support/function.ts';

const text = readFileSync(`${root}/.github/SECURITY.md`, 'utf8');
const cited = [...text.matchAll(/\[([^\]]+)\]\(\.\.\/(test\/[\w/-]+\.test\.ts)\)/g)].map(
  ([, title = '', file = '']) => ({ title, file }),
);

/** The titles of a file's tests, as far as they are written out. */
function titlesIn(file: string): string[] {
  const source = readFileSync(`${root}/${file}`, 'utf8');
  return [...source.matchAll(/\b(?:test|describe)\(\s*(['"])((?:\\.|(?!\1).)*)\1/g)].map(
    ([, , title = '']) => title.replace(/\\(.)/g, '$1'),
  );
}

describe('SECURITY.md', () => {
  test('cites tests, and many', () => assert.ok(cited.length > 50, `${cited.length}`));

  for (const { title, file } of cited) {
    test(`${file}: ${title}`, () => {
      assert.ok(existsSync(`${root}/${file}`), file);
      assert.ok(titlesIn(file).includes(title), `${file} has no test of this title`);
    });
  }

  test('has a test for every threat', () => {
    const rows = [...text.matchAll(/^\| \*\*(.+?)\*\* \| (.+) \|$/gm)];
    assert.ok(rows.length > 15, `${rows.length} threats`);
    for (const [row, threat] of rows) assert.match(row, /\.test\.ts\)/, threat);
  });

  test('names each advisory that is tried, and no other', () => {
    const ids = (source: string) => new Set(source.match(/\b(GHSA(-\w{4}){3}|CVE-\d{4}-\d+)\b/g));
    const tried = ['test/advisories.test.ts', 'test/server/smuggling.test.ts'].map((file) =>
      readFileSync(`${root}/${file}`, 'utf8'),
    );
    assert.deepEqual([...ids(text)].toSorted(), [...ids(tried.join('\n'))].toSorted());
  });
});
