/**
 * `npm run mutation`: changes the code that guards the house in hundreds of ways, one at a time, and
 * holds that a test fails for each. What is given behind `--` goes to Stryker, such as
 * `--mutate src/proofs/basic.ts`.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

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

install();
const { status } = spawnSync(
  process.execPath,
  [
    `${here}node_modules/@stryker-mutator/core/bin/stryker.js`,
    'run',
    `${here}stryker.config.mjs`,
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: 'inherit' },
);
process.exitCode = status ?? 1;
