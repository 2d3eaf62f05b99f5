/**
 * Which rooms are mutated, and by which tests each mutant has to be found: those that import a room
 * by itself, and run in milliseconds.
 */

import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const NAMED = ['patterns', 'operation', 'status', 'rules', 'policy', 'rule-tree'];

export default {
  mutate: [
    'src/operation.ts',
    'src/status.ts',
    'src/policy/{policy,rule,rule-tree,levels}.ts',
    'src/proofs/*.ts',
  ],
  plugins: [fileURLToPath(new URL('runner.mjs', import.meta.url))],
  testRunner: 'node-test',
  nodeTest: {
    testFiles: [
      ...NAMED.map((name) => `test/${name}.test.ts`),
      ...globSync('test/proofs/*.test.ts').toSorted(),
    ],
  },
  coverageAnalysis: 'perTest',
  concurrency: 2,
  timeoutMS: 20_000,
  thresholds: { high: 95, low: 95, break: 95 },
  reporters: ['progress-append-only', 'clear-text', 'json'],
  jsonReporter: { fileName: 'test/mutation/reports/mutation.json' },
  clearTextReporter: { allowColor: false, allowEmojis: false, logTests: false, reportTests: false },
  tempDirName: 'test/mutation/.stryker-tmp',
  ignorePatterns: ['dist', 'deploy', 'test/bench', 'test/browser', 'test/demo', 'test/mutation'],
  // It would rewrite the paths in it by an interface that TypeScript 7 does not have.
  tsconfigFile: 'none.json',
  // The files are TypeScript and stay so: Node strips their types.
  disableTypeChecks: false,
};
