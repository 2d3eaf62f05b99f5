/** `npm run check`: everything that must hold before a change lands. Stops at the first failure. */

import { spawnSync } from 'node:child_process';

const bin = (name: string) => `node_modules/.bin/${name}`;

/**
 * Under these the tests no longer show that the code does what it should. Most of it runs only in the
 * bundle, and there Node counts lines without code of their own, imports say, as not run.
 */
const COVERAGE = { lines: 85, branches: 90, functions: 85 };

const steps: readonly (readonly [name: string, command: string, ...args: string[]])[] = [
  ['format and lint', bin('biome'), 'ci', '--error-on-warnings', '.'],
  ['types', bin('tsc'), '--project', '.'],
  ['dead code', bin('knip')],
  ['licences', bin('node'), 'test/licences.ts'],
  [
    'tests with coverage',
    bin('node'),
    // The function under test is the bundle: its source map tells which line of src has run.
    '--enable-source-maps',
    '--test',
    // A test that fails may leave a server behind, and must not hold up the others for ever.
    '--test-force-exit',
    '--test-concurrency=2',
    '--test-timeout=300000',
    '--experimental-test-coverage',
    '--test-coverage-include=src/**',
    '--test-coverage-include=dist/**',
    `--test-coverage-lines=${COVERAGE.lines}`,
    `--test-coverage-branches=${COVERAGE.branches}`,
    `--test-coverage-functions=${COVERAGE.functions}`,
    'test/**/*.test.ts',
  ],
];

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
