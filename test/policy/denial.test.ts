/** What a caller hears of a denial, and what the log does. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { explainDenial } from '../../src/policy/denial.ts';
import type { ExplainRequest } from '../../src/policy/explain.ts';
import { createPolicy } from '../../src/policy/policy.ts';
import { parseRules, type RuleInput } from '../support/fakes.ts';
import { formatName } from '../support/rules.ts';

const name = formatName(['p', 'l', 'o']);
const asked: ExplainRequest = { caller: 'ops', identities: ['a'], name, sweep: false };
const { name: _, ...sweeping } = { ...asked, sweep: true };
const facts = { verb: 'v', target: 'projects/x' };
const denial = (rules: readonly RuleInput[], of: ExplainRequest) =>
  explainDenial(createPolicy(parseRules(rules)), of);

/** Each gets further than those before it. */
const LADDER: readonly RuleInput[] = [
  { callers: ['slack'] },
  { principals: ['b'] },
  { operations: [formatName(['q', '*', '*'])], verbs: ['v'] },
  { operations: [formatName(['p', 'x', '*'])] },
  { operations: [formatName(['p', 'l', 'x'])], targets: ['projects/x'] },
  { verbs: ['w'], targets: ['projects/x'] },
  { verbs: ['v'], targets: ['projects/y'], description: 'named' },
];

describe('a caller hears how far the rules go along with it', () => {
  const rows: [hint: string, nearest: string, of: ExplainRequest][] = [
    ['No rule is for this caller.', 'allow[0]: callers: "ops" is not "slack"', asked],
    [
      'The rules for this caller are for other principals.',
      'allow[1]: principals: "a", and the rule asks for "b"',
      asked,
    ],
    [
      'No rule for you covers this project.',
      'allow[2]: operations: the project "p" is not "q" in projects/q/locations/*/operations/*',
      asked,
    ],
    [
      'No rule for you covers this location of the project.',
      'allow[3]: operations: the location "l" is not "x" in projects/p/locations/x/operations/*',
      asked,
    ],
    [
      "No rule for you covers this operation's id.",
      'allow[4]: operations: the operation "o" is not "x" in projects/p/locations/l/operations/x',
      asked,
    ],
    [
      'The rules for you that cover it are for other verbs.',
      'allow[5]: verbs: its verb is another, and the rule asks for "w"',
      { ...asked, facts },
    ],
    [
      'The rules for you that cover it are for other targets.',
      'allow[6]: named: targets: segment 2 is not "y" in projects/y',
      { ...asked, facts },
    ],
  ];
  for (const [at, [hint, nearest, of]] of rows.entries()) {
    test(hint, () => {
      const rules = LADDER.slice(0, at + 1);
      assert.deepEqual(denial(rules, of), { hint, nearest });
      // Of rules that get as far, the log names the first.
      assert.deepEqual(denial([...rules, ...rules], of), { hint, nearest });
    });
  }

  test('The rules for you do not serve sweeps.', () => {
    assert.deepEqual(denial(LADDER, sweeping), {
      hint: 'The rules for you do not serve sweeps.',
      nearest: 'allow[2]: sweep: is not true: the rule serves no sweeps',
    });
    const { nearest } = denial([{ callers: ['slack'] }, { callers: ['ops'] }], sweeping);
    assert.match(nearest, /^allow\[1\]: sweep/);
  });

  test('without rules, that none is for it', () => {
    assert.deepEqual(denial([], asked), {
      hint: 'No rule is for this caller.',
      nearest: 'there is no rule',
    });
  });
});

test('the log hears of all that does not match in the nearest rule', () => {
  const rule = { callers: ['a'], verbs: ['w'], description: 'nights' };
  assert.equal(
    denial([rule], { ...asked, facts }).nearest,
    'allow[0]: nights: callers: "ops" is not "a"; verbs: its verb is another, and the rule asks for "w"',
  );
});

test('it hears 500 characters, and where there are more, that it does', () => {
  const rest = ': callers: "ops" is not "a"';
  const of = (length: number) =>
    denial([{ callers: ['a'], description: 'd'.repeat(length - rest.length - 10) }], asked).nearest;
  assert.equal(of(500).length, 500);
  assert.ok(of(500).endsWith(rest));
  assert.equal(of(501), `${of(501).slice(0, 500)}…`);
});

describe('a rule with long lists, which is filed without its callers,', () => {
  const many = (prefix: string) => Array.from({ length: 20 }, (_, at) => `${prefix}${at}`);
  const wide: RuleInput = { callers: many('c'), principals: [...many('p'), 'a'] };

  test('is for no other caller for all that', () => {
    assert.equal(denial([wide], asked).hint, 'No rule is for this caller.');
    assert.equal(denial([wide], sweeping).hint, 'No rule is for this caller.');
    assert.equal(
      denial([wide], { ...asked, caller: 'c1', identities: [] }).hint,
      'The rules for this caller are for other principals.',
    );
  });

  test('does not stand before one that is for it', () => {
    const { hint, nearest } = denial([wide, { operations: [formatName(['q', '*', '*'])] }], asked);
    assert.equal(hint, 'No rule for you covers this project.');
    assert.match(nearest, /^allow\[1\]: operations/);
  });
});
