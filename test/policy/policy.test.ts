import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { createPolicy, decide } from '../../src/policy/policy.ts';
import { type OperationMetadata, type Rule, ruleName } from '../../src/policy/rule.ts';
import {
  type OperationName,
  type Pattern,
  parseOperationName,
  parseOperationPattern,
  parseTargetPattern,
} from '../../src/resource-name.ts';

const operation = (text: string) => parseOperationName(text) ?? (assert.fail() as OperationName);
const pattern = (text: string) => parseOperationPattern(text) as Pattern;
const target = (text: string) => parseTargetPattern(text) as Pattern;

const NAMES = ['projects/p/locations/l/operations/a', 'projects/q/locations/l/operations/b'].map(
  operation,
);
const EVERY = 'projects/*/locations/*/operations/*';

const list = <T>(...values: T[]) => fc.subarray(values, { minLength: 1 });
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

const questions = fc.record({
  caller: fc.constantFrom('ops', 'slack', 'nobody'),
  identities: fc.subarray(['T1/U1', 'T1/C1', 'a@b.c']),
  operation: fc.constantFrom(...NAMES),
  sweep: fc.boolean(),
});
const facts: fc.Arbitrary<OperationMetadata> = fc.record({
  verb: fc.constantFrom('create', 'delete', undefined),
  target: fc.constantFrom('projects/p/locations/l/caPools/dev-1', 'projects/q/x', '', undefined),
});
const rules: fc.Arbitrary<Rule[]> = fc
  .array(
    fc.record({
      operations: list(EVERY, 'projects/p/locations/*/operations/*', `${NAMES[1]}`),
      callers: maybe(list('ops', 'slack')),
      principals: maybe(list('T1/U1', 'a@b.c')),
      verbs: maybe(list('create', 'toString')),
      targets: maybe(list('projects/p/**', 'projects/*/locations/*/caPools/dev-*')),
      sweep: fc.boolean(),
    }),
    { maxLength: 4 },
  )
  .map((texts) =>
    texts.map(({ operations, targets, callers, principals, verbs, sweep }, index) => ({
      index,
      sweep,
      operations: operations.map(pattern),
      ...(callers && { callers }),
      ...(principals && { principals }),
      ...(verbs && { verbs }),
      ...(targets && { targets: targets.map(target) }),
    })),
  );

/** The contract's table of a rule, row by row, in plain words: a glob is a regular expression here. */
function gives(rule: Rule, question: Parameters<typeof decide>[1]): boolean {
  const glob = ({ text }: Pattern) =>
    new RegExp(
      `^${text
        .replace(/\/\*\*$/, '(/[^/]+)+')
        .replace(/(?<!\))\*/g, '[^/]*')
        .replace('([^/]*', '([^/]+')}$`,
    );
  const { verb, target: at } = question.facts ?? {};
  return [
    rule.operations.some((each) => glob(each).test(question.operation)),
    !rule.callers || rule.callers.includes(question.caller),
    !rule.principals || rule.principals.some((id) => question.identities.includes(id)),
    !rule.verbs || (verb !== undefined && rule.verbs.includes(verb)),
    !rule.targets || (at !== undefined && rule.targets.some((each) => glob(each).test(at))),
    rule.sweep || !question.sweep,
  ].every(Boolean);
}

test('a caller never cancels what no rule gives it, and always what one does', () => {
  const seen = { allowed: 0, denied: 0 };
  fc.assert(
    fc.property(rules, questions, facts, (rules, question, facts) => {
      const full = { ...question, facts };
      const decision = decide(createPolicy(rules), full);
      const expected = rules.some((rule) => gives(rule, full));
      assert.equal(decision.kind, expected ? 'allowed' : 'denied');
      seen[expected ? 'allowed' : 'denied'] += 1;
      if (decision.kind !== 'allowed') return;
      assert.ok(gives(decision.permit.rule, full), 'the rule that it names is one that gives it');
      assert.equal(decision.permit.operation, question.operation);
    }),
    { numRuns: 3_000 },
  );
  assert.ok(seen.allowed > 80 && seen.denied > 80, JSON.stringify(seen));
});

test('an operation is read only where it can make a difference', () => {
  const kinds = new Set<string>();
  fc.assert(
    fc.property(rules, questions, fc.array(facts, { maxLength: 5 }), (rules, question, many) => {
      const { kind } = decide(createPolicy(rules), question);
      kinds.add(kind);
      for (const facts of many) {
        const later = decide(createPolicy(rules), { ...question, facts }).kind;
        if (kind !== 'unread') assert.equal(later, kind, 'no reading would have changed it');
      }
      const needing = rules.some(({ verbs, targets }) => verbs || targets);
      assert.ok(needing || kind !== 'unread');
    }),
    { numRuns: 2_000 },
  );
  assert.equal(kinds.size, 3);
});

test('without rules all is denied', () => {
  fc.assert(
    fc.property(questions, (question) =>
      assert.equal(decide(createPolicy([]), question).kind, 'denied'),
    ),
  );
});

test('a further rule never takes away', () => {
  fc.assert(
    fc.property(rules, rules, questions, facts, (some, more, question, facts) => {
      const full = { ...question, facts };
      if (decide(createPolicy(some), full).kind !== 'allowed') return;
      assert.equal(decide(createPolicy([...more, ...some]), full).kind, 'allowed');
    }),
  );
});

describe('a rule', () => {
  const rule = (over: Partial<Rule>): Rule => ({
    index: 0,
    sweep: false,
    operations: [pattern(EVERY)],
    ...over,
  });
  const question = {
    caller: 'ops',
    identities: [],
    operation: NAMES[0] as OperationName,
    sweep: false,
  };

  test('on principals gives nothing to a caller whose proof tells no person', () => {
    assert.equal(decide(createPolicy([rule({ principals: ['a@b.c'] })]), question).kind, 'denied');
    for (const id of ['A@B.C', 'a@b.c ', '', 'toString']) {
      const asked = { ...question, identities: [id] };
      assert.equal(
        decide(createPolicy([rule({ principals: ['a@b.c'] })]), asked).kind,
        'denied',
        id,
      );
    }
  });

  test('on verbs or targets gives nothing where the operation tells none', () => {
    for (const over of [{ verbs: ['create'] }, { targets: [target('projects/**')] }]) {
      const decision = decide(createPolicy([rule(over)]), { ...question, facts: {} });
      assert.equal(decision.kind, 'denied');
    }
  });

  test('without sweep: true serves no sweep', () => {
    assert.equal(decide(createPolicy([rule({})]), { ...question, sweep: true }).kind, 'denied');
    assert.equal(
      decide(createPolicy([rule({ sweep: true })]), { ...question, sweep: true }).kind,
      'allowed',
    );
    assert.equal(decide(createPolicy([rule({ sweep: true })]), question).kind, 'allowed');
  });

  test('is named by its place and its own words', () => {
    assert.equal(ruleName(rule({ index: 3 })), 'allow[3]');
    assert.match(ruleName(rule({ description: 'nights' })), /^allow\[0\].*nights/);
  });
});

test('a rule that is filed in the wrong place allows nothing that it does not give', () => {
  const given = { index: 0, operations: [pattern(String(NAMES[0]))], sweep: false };
  const question = { caller: 'ops', identities: [], sweep: true };
  const misfiled = { ...given, operations: [pattern(EVERY)], sweep: true };
  const policy = createPolicy([misfiled]);
  const allows = (operation: OperationName, sweep: boolean) =>
    decide(policy, { ...question, operation, sweep }).kind;
  for (const name of NAMES) assert.equal(allows(name, true), 'allowed', 'where it is filed');
  Object.assign(misfiled, given);
  assert.deepEqual(
    NAMES.map((name) => allows(name, false)),
    ['allowed', 'denied'],
  );
  assert.deepEqual(
    NAMES.map((name) => allows(name, true)),
    ['denied', 'denied'],
  );
});
