/** Rules and questions of all kinds, near enough to each other to match often. */

import fc from 'fast-check';
import type { AuthorizationRequest, Rule } from '../../src/policy/rule.ts';
import type { ResourceName } from '../../src/resource-name.ts';
import { parseRules, type RuleInput } from './fakes.ts';

const some = <T>(values: readonly T[], maxLength = 3) =>
  fc.subarray([...values], { minLength: 1, maxLength });
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 });

const WORDS = ['a', 'ab', 'abc', 'abcd', 'b', 'a-b', 'toString'];
const GLOBS = ['*', 'a*', 'ab*', 'abc*', '*b', '*bc', 'a*b', 'a*b*', '*b*', 'a*c*d', '*-*'];
const CALLERS = ['ops', 'slack', 'alerts'];
const PEOPLE = ['T1/U1', 'T1/C1', 'a@b.c'];
const TARGETS = [
  'projects/a/locations/l/caPools/dev-1',
  'projects/b/locations/l/caPools/dev-1/certificateAuthorities/x',
  'projects/a',
  '',
];
export const word = fc.constantFrom(...WORDS);
const segment = fc.oneof(word, fc.constantFrom(...GLOBS));
export const formatName = (parts: readonly string[]) =>
  `projects/${parts[0]}/locations/${parts[1]}/operations/${parts[2]}` as ResourceName;
const targetPattern = fc.constantFrom(
  'projects/a/**',
  'projects/*/locations/*/caPools/dev-*',
  'projects/*/locations/l/caPools/*/certificateAuthorities/x',
  'projects/b/locations/*/caPools/**',
  'projects/**',
  'projects/a',
);

export const rules: fc.Arbitrary<Rule[]> = fc
  .array(
    fc.record({
      operations: fc.array(fc.tuple(segment, segment, segment).map(formatName), {
        minLength: 1,
        maxLength: 3,
      }),
      callers: maybe(some(CALLERS)),
      principals: maybe(some(PEOPLE)),
      verbs: maybe(some(['create', 'delete', 'toString'])),
      targets: maybe(fc.array(targetPattern, { minLength: 1, maxLength: 3 })),
      sweep: fc.boolean(),
    }),
    { maxLength: 12 },
  )
  .map((texts) =>
    parseRules(
      texts.map(
        (text) =>
          Object.fromEntries(
            Object.entries(text).filter(([, value]) => value !== undefined),
          ) as unknown as RuleInput,
      ),
    ),
  );
export const authorizationRequests: fc.Arbitrary<AuthorizationRequest> = fc
  .record({
    caller: fc.constantFrom(...CALLERS, 'toString'),
    identities: fc.subarray(PEOPLE),
    operation: fc.tuple(word, word, word).map(formatName),
    metadata: maybe(
      fc.record({
        verb: fc.constantFrom('create', 'delete', undefined),
        target: fc.constantFrom(...TARGETS, undefined),
      }),
    ),
    sweep: fc.boolean(),
  })
  .map(({ metadata, ...question }) => (metadata ? { ...question, metadata } : question));
