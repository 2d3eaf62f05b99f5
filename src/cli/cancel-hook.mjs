#!/usr/bin/env node
/**
 * `npx --no -- cancel-hook …`: the command line. Plain JavaScript, for it runs on whatever Node the machine has.
 *
 * In a checkout it runs the sources under the Node that the lockfile pins, and on a fresh clone it installs
 * that Node first. In the npm package it runs the bundled command line.
 */

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('main.ts', import.meta.url));
if (existsSync(main)) await runSources();
else await import('../../dist/cli/main.mjs');

async function runSources() {
  const { install, NODE, run } = await import('../../test/install.mjs');
  install();
  // `dev` runs the function as it is deployed.
  if (process.argv[2] === 'dev') run(NODE, ['deploy/bundle.ts']);
  const { status, signal, error } = spawnSync(NODE, [main, ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  if (error) console.error(`${NODE}: ${error.message}`);
  if (signal) process.kill(process.pid, signal);
  process.exitCode = status ?? 1;
}
