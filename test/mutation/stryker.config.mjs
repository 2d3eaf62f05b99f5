/**
 * Which rooms are mutated, and by which tests each mutant has to be found: those that import a room
 * by itself, and run in milliseconds.
 */
export default {
  mutate: ['src/operation.ts', 'src/status.ts', 'src/policy/*.ts', 'src/proofs/*.ts'],
  testRunner: 'tap',
  tap: {
    testFiles: [
      'test/operation.test.ts',
      'test/status.test.ts',
      'test/policy.test.ts',
      'test/rule-tree.test.ts',
      'test/proofs/*.test.ts',
    ],
    nodeArgs: ['--test-reporter=tap', '-r', '{{hookFile}}', '{{testFile}}'],
    forceBail: true,
  },
  coverageAnalysis: 'perTest',
  concurrency: 2,
  timeoutMS: 20_000,
  thresholds: { high: 95, low: 95, break: 95 },
  reporters: ['clear-text', 'json'],
  jsonReporter: { fileName: 'test/mutation/reports/mutation.json' },
  clearTextReporter: { allowColor: false, allowEmojis: false, logTests: false, reportTests: false },
  tempDirName: 'test/mutation/.stryker-tmp',
  // What no test of these rooms needs. Paths in it would be looked up by Stryker for nothing.
  ignorePatterns: ['dist', 'deploy', 'test/bench', 'test/browser', 'test/demo', 'test/mutation'],
  // It would rewrite the paths in it by an interface that TypeScript 7 does not have.
  tsconfigFile: 'none.json',
};
