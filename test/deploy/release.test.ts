/** How a version is released: one version everywhere, and a tag that is that version. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, beforeEach, describe, test } from 'node:test';
import { parse } from 'yaml';
import { copyTo, root, temporaryFolder } from './pack.ts';

const read = (file: string) => readFileSync(join(root, file), 'utf8');
const { version, scripts } = JSON.parse(read('package.json'));

test('the lockfile has the version of package.json, and the changelog its section', () => {
  const lock = JSON.parse(read('package-lock.json'));
  assert.deepEqual([lock.version, lock.packages[''].version], [version, version]);
  const [first, ...others] = [...read('CHANGELOG.md').matchAll(/^## (.+)$/gm)].map(
    ([, heading = '']) => /^\[?(Unreleased|\d+\.\d+\.\d+)\]?/.exec(heading)?.[1],
  );
  assert.equal(first, 'Unreleased');
  assert.equal(others[0], version);
  assert.ok(!others.includes(undefined));
});

describe('node deploy/release.ts', () => {
  const folder = temporaryFolder();
  after(() => rmSync(folder, { recursive: true }));
  const edit = (file: string, from: string, to: string) =>
    writeFileSync(join(folder, file), read(file).replaceAll(from, to));
  const release = (...args: string[]) =>
    spawnSync(process.execPath, [join(folder, 'deploy/release.ts'), ...args], { encoding: 'utf8' });

  beforeEach(() => {
    copyTo(folder, ['deploy/release.ts']);
    for (const file of ['package.json', 'package-lock.json']) {
      edit(file, `"version": "${version}"`, '"version": "9.8.7"');
    }
    edit(
      'CHANGELOG.md',
      '## [Unreleased]\n',
      '## [Unreleased]\n\n- Not released yet: q4vz.\n\n## [9.8.7] - 2031-02-03\n',
    );
  });

  test('writes the section of the changelog, and no other', () => {
    const { status, stdout, stderr } = release('v9.8.7');
    assert.deepEqual([status, stderr], [0, '']);
    assert.match(stdout, /^### Added\n/);
    assert.doesNotMatch(stdout, /q4vz|^## /m);
  });

  for (const [what, change, tag, error] of [
    ['another tag', () => {}, 'v9.8.6', /the tag is v9\.8\.6, and package\.json has 9\.8\.7/],
    ['no tag', () => {}, '', /the tag is missing/],
    [
      'another version in the lockfile',
      () => copyTo(folder, ['package-lock.json']),
      'v9.8.7',
      /package-lock\.json has another version/,
    ],
    [
      'a changelog without the version',
      () => copyTo(folder, ['CHANGELOG.md']),
      'v9.8.7',
      /no heading "## \[9\.8\.7\] - YYYY-MM-DD"/,
    ],
    [
      'a section without a date',
      () => edit('CHANGELOG.md', '## [Unreleased]\n', '## [9.8.7] - soon\n'),
      'v9.8.7',
      /no heading/,
    ],
  ] as const) {
    test(`refuses ${what}`, () => {
      change();
      const { status, stdout, stderr } = release(tag);
      assert.equal(status, 1);
      assert.equal(stdout, '');
      assert.match(stderr, error);
    });
  }
});

describe('the workflow of a release', () => {
  const text = read('.github/workflows/release.yml');
  const workflow = parse(text);
  const { steps, permissions } = workflow.jobs.release;
  const lines: string[] = steps.flatMap(({ run }: { run?: string }) => run ?? []);

  test('runs for a tag of a version only, and may write the release only', () => {
    assert.deepEqual(workflow.on, { push: { tags: ['v*'] } });
    assert.deepEqual(workflow.permissions, { contents: 'read' });
    assert.deepEqual(permissions, {
      contents: 'write',
      'id-token': 'write',
      attestations: 'write',
    });
    assert.doesNotMatch(text, /secrets\./);
  });

  test('takes actions by the hash of a commit, as CI does', () => {
    const used: string[] = steps.flatMap(({ uses }: { uses?: string }) => uses ?? []);
    for (const action of used) {
      assert.match(action, /^actions\/[a-z-]+@[0-9a-f]{40}$/);
      assert.match(text, new RegExp(`${action} # v\\d+\\.\\d+\\.\\d+\n`));
    }
    const ci = read('.github/workflows/ci.yml');
    for (const action of used.slice(0, 2)) assert.ok(ci.includes(action), action);
  });

  test('checks the tag before it builds, runs no install script, and names scripts that exist', () => {
    assert.match(lines[0] ?? '', /^node deploy\/release\.ts "\$GITHUB_REF_NAME"/);
    assert.equal(lines[1], 'npm ci --ignore-scripts');
    for (const line of lines) {
      const [, script] = /^npm run (?:--silent )?([\w-]+)/.exec(line) ?? [];
      if (script !== undefined) assert.ok(script in scripts, script);
      assert.equal(spawnSync('bash', ['-n'], { input: line }).status, 0, line);
    }
  });

  test('releases the files whose provenance it signs', () => {
    const attest = steps.find(({ uses }: { uses?: string }) => uses?.includes('attest'));
    const signed = attest.with['subject-path'].trim().split('\n');
    assert.deepEqual(signed, ['*.tgz', 'cancel-hook.cdx.json']);
    const [released = ''] = lines.slice(-1);
    for (const file of signed) assert.ok(released.includes(file), file);
    assert.ok(lines.indexOf('npm pack') < lines.indexOf(released));
    assert.ok(lines.some((line) => line.endsWith('sbom > cancel-hook.cdx.json')));
  });
});
