/**
 * `npm test`: every test but those of the console and the deployment, which need programs that a fresh
 * machine may lack (`npm run check` runs them). With files as arguments, it runs these alone.
 *
 * `npm run coverage` collects coverage, too, and fails where it is too low. That takes a third longer.
 */

import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/**
 * Under these the tests no longer show that the code does what it should. Most of it runs only in the
 * bundle, and there Node counts lines without code of their own, imports say, as not run.
 */
const COVERAGE = { lines: 92, branches: 91, functions: 90 };

/** Files that measure time, or test how the function starts: collecting coverage changes both. */
const WITHOUT_COVERAGE =
  /\/(redaction-canary|deployed|contributing|documentation|shutdown|.*-faults|metadata-server|request-size|find-resource-names|linear|fuzz|launched|slack-deadline|slow-senders|soak|uncaught-errors|unauthenticated)\.test\.ts$/;

// Each file is a process, which would compile the same sources again.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(
  new URL('../node_modules/.cache/node', import.meta.url),
);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { coverage: { type: 'boolean', default: false } },
});
const files = globSync('test/**/*.test.ts', {
  exclude: ['**/node_modules/**', 'test/{agents,bench,browser,console,deploy}/**'],
});

if (positionals.length > 0) run(positionals);
else if (values.coverage) {
  run(
    files.filter((file) => !WITHOUT_COVERAGE.test(file)),
    // The function under test is the bundle: its source map tells which line of src has run.
    '--enable-source-maps',
    '--experimental-test-coverage',
    '--test-coverage-include=src/**',
    '--test-coverage-include=dist/function.cjs',
    `--test-coverage-lines=${COVERAGE.lines}`,
    `--test-coverage-branches=${COVERAGE.branches}`,
    `--test-coverage-functions=${COVERAGE.functions}`,
  );
} else {
  // Files that measure time come first, while nothing else runs that computes a lot.
  run(files.filter((file) => WITHOUT_COVERAGE.test(file)));
  run(
    files.filter((file) => !WITHOUT_COVERAGE.test(file)),
    // Many of these wait rather than compute.
    `--test-concurrency=${availableParallelism() + 3}`,
  );
}

/** Runs test files. A failure ends the process after all runs, so that one run shows all failures. */
function run(paths: readonly string[], ...options: string[]): void {
  const concurrency = `--test-concurrency=${availableParallelism() + 1}`;
  const args = ['--test', '--test-timeout=120000', concurrency, ...options, ...paths];
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  process.exitCode ||= status ?? 1;
}
