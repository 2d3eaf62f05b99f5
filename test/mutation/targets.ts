/**
 * Names what is mutated, and the tests that must find each mutant: those that import the code directly
 * and run in milliseconds. The fastest come first, since one failing test is enough.
 */

import { globSync } from 'node:fs';

const tests = (...names: string[]) => names.map((name) => `test/${name}.test.ts`);

export interface Target {
  readonly mutate: readonly string[];
  readonly testFiles: readonly string[];
  /** What the name of a suite has that is not run. */
  readonly leaveOut?: string;
}

export const TARGETS: Readonly<Record<string, Target>> = {
  auth: {
    mutate: ['src/auth/*.ts', 'src/errors.ts'],
    testFiles: [
      ...tests('errors'),
      ...globSync('test/auth/*.test.ts', {
        exclude: ['test/auth/http.test.ts', 'test/auth/replay.test.ts'],
      }).toSorted(),
    ],
  },
  'resource-name': {
    mutate: ['src/resource-name.ts', 'src/resource-pattern.ts'],
    testFiles: tests(
      'resource-name-patterns',
      'resource-name',
      'full-names',
      'policy/explain',
      'policy/full-names',
    ),
  },
  policy: {
    mutate: ['src/policy/*.ts'],
    testFiles: tests(
      'policy/rule',
      'policy/denial',
      'policy/explain',
      'policy/rule-cost',
      'policy/policy',
      'policy/full-names',
    ),
  },
};
