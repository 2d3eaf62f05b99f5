/** Runs test files, each in a process of its own. `npm test` and `npm run check` share it. */

import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';

/** These take longest, and most of them wait. They begin first, so that none is still running in the end. */
const LONGEST = [
  'deploy/terraform',
  'callers/slack-deadline',
  'browser/access',
  'browser/console',
  'browser/callers',
  'soak',
  'google/metadata-server',
  'deploy/pack',
  'contributing',
  'google/upstream-faults',
  'documentation',
].map((name) => `test/${name}.test.ts`);

// Each process would compile the same sources again.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(
  new URL('../node_modules/.cache/node', import.meta.url),
);

type Options = Pick<NonNullable<Parameters<typeof run>[0]>, 'concurrency' | 'timeout'>;

/** @returns whether all tests have passed */
export async function runTests(files: readonly string[], options: Options): Promise<boolean> {
  const ordered = [
    ...LONGEST.filter((file) => files.includes(file)),
    ...files.filter((file) => !LONGEST.includes(file)),
  ];
  let passed = true;
  const events = run({ ...options, files: ordered });
  events.on('test:fail', () => {
    passed = false;
  });
  for await (const text of events.compose(spec)) process.stdout.write(text);
  return passed;
}
