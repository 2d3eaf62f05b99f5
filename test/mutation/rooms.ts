/**
 * Which rooms are mutated, and by which tests each mutant has to be found: those that import a room
 * by itself, and run in milliseconds. The quickest come first: the first that fails is enough.
 */

import { globSync } from 'node:fs';

const tests = (...names: string[]) => names.map((name) => `test/${name}.test.ts`);

export interface Room {
  readonly mutate: readonly string[];
  readonly testFiles: readonly string[];
  /** What the name of a suite has that is not run. */
  readonly leaveOut?: string;
}

export const ROOMS: Readonly<Record<string, Room>> = {
  proofs: {
    mutate: ['src/proofs/*.ts', 'src/status.ts'],
    testFiles: [...tests('status'), ...globSync('test/proofs/*.test.ts').toSorted()],
  },
  operation: {
    mutate: ['src/operation.ts'],
    testFiles: tests('patterns', 'operation'),
  },
  policy: {
    mutate: ['src/policy/*.ts'],
    testFiles: tests(
      'levels',
      'rules',
      'explain-words',
      'denial',
      'rule-search',
      'policy',
      'rule-looks',
      'explain',
      'rule-tree',
    ),
    // Code that can be mutated is many times slower: its time says nothing.
    leaveOut: 'costs at most',
  },
};
