#!/usr/bin/env node
/**
 * `npx --no -- cancel-hook …`: the command line, under the Node that the lockfile pins. Plain JavaScript, for
 * it runs on whatever Node the machine has; on a fresh clone it installs that Node first.
 */

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { install, NODE, run } from '../../test/install.mjs';

install();
// `dev` runs the function as it is deployed.
if (process.argv[2] === 'dev') run(NODE, ['deploy/bundle.ts']);
const main = fileURLToPath(new URL('main.ts', import.meta.url));
const { status, signal, error } = spawnSync(NODE, [main, ...process.argv.slice(2)], {
  stdio: 'inherit',
});
if (error) console.error(`${NODE}: ${error.message}`);
if (signal) process.kill(process.pid, signal);
process.exitCode = status ?? 1;
