import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { explainDenial } from '../../src/policy/denial.ts';
import type { ExplainRequest } from '../../src/policy/explain.ts';
import { createPolicy, decide } from '../../src/policy/policy.ts';
import { appliesTo } from '../../src/policy/rule.ts';
import { parseRules, type RuleInput } from '../support/fakes.ts';
import { authorizationRequests, formatName, rules } from '../support/rules.ts';

const request: ExplainRequest = {
  caller: 'ops',
  identities: ['a'],
  name: formatName(['p', 'l', 'o']),
  sweep: false,
};
const metadata = { verb: 'v', target: 'projects/x' };
const deny = (rules: readonly RuleInput[], request: ExplainRequest) =>
  explainDenial(createPolicy(parseRules(rules)), request);

const NOT_COVERED = 'No rule for you covers this project.';

/** Each rule is closer than those before it. */
const rows: [
  rule: RuleInput,
  condition: string,
  hint: string,
  detail: string,
  request: ExplainRequest,
][] = [
  [
    { operations: [formatName(['q', '*', '*'])], verbs: ['v'] },
    'project',
    NOT_COVERED,
    'no rule covers the project "p"',
    request,
  ],
  [
    { callers: ['slack'] },
    'project',
    NOT_COVERED,
    'allow[1]: callers: "ops" is not "slack"',
    request,
  ],
  [
    { principals: ['b'] },
    'project',
    NOT_COVERED,
    'allow[2]: principals: "a", and the rule requires "b"',
    request,
  ],
  [
    { operations: [formatName(['p', 'x', '*'])] },
    'location',
    'No rule for you covers this location of the project.',
    'allow[3]: operations: the location "l" is not "x" in projects/p/locations/x/operations/*',
    request,
  ],
  [
    { operations: [formatName(['p', 'l', 'x'])], targets: ['projects/x'] },
    'operation',
    "No rule for you covers this operation's ID.",
    'allow[4]: operations: the operation "o" is not "x" in projects/p/locations/l/operations/x',
    request,
  ],
  [
    { verbs: ['w'], targets: ['projects/x'] },
    'sweep',
    'The rules for you that cover it do not serve sweeps.',
    'allow[5]: sweep: is not true: the rule does not serve sweeps',
    { ...request, sweep: true },
  ],
  [
    { verbs: ['w'], targets: ['projects/y'] },
    'verb',
    'The rules for you that cover it are for other verbs.',
    'allow[5]: verbs: the operation has another verb, and the rule requires "w"',
    { ...request, metadata },
  ],
  [
    { verbs: ['v'], targets: ['projects/y'], description: 'named' },
    'target',
    'The rules for you that cover it are for other targets.',
    'allow[7]: named: targets: segment 2 is not "y" in projects/y',
    { ...request, metadata },
  ],
];

describe('a denial tells the caller the condition that fails, and the log the closest rule', () => {
  for (const [index, [, condition, hint, detail, request]] of rows.entries()) {
    test(`${condition}: ${detail}`, () => {
      const rules = rows.slice(0, index + 1).map(([rule]) => rule);
      assert.deepEqual(deny(rules, request), { condition, hint, detail });
      // Of equally close rules, the log names the first.
      assert.deepEqual(deny([...rules, ...rules], request), { condition, hint, detail });
    });
  }

  test('without rules', () => {
    const detail = 'no rule covers the project "p"';
    assert.deepEqual(deny([], request), { condition: 'project', hint: NOT_COVERED, detail });
  });

  test('with all that does not match in the closest rule', () => {
    const rule = { callers: ['a'], verbs: ['w'], description: 'nights' };
    assert.equal(
      deny([rule], { ...request, metadata }).detail,
      'allow[0]: nights: callers: "ops" is not "a"; verbs: the operation has another verb, and the rule requires "w"',
    );
  });
});

test('a denial tells the caller nothing about rules that are for others', () => {
  fc.assert(
    fc.property(rules, authorizationRequests, (rules, { operation, ...rest }) => {
      if (decide(createPolicy(rules), { operation, ...rest }).kind !== 'denied') return;
      const request = { ...rest, name: operation };
      const own = rules.filter((rule) => appliesTo(rule, rest.caller, rest.identities));
      const { condition, hint } = explainDenial(createPolicy(rules), request);
      const expected = explainDenial(createPolicy(own), request);
      assert.deepEqual({ condition, hint }, { condition: expected.condition, hint: expected.hint });
    }),
    { numRuns: 500 },
  );
});

test('a detail has at most 500 characters, and an ellipsis where it is cut', () => {
  const rest = ': callers: "ops" is not "a"';
  const detail = (length: number) =>
    deny([{ callers: ['a'], description: 'd'.repeat(length - rest.length - 10) }], request).detail;
  assert.equal(detail(500).length, 500);
  assert.ok(detail(500).endsWith(rest));
  assert.equal(detail(501), `${detail(501).slice(0, 500)}…`);
});

describe('where rules name projects the other way', () => {
  const name = (project: string) => ({ ...request, name: formatName([project, 'l', 'o']) });
  const BY_ID = { operations: [formatName(['my-project', '*', '*'])] };
  const BY_NUMBER = { operations: [formatName(['12345', '*', '*'])] };
  const maybeNumber = '12345 may be the number of a project that a rule names by ID.';
  const maybeId = 'my-project may be the ID of a project that a rule names by number.';

  test('a denial of a project number says that rules name projects by ID', () => {
    assert.deepEqual(deny([BY_ID], name('12345')), {
      condition: 'project',
      hint: `${NOT_COVERED} ${maybeNumber}`,
      detail: `no rule covers the project "12345". ${maybeNumber}`,
    });
  });

  test('a denial of a project number says nothing about how rules for others name projects', () => {
    const { hint, detail } = deny([{ ...BY_ID, callers: ['somebody-else'] }], name('12345'));
    assert.equal(hint, NOT_COVERED);
    assert.equal(detail, 'no rule covers the project "12345"');
  });
  test('a denial of a project ID says that rules name projects by number', () => {
    const { hint, detail } = deny([BY_NUMBER], name('my-project'));
    assert.equal(hint, `${NOT_COVERED} ${maybeId}`);
    assert.equal(detail, `no rule covers the project "my-project". ${maybeId}`);
  });

  test('a denial of a sweep or a list says so, too', () => {
    const asked = { ...name('12345'), name: 'projects/12345/locations/-', sweep: true };
    assert.equal(deny([BY_ID], asked).hint, `${NOT_COVERED} ${maybeNumber}`);
  });

  test('a denial says nothing about it where a rule names the project', () => {
    const other = { operations: [formatName(['12345', 'x', '*'])] };
    assert.doesNotMatch(JSON.stringify(deny([BY_ID, other], name('12345'))), /may be/);
  });

  test('a denial says nothing about it where rules name projects the same way, or by wildcard', () => {
    for (const [rule, project] of [
      [BY_ID, 'another'],
      [BY_NUMBER, '6789'],
      [{ operations: [formatName(['1*', '*', '*'])] }, 'my-project'],
      [{ operations: [formatName(['my-*', '*', '*'])] }, '12345'],
    ] as const) {
      assert.deepEqual(deny([rule], name(project)).hint, NOT_COVERED);
      assert.doesNotMatch(deny([rule], name(project)).detail, /may be/);
    }
  });

  test('the hint is the same whether or not a rule for others names the project', () => {
    const others = { ...BY_NUMBER, callers: ['slack'] };
    assert.equal(deny([BY_ID, others], name('12345')).hint, deny([BY_ID], name('12345')).hint);
  });
});
