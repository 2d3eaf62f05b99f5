/** `npm run check`: everything that must hold before a change lands. Stops at the first failure. */

import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

// As test/run.ts does; Terraform's stand-in provider starts many times.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(
  new URL('../node_modules/.cache/node', import.meta.url),
);

const bin = (name: string) => `node_modules/.bin/${name}`;

/** After an `npm test`: what that has shown is not shown once more. */
const { values } = parseArgs({ options: { tested: { type: 'boolean', default: false } } });
const others = globSync('test/{agents,bench,browser,console,deploy}/**/*.test.ts', {
  exclude: ['**/node_modules/**'],
});

const steps: (readonly [name: string, command: string, ...args: string[]])[] = [
  ['format and lint', bin('biome'), 'ci', '--error-on-warnings', '.'],
  ['types', bin('tsc'), '--project', '.'],
  ['dead code', bin('knip')],
  ['licences', bin('node'), 'test/licences.ts'],
  ...(values.tested ? [] : [['tests', bin('node'), 'test/run.ts'] as const]),
  [
    'the other tests',
    bin('node'),
    '--test',
    '--test-timeout=300000',
    '--test-concurrency=4',
    ...others,
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
