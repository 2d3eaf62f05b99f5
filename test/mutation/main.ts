/**
 * `npm run mutation`: changes the code that guards the function in hundreds of ways, one at a time, and
 * holds that a test fails for each. One target alone: `npm run mutation -- auth`.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { TARGETS } from './targets.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));

/** Stryker is installed here, from its own lockfile, by those alone who run it. */
function install(): void {
  const installed = `${here}node_modules/.package-lock.json`;
  const lock = statSync(`${here}package-lock.json`);
  if (existsSync(installed) && statSync(installed).mtimeMs >= lock.mtimeMs) return;
  console.error('Installing Stryker (once) …');
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  execFileSync('npm', ['ci', ...quiet], { cwd: here, stdio: 'inherit' });
}

/** @returns whether so many mutants were found as the settings ask for */
function mutate(target: string): boolean {
  console.log(`\n── ${target}`);
  const stryker = `${here}node_modules/@stryker-mutator/core/bin/stryker.js`;
  const { status } = spawnSync(process.execPath, [stryker, 'run', `${here}stryker.config.mjs`], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, MUTATION_TARGET: target },
  });
  return status === 0;
}

const chosen = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(TARGETS);
const unknown = chosen.filter((target) => !(target in TARGETS));
if (unknown.length > 0) {
  console.error(
    `no target is called ${unknown.join()}; there are ${Object.keys(TARGETS).join(', ')}`,
  );
  process.exit(2);
}
install();
const failed = chosen.filter((target) => !mutate(target));
if (failed.length > 0) console.error(`Too many mutants live: ${failed.join(', ')}`);
process.exitCode = failed.length > 0 ? 1 : 0;
