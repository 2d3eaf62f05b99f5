/** `npm run check`: everything that must hold before a change lands. Stops at the first failure. */

import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { runTests } from './run-tests.ts';

const bin = (name: string) => `node_modules/.bin/${name}`;

/** After an `npm test`: what that has shown is not shown once more. */
const { values } = parseArgs({ options: { tested: { type: 'boolean', default: false } } });
const others = globSync('test/{agents,bench,browser,console,deploy}/**/*.test.ts', {
  exclude: ['**/node_modules/**'],
});

const command = (name: string, ...args: string[]) => {
  const { status, error } = spawnSync(bin(name), args, { stdio: 'inherit' });
  if (error) console.error(error.message);
  return status === 0;
};

const steps: Readonly<Record<string, () => boolean | Promise<boolean>>> = {
  'format and lint': () => command('biome', 'ci', '--error-on-warnings', '.'),
  types: () => command('tsc', '--project', '.'),
  'dead code': () => command('knip'),
  licences: () => command('node', 'test/licences.ts'),
  ...(values.tested ? {} : { tests: () => command('node', 'test/run.ts') }),
  'the other tests': () => runTests(others, { concurrency: 3, timeout: 300_000 }),
};

for (const [name, passes] of Object.entries(steps)) {
  console.log(`\n── ${name}`);
  const started = Date.now();
  if (!(await passes())) {
    console.error(`✗ ${name}`);
    process.exit(1);
  }
  console.log(`✓ ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
}
