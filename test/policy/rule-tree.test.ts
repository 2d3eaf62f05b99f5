import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { createPolicy, decide, mayAskUnder, maySweep } from '../../src/policy/policy.ts';
import type { AuthorizationRequest, Rule } from '../../src/policy/rule.ts';
import { type LocationName, matchPattern, type Pattern } from '../../src/resource-name.ts';
import { parseRules } from '../support/fakes.ts';
import { RULE_KINDS, type RuleShape } from '../support/rule-kinds.ts';
import { authorizationRequests, formatName, rules, word } from '../support/rules.ts';

/** The rules one by one, as anyone would write it: what the tree of rules must come to as well. */
function oneByOne(rules: readonly Rule[], question: AuthorizationRequest): string {
  const { caller, identities, operation, facts, sweep } = question;
  const { verb, target } = facts ?? {};
  const some = (patterns: readonly Pattern[], name: string) =>
    patterns.some((pattern) => matchPattern(pattern, name));
  const near = rules.filter(
    (rule) =>
      (rule.sweep || !sweep) &&
      (!rule.callers || rule.callers.includes(caller)) &&
      (!rule.principals || rule.principals.some((id) => identities.includes(id))) &&
      some(rule.operations, operation) &&
      (!facts || !rule.verbs || (verb !== undefined && rule.verbs.includes(verb))) &&
      (!facts || !rule.targets || (target !== undefined && some(rule.targets, target))),
  );
  const first = near.find((rule) => facts || !(rule.verbs || rule.targets));
  if (first) return `allow[${first.index}]`;
  return near.length > 0 ? 'unread' : 'denied';
}

function decided(rules: readonly Rule[], question: AuthorizationRequest): string {
  const decision = decide(createPolicy(rules), question);
  return decision.kind === 'allowed' ? `allow[${decision.permit.rule.index}]` : decision.kind;
}

describe('the tree of rules', () => {
  test('decides as the rules do one by one, by the same rule', () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(rules, fc.array(authorizationRequests, { minLength: 4 }), (rules, questions) => {
        for (const question of questions) {
          const expected = oneByOne(rules, question);
          assert.equal(decided(rules, question), expected);
          const kind = /^allow\[[1-9]/.test(expected) ? 'a later rule' : expected;
          seen.set(kind, (seen.get(kind) ?? 0) + 1);
        }
      }),
      { numRuns: 800 },
    );
    for (const kind of ['denied', 'unread', 'allow[0]', 'a later rule']) {
      assert.ok((seen.get(kind) ?? 0) > 20, `${kind}: ${seen.get(kind)}`);
    }
  });

  test('also where the lists of a rule would multiply to too many ways', () => {
    const many = (prefix: string) => Array.from({ length: 40 }, (_, at) => `${prefix}${at}`);
    const wide = parseRules([
      {
        callers: [...many('c'), 'ops'],
        principals: [...many('p'), 'a@b.c'],
        verbs: [...many('v'), 'create'],
        targets: [...many('projects/t'), 'projects/**'],
        sweep: true,
        operations: [...many('projects/q').map((text) => `${text}/locations/*/operations/*`)],
      },
      { operations: ['projects/a*/locations/*/operations/*'], callers: ['slack'] },
    ]);
    const seen = new Set<string>();
    const projects = fc.constantFrom('q7', 'q77', 'a');
    fc.assert(
      fc.property(authorizationRequests, projects, (question, project) => {
        const operation = formatName([project, 'l', 'o']);
        const expected = oneByOne(wide, { ...question, operation });
        assert.equal(decided(wide, { ...question, operation }), expected);
        seen.add(expected);
      }),
      { numRuns: 2_000 },
    );
    assert.deepEqual([...seen].toSorted(), ['allow[0]', 'allow[1]', 'denied', 'unread']);
  });

  test('tells whom a rule could give anything in a place, and who may sweep', () => {
    const answers = new Set<string>();
    const locations = fc.tuple(word, fc.oneof(word, fc.constant('-')));
    fc.assert(
      fc.property(
        rules,
        authorizationRequests,
        locations,
        (rules, { caller, identities }, [project, at]) => {
          const policy = createPolicy(rules);
          const mine = rules.filter(
            (rule) =>
              (!rule.callers || rule.callers.includes(caller)) &&
              (!rule.principals || rule.principals.some((id) => identities.includes(id))),
          );
          const sweeps = maySweep(policy, caller, identities);
          assert.equal(
            sweeps,
            mine.some(({ sweep }) => sweep),
          );
          const parent = `projects/${project}/locations/${at}` as LocationName;
          // What has the pattern's own operation fits it: only project and location can fail.
          const possible = mine.some(({ operations }) =>
            operations.some((pattern) => {
              const [, , , location = '', , operation = ''] = pattern.text.split('/');
              const place = at === '-' ? location.replaceAll('*', 'x') : at;
              const name = formatName([project, place, operation.replaceAll('*', 'x')]);
              return matchPattern(pattern, name);
            }),
          );
          assert.equal(mayAskUnder(policy, parent, caller, identities), possible);
          answers.add(`${sweeps} ${possible}`);
        },
      ),
      { numRuns: 2_000 },
    );
    assert.equal(answers.size, 4);
  });
});

describe('deciding among 10,000 rules costs at most 20 times as much as among 10', () => {
  /** Microseconds for one decision by the last of so many rules: the least of some rounds. */
  function cost(count: number, { rule, request: ask }: RuleShape): number {
    const policy = createPolicy(
      parseRules(Array.from({ length: count }, (_, n) => rule(String(n)))),
    );
    const question = ask(String(count - 1));
    const operation = formatName(['p', 'l', 'o']);
    const stranger: AuthorizationRequest = { ...question, operation, caller: 'x', identities: [] };
    const decision = decide(policy, question);
    assert.equal(decision.kind === 'allowed' && decision.permit.rule.index, count - 1);
    let least = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 30; round++) {
      const started = performance.now();
      for (let times = 0; times < 200; times++) {
        decide(policy, question);
        decide(policy, stranger);
      }
      least = Math.min(least, (performance.now() - started) * 5);
    }
    return least;
  }

  for (const kind of RULE_KINDS) {
    test(kind.title, (t) => {
      const [few, many] = [cost(10, kind), cost(10_000, kind)];
      t.diagnostic(`${few.toFixed(2)} µs and ${many.toFixed(2)} µs: ${(many / few).toFixed(1)}`);
      assert.ok(many / few <= 20, `${few} µs and ${many} µs`);
    });
  }
});
