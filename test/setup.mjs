/**
 * Makes a fresh clone ready: installs the locked dependencies where they are missing or older than
 * the lockfile, and builds. Plain JavaScript, for it runs on whatever Node the machine has.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);

const INSTALLED = 'node_modules/.package-lock.json';
const NODE = 'node_modules/node/bin/node';

function run(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' });
  if (error) console.error(`${command}: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}

function isInstalled() {
  return (
    existsSync(NODE) &&
    existsSync(INSTALLED) &&
    statSync(INSTALLED).mtimeMs >= statSync('package-lock.json').mtimeMs
  );
}

if (!isInstalled()) {
  console.error('Installing the locked dependencies (once) …');
  const npm = process.env.npm_execpath;
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  if (npm) run(process.execPath, [npm, ...args]);
  else run('npm', args);
}
run(NODE, ['deploy/bundle.ts']);
