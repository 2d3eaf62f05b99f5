import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { root } from './support/function.ts';

type Packages = Readonly<Record<string, { version: string; optional?: true }>>;

const LOCKED: Packages = {
  '': { version: '0.1.0' },
  'node_modules/node': { version: '24.0.0' },
  'node_modules/ajv': { version: '8.0.0' },
  'node_modules/elsewhere': { version: '1.0.0', optional: true },
};
const { 'node_modules/elsewhere': _, ...HERE } = LOCKED;

describe('the locked dependencies', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cancel-hook-install-'));
    for (const made of ['test', 'node_modules/node/bin']) {
      mkdirSync(join(folder, made), { recursive: true });
    }
    cpSync(join(root, 'test/install.mjs'), join(folder, 'test/install.mjs'));
    writeFileSync(join(folder, 'npm.cjs'), "require('node:fs').writeFileSync('asked', '')");
    writeFileSync(join(folder, 'node_modules/node/bin/node'), '');
    note('node_modules/.package-lock.json', HERE);
    note('package-lock.json', LOCKED);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const note = (file: string, packages: Packages) =>
    writeFileSync(join(folder, file), JSON.stringify({ packages }));

  function installs(): boolean {
    const script = "import { install } from './test/install.mjs'; install();";
    execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
      cwd: folder,
      env: { npm_execpath: join(folder, 'npm.cjs') },
      stdio: 'ignore',
    });
    return existsSync(join(folder, 'asked'));
  }

  test('are not installed again, however new the lockfile is', () => {
    assert.equal(installs(), false);
  });

  test('are installed where one of them has changed', () => {
    note('package-lock.json', { ...LOCKED, 'node_modules/ajv': { version: '8.0.1' } });
    assert.equal(installs(), true);
  });

  test('are installed where one has come', () => {
    note('package-lock.json', { ...LOCKED, 'node_modules/new': { version: '1.0.0' } });
    assert.equal(installs(), true);
  });

  for (const missing of ['node_modules/.package-lock.json', 'node_modules/node/bin/node']) {
    test(`are installed where there is no ${missing}`, () => {
      rmSync(join(folder, missing));
      assert.equal(installs(), true);
    });
  }
});
