#!/usr/bin/env node
/**
 * `npx --no -- cancel-hook …`: the command line. Plain JavaScript, for it runs on whatever Node the machine has.
 *
 * In a checkout it runs the sources under the Node that the lockfile pins, and on a fresh clone it installs
 * that Node first. In the npm package it runs the bundled command line.
 */

import { spawn } from 'node:child_process';
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
  const child = spawn(NODE, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  child.on('error', ({ message }) => {
    console.error(`${NODE}: ${message}`);
    process.exitCode = 1;
  });
  child.on('exit', (status, signal) => {
    if (signal) process.kill(process.pid, signal);
    process.exitCode = status ?? 1;
  });
  // The shell in which npx starts this does not pass a signal on: its end counts as the signal.
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) child.kill();
  }, 250).unref();
}
