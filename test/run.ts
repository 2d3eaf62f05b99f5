/**
 * `npm test`: every test but those of the console, the deployment and others' software, which need programs that a fresh
 * machine may lack (`npm run check` runs them). With files as arguments, it runs these alone.
 */

import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/**
 * Under these the tests no longer show that the code does what it should. Most of it runs only in the
 * bundle, and there Node counts lines without code of their own, imports say, as not run.
 */
const COVERAGE = { lines: 92, branches: 91, functions: 90 };

/** Files that measure time, or test how the function starts: collecting coverage changes both. */
const WITHOUT_COVERAGE =
  /\/(redaction-canary|deployed|contributing|documentation|shutdown|.*-faults|metadata-server|request-size|find-resource-names|linear|fuzz|launched|slack-deadline|slow-senders|soak|uncaught-errors|unauthenticated)\.test\.ts$/;

const given = process.argv.slice(2);
const files = globSync('test/**/*.test.ts', {
  exclude: ['**/node_modules/**', 'test/{agents,bench,browser,console,deploy}/**'],
});
const [plain, counted] = [
  files.filter((file) => WITHOUT_COVERAGE.test(file)),
  files.filter((file) => !WITHOUT_COVERAGE.test(file)),
];

if (given.length > 0) run(given);
else {
  // Many of these wait rather than compute.
  run(plain, `--test-concurrency=${availableParallelism() + 1}`);
  run(
    counted,
    `--test-concurrency=${availableParallelism() + 1}`,
    // The function under test is the bundle: its source map tells which line of src has run.
    '--enable-source-maps',
    '--experimental-test-coverage',
    '--test-coverage-include=src/**',
    '--test-coverage-include=dist/function.cjs',
    `--test-coverage-lines=${COVERAGE.lines}`,
    `--test-coverage-branches=${COVERAGE.branches}`,
    `--test-coverage-functions=${COVERAGE.functions}`,
  );
}

/** Runs test files. A failure ends the process after both runs, so that one run shows all failures. */
function run(paths: readonly string[], ...options: string[]): void {
  const args = ['--test', '--test-timeout=120000', ...options, ...paths];
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  process.exitCode ||= status ?? 1;
}
