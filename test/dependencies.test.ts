import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { isAllowed, licencesIn } from './licences.ts';
import { root } from './support/function.ts';

interface Locked {
  readonly version: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly link?: boolean;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly os?: readonly string[];
  readonly hasInstallScript?: boolean;
}

const json = (path: string) => JSON.parse(readFileSync(`${root}/${path}`, 'utf8'));
const manifest = json('package.json');

function lockOf(folder: string): [path: string, locked: Locked][] {
  const { packages } = json(`${folder}package-lock.json`);
  return Object.entries(packages as Record<string, Locked>).filter(([path]) => path !== '');
}

const locked = lockOf('');
const HASH = /^sha512-[A-Za-z0-9+/]{86}==$/;

describe('the lockfile', () => {
  test('has an integrity for every package that the function runs with', () => {
    const deployed = locked.filter(([, { dev }]) => !dev);
    assert.ok(deployed.length > 100);
    for (const [path, { integrity }] of deployed) assert.match(integrity ?? '', HASH, path);
  });

  /**
   * The lockfile was written where the registry serves no binaries of formatter and dead-code finder
   * but for its own machine: those of the others have a version, and no integrity.
   */
  test('has one for every package of development, but for binaries of other platforms', () => {
    const binary = /^node_modules\/(@biomejs\/cli-|@oxc-parser\/binding-)/;
    for (const [path, { integrity, dev, optional, os }] of locked) {
      if (integrity === undefined) assert.ok(dev && optional && os && binary.test(path), path);
      else assert.match(integrity, HASH, path);
    }
  });

  for (const folder of [
    ...['', 'test/agents/', 'test/bench/', 'test/clients/', 'test/mutation/'],
    'test/resource-facts/',
  ]) {
    test(`names no place but the registry that npm is set to (./${folder})`, () => {
      for (const [path, { resolved, link, version }] of lockOf(folder)) {
        assert.deepEqual([resolved, link], [undefined, undefined], path);
        assert.match(version, /^\d+\.\d+\.\d+(-[\w.-]+)?$/, path);
      }
    });
  }
});

describe('install scripts', () => {
  test('are those that package.json decides on, and no other', () => {
    const scripted = locked.filter(([, { hasInstallScript }]) => hasInstallScript);
    const names = scripted.map(([path]) => path.replace('node_modules/', ''));
    assert.deepEqual(names.toSorted(), Object.keys(manifest.allowScripts).toSorted());
  });

  test('run for Node alone, which nothing deployed depends on', () => {
    const allowed = Object.entries(manifest.allowScripts).filter(([, may]) => may);
    assert.deepEqual(allowed, [['node', true]]);
    assert.ok('node' in manifest.devDependencies);
  });
});

describe('licences', () => {
  test('are on the list, each of them', () => {
    const all = licencesIn(root);
    assert.equal(all.length, locked.length);
    for (const { name, licence, dev } of all)
      assert.ok(isAllowed(licence, dev), `${name}: ${licence}`);
  });

  test('that are not on the list are seen', () => {
    for (const licence of ['MIT', '(MIT OR GPL-3.0)', 'MIT AND ISC']) assert.ok(isAllowed(licence));
    const others = [
      'GPL-3.0',
      'MIT AND GPL-3.0',
      '(MIT OR ISC) AND GPL-3.0',
      '',
      'none told',
      '(MIT',
    ];
    for (const licence of others) assert.ok(!isAllowed(licence), licence);
    assert.ok(!isAllowed('MPL-2.0') && isAllowed('MPL-2.0', true), 'only for development');
  });
});

test('each direct dependency has its reason in CONTRIBUTING.md, and no other is named there', () => {
  const text = readFileSync(`${root}/.github/CONTRIBUTING.md`, 'utf8');
  const [, section = ''] = /^## Dependencies\n([\s\S]*?)(?=^## )/m.exec(text) ?? [];
  const rows = [...section.matchAll(/^\| `([^`]+)` \| (.+?) \|$/gm)];
  const named = rows.map(([, name = '']) => name);
  const direct = { ...manifest.dependencies, ...manifest.devDependencies };
  assert.deepEqual(named.toSorted(), Object.keys(direct).toSorted());
  for (const [, name, reason = ''] of rows) assert.ok(reason.length > 20, name);
});
