/** The words on what does not match, for whoever keeps the allowlist. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type ExplainRequest, explain } from '../../src/policy/explain.ts';
import { parseRules, type RuleInput } from '../support/fakes.ts';
import { formatName } from '../support/rules.ts';

const NAME = formatName(['p', 'l', 'o']);
const asked = (over: Partial<ExplainRequest>): ExplainRequest => ({
  caller: 'ops',
  identities: [],
  name: NAME,
  sweep: false,
  ...over,
});

/** `what: key: why` of each mismatch. */
function words(rule: RuleInput, over: Partial<ExplainRequest>): string[] {
  const [first = assert.fail()] = explain(parseRules([rule]), asked(over));
  return first.mismatches.map(({ unmatched, key, why }) => `${unmatched}: ${key}: ${why}`);
}

const many = (length: number) => Array.from({ length }, (_, at) => `w${at}`);
const operations = (...projects: string[]) =>
  projects.map((project) => formatName([project, '*', '*']));
const TARGET = 'projects/p/locations/l/caPools/c';

const rows: [what: string, rule: RuleInput, over: Partial<ExplainRequest>, words: string[]][] = [
  ['nothing, where all fits', { callers: ['ops'], sweep: true }, { sweep: true }, []],
  ['the caller', { callers: ['a'] }, {}, ['caller: callers: "ops" is not "a"']],
  [
    'of the callers five, and how many more',
    { callers: many(7) },
    {},
    ['caller: callers: "ops" is not one of "w0", "w1", "w2", "w3", "w4" and 2 more'],
  ],
  [
    'of five callers all',
    { callers: many(5) },
    {},
    ['caller: callers: "ops" is not one of "w0", "w1", "w2", "w3", "w4"'],
  ],
  [
    'whom nobody knows',
    { principals: ['a'] },
    {},
    ['principal: principals: the caller has none, and the rule asks for "a"'],
  ],
  [
    'whom nobody named, in the words of who asks',
    { principals: ['a'] },
    { unnamed: 'nobody is named' },
    ['principal: principals: nobody is named, and the rule asks for "a"'],
  ],
  [
    'who it is, by all identities',
    { principals: ['a', 'b'] },
    { identities: ['x', 'y"z'] },
    ['principal: principals: "x", "y\\"z", and the rule asks for one of "a", "b"'],
  ],
  [
    'the project',
    { operations: operations('q') },
    {},
    [`project: operations: the project "p" is not "q" in ${operations('q')}`],
  ],
  [
    'the location',
    { operations: [formatName(['*', 'us-*-1', 'x'])] },
    {},
    [
      'location: operations: the location "l" does not fit "us-*-1" in projects/*/locations/us-*-1/operations/x',
    ],
  ],
  [
    'the operation',
    { operations: [formatName(['p', 'l', 'x'])] },
    {},
    ['operation: operations: the operation "o" is not "x" in projects/p/locations/l/operations/x'],
  ],
  ['not one pattern where another fits', { operations: operations('q', 'p') }, {}, []],
  [
    'the pattern that gets furthest',
    { operations: [...operations('q'), formatName(['p', 'x', '*']), formatName(['p', 'y', '*'])] },
    {},
    [
      'location: operations: the location "l" is not "x" in projects/p/locations/x/operations/*, the nearest of 3 patterns',
    ],
  ],
  [
    'of a place what it tells',
    { operations: [formatName(['p', 'x', 'y'])] },
    { name: 'projects/p/locations/-' },
    [],
  ],
  [
    'a sweep that it does not serve',
    {},
    { sweep: true },
    ['sweep: sweep: is not true: the rule serves no sweeps'],
  ],
  [
    'another verb, without repeating it',
    { verbs: ['create'] },
    { facts: { verb: 'delete' } },
    ['verb: verbs: its verb is another, and the rule asks for "create"'],
  ],
  [
    'a verb that is not told',
    { verbs: ['create', 'x'] },
    { facts: {} },
    ['verb: verbs: the operation tells no verb, and the rule asks for one of "create", "x"'],
  ],
  ['no verb that fits', { verbs: ['create'] }, { facts: { verb: 'create' } }, []],
  ['no verb, where it is not known', { verbs: ['create'] }, { facts: {}, unknown: ['verbs'] }, []],
  ['no fact before the reading', { verbs: ['create'], targets: ['projects/x'] }, {}, []],
  [
    'a target that is not told',
    { targets: ['projects/x'] },
    { facts: {} },
    ['target: targets: the operation tells no target, and the rule asks for one'],
  ],
  [
    'no target, where it is not known',
    { targets: ['projects/x'] },
    { facts: {}, unknown: ['targets'] },
    [],
  ],
  [
    'though not of the other',
    { targets: ['projects/x'], verbs: ['create'] },
    { facts: { verb: 'x', target: 'y' }, unknown: ['targets'] },
    ['verb: verbs: its verb is another, and the rule asks for "create"'],
  ],
  ['no target that fits', { targets: ['projects/**'] }, { facts: { target: TARGET } }, []],
  [
    "a target's segment, without repeating it",
    { targets: ['projects/p/locations/us-*/caPools/c'] },
    { facts: { target: TARGET } },
    ['target: targets: segment 4 does not fit "us-*" in projects/p/locations/us-*/caPools/c'],
  ],
  [
    "a target's first segment",
    { targets: ['folders/p/**', 'organizations/**'] },
    { facts: { target: TARGET } },
    ['target: targets: segment 1 is not "folders" in folders/p/**, the nearest of 2 patterns'],
  ],
  [
    'a target that is too short',
    { targets: [`${TARGET}/x`] },
    { facts: { target: TARGET } },
    [`target: targets: it has not as many segments as ${TARGET}/x`],
  ],
  [
    'and one that ends where ** begins',
    { targets: [`${TARGET}/**`] },
    { facts: { target: TARGET } },
    [`target: targets: it has not as many segments as ${TARGET}/**`],
  ],
  [
    'and one that is too long, which gets furthest',
    { targets: ['projects/q/**', 'projects/p'] },
    { facts: { target: TARGET } },
    ['target: targets: it has not as many segments as projects/p, the nearest of 2 patterns'],
  ],
  [
    'of long words 150 characters',
    { callers: ['a'.repeat(150), 'b'.repeat(151)] },
    { caller: 'c'.repeat(152) },
    [
      `caller: callers: "${'c'.repeat(150)}…" is not one of "${'a'.repeat(150)}", "${'b'.repeat(150)}…"`,
    ],
  ],
  [
    'each thing in its order',
    {
      targets: ['projects/x'],
      verbs: ['v'],
      operations: operations('q'),
      principals: ['a'],
      callers: ['a'],
    },
    { sweep: true, facts: { target: 'x', verb: 'w' } },
    [
      'caller: callers: "ops" is not "a"',
      'principal: principals: the caller has none, and the rule asks for "a"',
      `project: operations: the project "p" is not "q" in ${operations('q')}`,
      'sweep: sweep: is not true: the rule serves no sweeps',
      'verb: verbs: its verb is another, and the rule asks for "v"',
      'target: targets: segment 1 is not "projects" in projects/x',
    ],
  ],
];

describe('an explanation names', () => {
  for (const [what, rule, over, expected] of rows) {
    test(what, () => assert.deepEqual(words(rule, over), expected));
  }
});

test('the rule that gets furthest is explained first, and of those that get as far the first', () => {
  const facts = { verb: 'v', target: 'projects/x' };
  const ladder: RuleInput[] = [
    { callers: ['a'] },
    { principals: ['a'] },
    { operations: operations('q') },
    { operations: [formatName(['p', 'x', '*'])] },
    { operations: [formatName(['p', 'l', 'x'])] },
    {},
    { sweep: true, verbs: ['w'] },
    { sweep: true, targets: ['projects/y'] },
    { sweep: true },
  ];
  const explained = explain(parseRules([...ladder, ...ladder]), asked({ facts, sweep: true }));
  const places = [8, 17, 7, 16, 6, 15, 5, 14, 4, 13, 3, 12, 2, 11, 1, 10, 0, 9];
  assert.deepEqual(
    explained.map(({ rule }) => rule.index),
    places,
  );
});

test('where no operation is named, nothing is said on operations', () => {
  const { name, ...question } = asked({});
  const [first] = explain(parseRules([{ operations: operations('q') }]), question);
  assert.deepEqual(first?.mismatches, []);
});
