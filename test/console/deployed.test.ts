/** The console is for development alone. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { packedFiles, root } from '../deploy/pack.ts';

test('nothing of the console, and no browser, is in what is deployed', () => {
  const packed = packedFiles();
  assert.ok(packed.includes('src/index.ts'));
  assert.deepEqual(
    packed.filter((file) => /^test\/|console|\.(html|css|js)$/.test(file)),
    [],
  );
  const { sources } = JSON.parse(readFileSync(join(root, 'dist/function.cjs.map'), 'utf8'));
  assert.ok(sources.includes('../src/index.ts'));
  assert.deepEqual(
    sources.filter((source: string) => /\btest\/|playwright/.test(source)),
    [],
  );
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  assert.equal(packages['node_modules/playwright-core'].dev, true);
});
