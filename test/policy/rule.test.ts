/** One rule and what it asks, part by part. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createPolicy, decide } from '../../src/policy/policy.ts';
import {
  appliesTo,
  exampleNames,
  matchesMetadata,
  parseRule,
  type RuleSettings,
  requiresMetadata,
  ruleName,
} from '../../src/policy/rule.ts';
import { parseResourceName } from '../../src/resource-name.ts';
import { parseRules, type RuleInput } from '../support/fakes.ts';

const ruleOf = (text: RuleInput) => parseRules([text])[0] ?? assert.fail();

test('a rule needs an operation read where it asks for verbs or for targets', () => {
  assert.ok(!requiresMetadata(ruleOf({ callers: ['ops'], principals: ['a'], sweep: true })));
  assert.ok(requiresMetadata(ruleOf({ verbs: ['create'] })));
  assert.ok(requiresMetadata(ruleOf({ targets: ['projects/**'] })));
});

describe('a rule is for', () => {
  const rows: [string, RuleInput, string, string[], boolean][] = [
    ['any caller where it names none', {}, 'ops', [], true],
    ['the callers that it names', { callers: ['slack', 'ops'] }, 'ops', [], true],
    ['no other caller', { callers: ['slack', 'ops'] }, 'op', [], false],
    ['no caller at all where its list is empty', { callers: [] }, 'ops', [], false],
    ['one of its principals', { principals: ['a', 'b'] }, 'ops', ['x', 'b'], true],
    ['no other principal', { principals: ['a', 'b'] }, 'ops', ['x', 'ab'], false],
    ['nobody who is not known', { principals: ['a'] }, 'ops', [], false],
    [
      'a principal of its callers alone',
      { callers: ['slack'], principals: ['a'] },
      'ops',
      ['a'],
      false,
    ],
    ['both together', { callers: ['ops'], principals: ['a'] }, 'ops', ['a'], true],
  ];
  for (const [what, text, caller, identities, expected] of rows) {
    test(what, () => assert.equal(appliesTo(ruleOf(text), caller, identities), expected));
  }
});

describe('what a rule asks of an operation', () => {
  const target = 'projects/p/locations/l/caPools/dev-1';
  const pools = ['projects/q/**', 'projects/*/locations/*/caPools/dev-*'];
  const rows: [string, RuleInput, { verb?: string; target?: string }, boolean][] = [
    ['is nothing where it asks nothing', {}, {}, true],
    ['is one of its verbs', { verbs: ['delete', 'create'] }, { verb: 'create' }, true],
    ['is no other verb', { verbs: ['delete', 'create'] }, { verb: 'creat', target }, false],
    ['is a verb, where none is told', { verbs: ['create'] }, { target }, false],
    ['is not what every object has', { verbs: ['create'] }, { verb: 'toString' }, false],
    ['is one of its targets', { targets: pools }, { target }, true],
    ['is no other target', { targets: pools }, { target: 'projects/p/x', verb: 'create' }, false],
    ['is a target, where none is told', { targets: pools }, { verb: 'create' }, false],
    ['is both', { verbs: ['create'], targets: pools }, { verb: 'create', target }, true],
    ['is not the one without the other', { verbs: ['create'], targets: pools }, { target }, false],
    ['nor the other', { verbs: ['create'], targets: pools }, { verb: 'create' }, false],
  ];
  for (const [what, text, metadata, expected] of rows) {
    test(what, () => assert.equal(matchesMetadata(ruleOf(text), metadata), expected));
  }
});

test('a rule is named by its place, and by its own words where it has some', () => {
  assert.equal(ruleName(ruleOf({})), 'allow[0]');
  assert.equal(ruleName(ruleOf({ description: 'nights' })), 'allow[0]: nights');
  assert.equal(ruleName({ ...ruleOf({ description: '' }), index: 7 }), 'allow[7]: ');
});

test('of the rules that match, the first decides, whether it asks for a reading or not', () => {
  const operation = parseResourceName('projects/p/locations/l/operations/o') ?? assert.fail();
  const metadata = { verb: 'create', target: 'projects/p/x' };
  const question = { caller: 'ops', identities: [], operation, metadata, sweep: false };
  const [free, reading, other] = [{}, { verbs: ['create'] }, { verbs: ['delete'] }];
  for (const [texts, first] of [
    [[free, reading], 0],
    [[reading, free], 0],
    [[other, free, reading], 1],
    [[other, reading, free], 1],
    [[other, other, reading], 2],
  ] as const) {
    const decision = decide(createPolicy(parseRules(texts)), question);
    assert.equal(decision.kind === 'allowed' && decision.permit.rule.index, first);
    assert.equal(decision.kind === 'allowed' && decision.permit.operation, operation);
  }
});

describe('parsing a rule', () => {
  const ALL = 'projects/*/locations/*/operations/*';
  const parse = (rule: RuleSettings, routes?: readonly string[]) => {
    const errors: [path: string, message: string][] = [];
    const parsed = parseRule(rule, 3, routes, (path, message) =>
      errors.push([path.join('.'), message]),
    );
    return { parsed, errors };
  };

  test('keeps its index and description; without sweep it serves none, and without targets it has none', () => {
    const { parsed, errors } = parse({ operations: [ALL], description: 'ours', verbs: ['create'] });
    assert.deepEqual(errors, []);
    const { operations, ...rest } = parsed;
    assert.deepEqual(rest, { index: 3, description: 'ours', verbs: ['create'], sweep: false });
    assert.deepEqual(
      operations.map(({ text }) => text),
      [ALL],
    );
    assert.equal(parse({ operations: [ALL], sweep: true }).parsed.sweep, true);
    assert.deepEqual(
      parse({ targets: ['projects/p/**'] }).parsed.targets?.map(({ text }) => text),
      ['projects/p/**'],
    );
  });

  test('names each caller that does not exist, unless no caller can be told', () => {
    const rule = { operations: [ALL], callers: ['ops', 'opps'] };
    assert.deepEqual(parse(rule, ['ops']).errors, [
      ['allow.3.callers.1', 'names a caller that does not exist'],
    ]);
    assert.deepEqual(parse(rule).errors, []);
  });

  test('names each pattern that can never match, and keeps the others', () => {
    const { parsed, errors } = parse({ operations: ['projects/p', ALL], targets: ['x'] });
    assert.deepEqual(
      errors.map(([path]) => path),
      ['allow.3.operations.0', 'allow.3.targets.0'],
    );
    assert.match(String(errors[0]?.[1]), /^must have the 6 segments/);
    assert.deepEqual(
      parsed.operations.map(({ text }) => text),
      [ALL],
    );
    assert.deepEqual(parsed.targets, []);
  });

  test('refuses verbs and targets for resources that have neither', () => {
    const run = '//run.googleapis.com/projects/p/locations/*/jobs/*/executions/*';
    const { errors } = parse({
      operations: [ALL, run],
      verbs: ['create'],
      targets: ['projects/p/**'],
    });
    assert.deepEqual(errors, [
      ['allow.3.verbs', `cannot be compared: what ${run} matches has no verbs`],
      ['allow.3.targets', `cannot be compared: what ${run} matches has no targets`],
    ]);
    assert.deepEqual(parse({ operations: [run] }).errors, []);
  });

  test('an example of each type of resource is told once', () => {
    const run = '//run.googleapis.com/projects/p/locations/*/jobs/*/executions/*';
    const rules = [parse({ operations: [ALL, run] }).parsed, parse({ operations: [ALL] }).parsed];
    const examples = exampleNames(rules);
    assert.equal(examples.length, 2);
    assert.match(String(examples[0]), /^projects\/.*\/operations\//);
    assert.match(String(examples[1]), /^\/\/run\.googleapis\.com\/projects\/.*\/executions\//);
  });
});
