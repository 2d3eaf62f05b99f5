/** Stryker's settings for the target that the environment variable MUTATION_TARGET names. */

import { fileURLToPath } from 'node:url';
import { TARGETS } from './targets.ts';

const target = process.env.MUTATION_TARGET ?? 'auth';
const { mutate, ...nodeTest } = TARGETS[target];

export default {
  mutate,
  plugins: [fileURLToPath(new URL('runner.mjs', import.meta.url))],
  testRunner: 'node-test',
  nodeTest,
  coverageAnalysis: 'perTest',
  concurrency: 2,
  timeoutMS: 10_000,
  thresholds: { high: 95, low: 95, break: 95 },
  reporters: ['progress-append-only', 'clear-text', 'json'],
  jsonReporter: { fileName: `test/mutation/reports/${target}.json` },
  clearTextReporter: { allowColor: false, allowEmojis: false, logTests: false, reportTests: false },
  tempDirName: 'test/mutation/.stryker-tmp',
  ignorePatterns: ['dist', 'deploy', 'test/bench', 'test/browser', 'test/demo', 'test/mutation'],
  // It would rewrite the paths in it by an interface that TypeScript 7 does not have.
  tsconfigFile: 'none.json',
  // The files are TypeScript and stay so: Node strips their types.
  disableTypeChecks: false,
};
