import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  type Condition,
  closestRule,
  type ExplainRequest,
  explain,
} from '../../src/policy/explain.ts';
import { createPolicy, decide } from '../../src/policy/policy.ts';
import { parseRules, type RuleInput } from '../support/fakes.ts';
import { authorizationRequests, formatName, rules } from '../support/rules.ts';

const createRequest = (over: Partial<ExplainRequest>): ExplainRequest => ({
  caller: 'ops',
  identities: [],
  name: formatName(['p', 'l', 'o']),
  sweep: false,
  ...over,
});

/** `condition: key: why` of each mismatch. */
function formatMismatches(rule: RuleInput, over: Partial<ExplainRequest>): string[] {
  const [first = assert.fail()] = explain(parseRules([rule]), createRequest(over));
  return first.mismatches.map(({ condition, key, why }) => `${condition}: ${key}: ${why}`);
}

const many = (length: number) => Array.from({ length }, (_, index) => `w${index}`);
const inProjects = (...projects: string[]) =>
  projects.map((project) => formatName([project, '*', '*']));
const TARGET = 'projects/p/locations/l/caPools/c';

const rows: [what: string, rule: RuleInput, over: Partial<ExplainRequest>, words: string[]][] = [
  ['nothing where the rule matches', { callers: ['ops'], sweep: true }, { sweep: true }, []],
  ['the caller', { callers: ['a'] }, {}, ['caller: callers: "ops" is not "a"']],
  [
    'five of seven callers and the number of the others',
    { callers: many(7) },
    {},
    ['caller: callers: "ops" is not one of "w0", "w1", "w2", "w3", "w4" and 2 more'],
  ],
  [
    'all of five callers',
    { callers: many(5) },
    {},
    ['caller: callers: "ops" is not one of "w0", "w1", "w2", "w3", "w4"'],
  ],
  [
    'a caller without an identity',
    { principals: ['a'] },
    {},
    ['principal: principals: the caller has no identity, and the rule requires "a"'],
  ],
  [
    'the reason that the request gives for no identity',
    { principals: ['a'] },
    { noIdentityReason: 'no --principal is given' },
    ['principal: principals: no --principal is given, and the rule requires "a"'],
  ],
  [
    'all identities, quoted',
    { principals: ['a', 'b'] },
    { identities: ['x', 'y"z'] },
    ['principal: principals: "x", "y\\"z", and the rule requires one of "a", "b"'],
  ],
  [
    'the project',
    { operations: inProjects('q') },
    {},
    [`project: operations: the project "p" is not "q" in ${inProjects('q')}`],
  ],
  [
    'the location and the wildcard that it does not match',
    { operations: [formatName(['*', 'us-*-1', 'x'])] },
    {},
    [
      'location: operations: the location "l" does not match "us-*-1" in projects/*/locations/us-*-1/operations/x',
    ],
  ],
  [
    'the operation',
    { operations: [formatName(['p', 'l', 'x'])] },
    {},
    ['operation: operations: the operation "o" is not "x" in projects/p/locations/l/operations/x'],
  ],
  ['no pattern where another one matches', { operations: inProjects('q', 'p') }, {}, []],
  [
    'the pattern with the most matching segments',
    {
      operations: [...inProjects('q'), formatName(['p', 'x', '*']), formatName(['p', 'y', '*'])],
    },
    {},
    [
      'location: operations: the location "l" is not "x" in projects/p/locations/x/operations/*, the closest of 3 patterns',
    ],
  ],
  [
    'nothing of a parent where any location will do',
    { operations: [formatName(['p', 'x', 'y'])] },
    { name: 'projects/p/locations/-' },
    [],
  ],
  [
    'the location of a parent',
    { operations: [formatName(['p', 'x', 'y'])] },
    { name: 'projects/p/locations/l' },
    ['location: operations: the location "l" is not "x" in projects/p/locations/x/operations/y'],
  ],
  [
    'a sweep that the rule does not serve',
    {},
    { sweep: true },
    ['sweep: sweep: is not true: the rule does not serve sweeps'],
  ],
  [
    'another verb, without repeating it',
    { verbs: ['create'] },
    { metadata: { verb: 'delete' } },
    ['verb: verbs: the operation has another verb, and the rule requires "create"'],
  ],
  [
    'a missing verb',
    { verbs: ['create', 'x'] },
    { metadata: {} },
    ['verb: verbs: the operation has no verb, and the rule requires one of "create", "x"'],
  ],
  ['no verb that matches', { verbs: ['create'] }, { metadata: { verb: 'create' } }, []],
  ['no unknown verb', { verbs: ['create'] }, { metadata: {}, unknown: ['verbs'] }, []],
  ['no metadata before the read', { verbs: ['create'], targets: ['projects/x'] }, {}, []],
  [
    'a missing target',
    { targets: ['projects/x'] },
    { metadata: {} },
    ['target: targets: the operation has no target, and the rule requires one'],
  ],
  ['no unknown target', { targets: ['projects/x'] }, { metadata: {}, unknown: ['targets'] }, []],
  [
    'the verb where only the target is unknown',
    { targets: ['projects/x'], verbs: ['create'] },
    { metadata: { verb: 'x', target: 'y' }, unknown: ['targets'] },
    ['verb: verbs: the operation has another verb, and the rule requires "create"'],
  ],
  ['no target that matches', { targets: ['projects/**'] }, { metadata: { target: TARGET } }, []],
  [
    'a segment of the target, without repeating it',
    { targets: ['projects/p/locations/us-*/caPools/c'] },
    { metadata: { target: TARGET } },
    ['target: targets: segment 4 does not match "us-*" in projects/p/locations/us-*/caPools/c'],
  ],
  [
    'the first segment of the target',
    { targets: ['folders/p/**', 'organizations/**'] },
    { metadata: { target: TARGET } },
    ['target: targets: segment 1 is not "folders" in folders/p/**, the closest of 2 patterns'],
  ],
  [
    'a target with too few segments',
    { targets: [`${TARGET}/x`] },
    { metadata: { target: TARGET } },
    [`target: targets: the target has another number of segments than ${TARGET}/x`],
  ],
  [
    'a target that ends where ** begins',
    { targets: [`${TARGET}/**`] },
    { metadata: { target: TARGET } },
    [`target: targets: the target has another number of segments than ${TARGET}/**`],
  ],
  [
    'a target with too many segments',
    { targets: ['projects/q/**', 'projects/p'] },
    { metadata: { target: TARGET } },
    [
      'target: targets: the target has another number of segments than projects/p, the closest of 2 patterns',
    ],
  ],
  [
    '150 characters of a long value',
    { callers: ['a'.repeat(150), 'b'.repeat(151)] },
    { caller: 'c'.repeat(152) },
    [
      `caller: callers: "${'c'.repeat(150)}…" is not one of "${'a'.repeat(150)}", "${'b'.repeat(150)}…"`,
    ],
  ],
  [
    'each mismatch, in the order of the conditions',
    {
      targets: ['projects/x'],
      verbs: ['v'],
      operations: inProjects('q'),
      principals: ['a'],
      callers: ['a'],
    },
    { sweep: true, metadata: { target: 'x', verb: 'w' } },
    [
      `project: operations: the project "p" is not "q" in ${inProjects('q')}`,
      'caller: callers: "ops" is not "a"',
      'principal: principals: the caller has no identity, and the rule requires "a"',
      'sweep: sweep: is not true: the rule does not serve sweeps',
      'verb: verbs: the operation has another verb, and the rule requires "v"',
      'target: targets: segment 1 is not "projects" in projects/x',
    ],
  ],
];

describe('an explanation names', () => {
  for (const [what, rule, over, expected] of rows) {
    test(what, () => assert.deepEqual(formatMismatches(rule, over), expected));
  }
});

/** Each is closer than the one before. */
const FROM_FAR_TO_CLOSE: RuleInput[] = [
  { operations: inProjects('q') },
  { callers: ['a'] },
  { principals: ['a'] },
  { operations: [formatName(['p', 'x', '*'])] },
  { operations: [formatName(['p', 'l', 'x'])] },
  {},
  { sweep: true, verbs: ['w'] },
  { sweep: true, targets: ['projects/y'] },
  { sweep: true },
];

test('the closest rule comes first, and of equally close rules the first', () => {
  const metadata = { verb: 'v', target: 'projects/x' };
  const request = createRequest({ metadata, sweep: true });
  const twice = parseRules([...FROM_FAR_TO_CLOSE, ...FROM_FAR_TO_CLOSE]);
  assert.deepEqual(
    explain(twice, request).map(({ rule }) => rule.index),
    [8, 17, 7, 16, 6, 15, 5, 14, 4, 13, 3, 12, 2, 11, 1, 10, 0, 9],
  );
  for (const [index] of FROM_FAR_TO_CLOSE.entries()) {
    const some = parseRules(FROM_FAR_TO_CLOSE.slice(0, index + 1));
    assert.equal(closestRule([...some, ...twice.slice(9, 10 + index)], request)?.index, index);
  }
  assert.equal(closestRule([], request), undefined);
});

test('an explanation finds nothing in the rule that decides, and something in each if none does', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(rules, authorizationRequests, (rules, { operation, ...request }) => {
      const explained = explain(rules, { ...request, name: operation });
      const decision = decide(createPolicy(rules), { operation, ...request });
      const matching = explained.filter(({ mismatches }) => mismatches.length === 0);
      seen.add(decision.kind);
      assert.equal(explained.length, rules.length);
      assert.equal(matching.length > 0, decision.kind !== 'denied');
      assert.equal(closestRule(rules, { ...request, name: operation }), explained[0]?.rule);
      if (decision.kind !== 'allowed' || !request.metadata) return;
      assert.equal(matching[0]?.rule, decision.permit.rule);
    }),
    { numRuns: 1_500 },
  );
  assert.equal(seen.size, 3);
});

test('of a request without a location, only the project can fail', () => {
  const rules = parseRules([{ operations: ['projects/p/locations/us-*/operations/o'] }]);
  const conditions = (name: string): Condition[] =>
    explain(rules, createRequest({ name })).flatMap(({ mismatches }) =>
      mismatches.map(({ condition }) => condition),
    );
  assert.deepEqual(conditions('projects/p/locations/-'), []);
  assert.deepEqual(conditions('projects/p/locations/eu'), ['location']);
  assert.deepEqual(conditions('projects/q/locations/-'), ['project']);
});
