/** `npm run check`: everything that must hold before a change lands. Stops at the first failure. */

import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { parseArgs } from 'node:util';

const bin = (name: string) => `node_modules/.bin/${name}`;

/**
 * Under these the tests no longer show that the code does what it should. Most of it runs only in the
 * bundle, and there Node counts lines without code of their own, imports say, as not run.
 */
const COVERAGE = { lines: 92, branches: 91, functions: 90 };

/** Of what `npm test` runs: what takes long, and runs no line of src that the others do not. */
const LONG =
  /\/(redaction-canary|contributing|documentation|shutdown|.*-faults|metadata-server|fuzz|launched|slack-deadline|slow-senders|soak|uncaught-errors|unauthenticated)\.test\.ts$/;

/** After an `npm test`: what that has shown is not shown once more, but for the coverage's sake. */
const { values } = parseArgs({ options: { tested: { type: 'boolean', default: false } } });
const testing = /^test\/(?!(bench|browser|console|deploy)\/)/;
const files = globSync('test/**/*.test.ts', { exclude: ['**/node_modules/**'] });
const counted = files.filter((file) => !values.tested || (testing.test(file) && !LONG.test(file)));
const others = files.filter((file) => values.tested && !testing.test(file));

// A test that fails may leave a server behind, and must not hold up the others for ever.
const runTests = [bin('node'), '--test', '--test-force-exit', '--test-timeout=300000'] as const;

const steps: (readonly [name: string, command: string, ...args: string[]])[] = [
  ['format and lint', bin('biome'), 'ci', '--error-on-warnings', '.'],
  ['types', bin('tsc'), '--project', '.'],
  ['dead code', bin('knip')],
  ['licences', bin('node'), 'test/licences.ts'],
  [
    'tests with coverage',
    ...runTests,
    // The function under test is the bundle: its source map tells which line of src has run.
    '--enable-source-maps',
    '--test-concurrency=2',
    '--experimental-test-coverage',
    '--test-coverage-include=src/**',
    '--test-coverage-include=dist/function.cjs',
    `--test-coverage-lines=${COVERAGE.lines}`,
    `--test-coverage-branches=${COVERAGE.branches}`,
    `--test-coverage-functions=${COVERAGE.functions}`,
    ...counted,
  ],
];
if (others.length > 0)
  steps.push(['the other tests', ...runTests, '--test-concurrency=2', ...others]);

for (const [name, command, ...args] of steps) {
  console.log(`\n── ${name}`);
  const started = Date.now();
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' });
  if (error || status !== 0) {
    console.error(`✗ ${name}${error ? `: ${error.message}` : ''}`);
    process.exit(status || 1);
  }
  console.log(`✓ ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
}
