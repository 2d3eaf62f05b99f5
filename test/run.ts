/**
 * `npm test`: every test but those of the console and the deployment, which need programs that a fresh
 * machine may lack (`npm run check` runs them). With files as arguments, it runs these alone.
 *
 * `npm run coverage` collects coverage, too, and fails where it is too low. That takes a third longer.
 */

import { execFile, spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { runTests } from './run-tests.ts';

/**
 * Under these the tests no longer show that the code does what it should. Most of it runs only in the
 * bundle, and there Node counts lines without code of their own, imports say, as not run.
 */
const COVERAGE = { lines: 92, branches: 91, functions: 90 };

/** Files that measure time, or test how the function starts: collecting coverage changes both. */
const WITHOUT_COVERAGE =
  /\/(redaction-canary|deployed|contributing|documentation|shutdown|.*-faults|metadata-server|request-size|find-resource-names|linear|fuzz|launched|slack-deadline|slow-senders|soak|uncaught-errors|unauthenticated)\.test\.ts$/;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { coverage: { type: 'boolean', default: false } },
});
const files = globSync('test/**/*.test.ts', {
  exclude: ['**/node_modules/**', 'test/{agents,bench,browser,console,deploy}/**'],
});

const cores = availableParallelism();
const timeout = 120_000;

if (values.coverage) process.exitCode = collectCoverage();
else if (positionals.length > 0) await test(positionals, cores + 1);
else {
  // Files that measure time come first, while nothing else runs that computes a lot.
  await test(
    files.filter((file) => WITHOUT_COVERAGE.test(file)),
    cores + 1,
  );
  const others = files.filter((file) => !WITHOUT_COVERAGE.test(file));
  const starting = others.filter((file) => startsProcesses(file));
  await Promise.all([
    testInOneProcess(others.filter((file) => !starting.includes(file))),
    // Many of these wait rather than compute.
    test(starting, cores + 2),
  ]);
}

/** Runs test files. A failure ends the process after all runs, so that one run shows all failures. */
async function test(paths: readonly string[], concurrency: number): Promise<void> {
  if (!(await runTests(paths, { concurrency, timeout }))) process.exitCode = 1;
}

/** A process of its own costs more than most of these tests. Their results are shown together, in the end. */
async function testInOneProcess(paths: readonly string[]): Promise<void> {
  const args = ['--test', '--test-isolation=none', `--test-timeout=${timeout}`, ...paths];
  const { error, output } = await new Promise<{ error: Error | null; output: string }>(
    (resolve) => {
      execFile(process.execPath, args, { maxBuffer: 2 ** 27 }, (error, stdout, stderr) =>
        resolve({ error, output: stdout + stderr }),
      );
    },
  );
  process.stdout.write(output);
  if (error) process.exitCode = 1;
}

/** Returns whether a file starts processes or servers, itself or by what it imports of `test`. */
function startsProcesses(file: string): boolean {
  const imports = [...readFileSync(file, 'utf8').matchAll(/ from '([^']+)'/g)];
  return imports.some(([, to = '']) => {
    if (!to.startsWith('.')) return ['node:child_process', 'node:http', 'node:net'].includes(to);
    const imported = join(dirname(file), to);
    return imported.startsWith('test/') && startsProcesses(imported);
  });
}

/** @returns the exit code */
function collectCoverage(): number {
  const options = [
    // The function under test is the bundle: its source map tells which line of src has run.
    '--enable-source-maps',
    '--experimental-test-coverage',
    '--test-coverage-include=src/**',
    '--test-coverage-include=dist/function.cjs',
    `--test-coverage-lines=${COVERAGE.lines}`,
    `--test-coverage-branches=${COVERAGE.branches}`,
    `--test-coverage-functions=${COVERAGE.functions}`,
  ];
  const covered = files.filter((file) => !WITHOUT_COVERAGE.test(file));
  const args = ['--test', `--test-timeout=${timeout}`, ...options, ...covered];
  return spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1;
}
