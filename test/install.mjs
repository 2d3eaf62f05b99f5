/**
 * Installs the locked dependencies where they are missing or not those of the lockfile. Plain
 * JavaScript, for it runs on whatever Node the machine has.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
export const NODE = `${root}node_modules/node/bin/node`;

const INSTALLED = `${root}node_modules/.package-lock.json`;
const STDERR = 2;

/** Runs a command in the project's root to its end, and ends with it where it fails. */
export function run(command, args, stdout = 'inherit') {
  const stdio = ['inherit', stdout, 'inherit'];
  const { status, error } = spawnSync(command, args, { cwd: root, stdio });
  if (error) console.error(`${command}: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}

/** Says so only where there is something to do; never on standard output, which may be a report. */
export function install() {
  if (isInstalled()) return;
  console.error('Installing the locked dependencies (once) …');
  const npm = process.env.npm_execpath;
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  if (npm) run(process.execPath, [npm, ...args], STDERR);
  else run('npm', args, STDERR);
}

/** By what npm has noted of its last install; what is optional may be missing on this machine. */
function isInstalled() {
  if (!existsSync(NODE) || !existsSync(INSTALLED)) return false;
  const packagesOf = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;
  const installed = packagesOf(INSTALLED);
  return Object.entries(packagesOf(`${root}package-lock.json`)).every(
    ([path, { version, optional }]) =>
      path === '' || optional || installed[path]?.version === version,
  );
}
