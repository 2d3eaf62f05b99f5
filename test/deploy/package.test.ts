/** The npm package: what is in it, and that its command line works where it is installed. */

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { cleanEnv } from '../support/function.ts';
import { copyTo, packedFiles, root, temporaryFolder } from './pack.ts';

const { version, bin, name, dependencies } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
);

describe('the npm package', () => {
  const folder = temporaryFolder();
  const user = join(folder, 'user');
  const env = cleanEnv({
    PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
    HOME: process.env.HOME ?? folder,
    NODE_V8_COVERAGE: '',
  });
  const cli = (...args: string[]) =>
    spawnSync(join(user, 'node_modules/.bin', name), args, { cwd: user, env, encoding: 'utf8' });
  let files: string[];

  before(() => {
    // In a copy: it builds, and other tests run what is built here.
    const project = join(folder, 'project');
    const more = ['src/cli', 'README.md', 'CHANGELOG.md', 'deploy/bundle-cli.ts'];
    copyTo(project, [...packedFiles(), ...more, 'deploy/cancel-hook.schema.json']);
    symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'));
    writeFileSync(join(project, '.env'), 'OPS_TOKEN=ops-token-0123456789\n');
    writeFileSync(join(project, 'deploy/key.json'), '{}');
    const args = ['pack', '--json', '--loglevel=error', `--pack-destination=${folder}`];
    const packed = JSON.parse(execFileSync('npm', args, { cwd: project, env, encoding: 'utf8' }));
    const [{ filename, files: listed }] = Object.values(packed) as [
      { filename: string; files: { path: string }[] },
    ];
    files = listed.map(({ path }) => path).toSorted();

    // As npm installs it, with the dependencies that are here.
    const modules = join(user, 'node_modules');
    mkdirSync(join(modules, '.bin'), { recursive: true });
    execFileSync('tar', ['-xzf', join(folder, filename), '-C', modules]);
    renameSync(join(modules, 'package'), join(modules, name));
    symlinkSync(`../${name}/${bin[name]}`, join(modules, '.bin', name));
    chmodSync(join(modules, name, bin[name]), 0o755);
    for (const dependency of Object.keys(dependencies)) {
      mkdirSync(dirname(join(modules, dependency)), { recursive: true });
      symlinkSync(join(root, 'node_modules', dependency), join(modules, dependency));
    }
    writeFileSync(join(user, 'package.json'), '{"private": true}');
  });
  after(() => rmSync(folder, { recursive: true }));

  test('holds what runs and what explains it: no source, test, key, .env, or bytecode', () => {
    const wanted =
      /^(package\.json|README\.md|LICENSE|CHANGELOG\.md|deploy\/(cancel-hook\.schema|runtime-env)\.json|src\/cli\/cancel-hook\.mjs|dist\/[\w-]+\.cjs(\.map|\.LEGAL\.txt)?|dist\/cli\/main\.mjs(\.LEGAL\.txt)?)$/;
    assert.deepEqual(
      files.filter((file) => !wanted.test(file)),
      [],
    );
    for (const file of ['dist/index.cjs', 'dist/function.cjs', 'dist/cli/main.mjs', bin[name]]) {
      assert.ok(files.includes(file), file);
    }
  });

  test('has a command line that runs where Node takes no TypeScript', () => {
    assert.equal(cli('--version').stdout, `${version}\n`);
    const config = {
      callers: { ops: { type: 'json', auth: { iam: true } } },
      allow: [{ callers: ['ops'], operations: ['projects/p/locations/*/operations/*'] }],
    };
    writeFileSync(join(user, 'hook.json'), JSON.stringify(config));
    const { status, stdout, stderr } = cli('check', 'hook.json');
    assert.equal(status, 0, stderr);
    assert.match(stdout, /ok: 1 caller, 1 rule/);
    writeFileSync(join(user, 'hook.json'), '{"callers": {}}');
    assert.equal(cli('check', 'hook.json').status, 1);
  });

  test('says that dev needs a checkout', () => {
    const { status, stderr } = cli('dev');
    assert.equal(status, 2);
    assert.match(stderr, /^error: dev needs a checkout of the project/);
  });

  test('is the function, which reads its configuration when it loads', () => {
    const script = `require('${name}'); process.exit(0)`;
    const { stderr, status } = spawnSync(process.execPath, ['--eval', script], {
      cwd: user,
      env: { ...env, CANCEL_HOOK_CONFIG: '{}' },
      encoding: 'utf8',
    });
    assert.equal(status, 1);
    assert.match(stderr, /"severity":"CRITICAL".*callers/, 'it has read its configuration');
  });
});
