import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { explainDenial } from '../../src/policy/denial.ts';
import { type ExplainRequest, explain, ORDER } from '../../src/policy/explain.ts';
import { createPolicy, decide } from '../../src/policy/policy.ts';
import { type AuthorizationRequest, ruleName } from '../../src/policy/rule.ts';
import { parseRules } from '../support/fakes.ts';
import { authorizationRequests, formatName, rules } from '../support/rules.ts';

const asked = ({ operation, ...question }: AuthorizationRequest): ExplainRequest => ({
  ...question,
  name: operation,
});

describe('an explanation', () => {
  test('finds nothing against the rule that decides, and something against each where none does', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(rules, authorizationRequests, (rules, { operation, ...question }) => {
        const explained = explain(rules, { ...question, name: operation });
        const decision = decide(createPolicy(rules), { operation, ...question });
        const matching = explained.filter(({ mismatches }) => mismatches.length === 0);
        seen.add(decision.kind);
        assert.equal(explained.length, rules.length);
        assert.equal(matching.length > 0, decision.kind !== 'denied');
        if (decision.kind !== 'allowed' || !question.facts) return;
        assert.equal(matching[0]?.rule, decision.permit.rule);
      }),
      { numRuns: 1_500 },
    );
    assert.equal(seen.size, 3);
  });

  test('begins with the rule that gets furthest, which is the one that the log names', () => {
    let denied = 0;
    fc.assert(
      fc.property(rules, authorizationRequests, (rules, question) => {
        const full = { ...question, sweep: false };
        const policy = createPolicy(rules);
        if (decide(policy, full).kind !== 'denied') return;
        const [first, ...others] = explain(rules, asked(full));
        const reach = (one: typeof first) =>
          ORDER.indexOf(one?.mismatches[0]?.unmatched ?? ORDER[0]);
        for (const other of others) assert.ok(reach(other) <= reach(first));
        if (!first) return;
        const { nearest } = explainDenial(policy, asked(full));
        assert.equal(nearest.split(': ')[0], ruleName(first.rule));
        for (const { key, why } of first.mismatches) assert.ok(nearest.includes(`${key}: ${why}`));
        denied += 1;
      }),
      { numRuns: 1_500 },
    );
    assert.ok(denied > 300, `${denied}`);
  });

  test('of a place without a location has nothing against any', () => {
    const rules = parseRules([{ operations: ['projects/p/locations/us-*/operations/o'] }]);
    const place = { caller: 'ops', identities: [], sweep: false };
    const of = (name: string) =>
      explain(rules, { ...place, name })[0]?.mismatches.map(({ unmatched }) => unmatched);
    assert.deepEqual(of('projects/p/locations/-'), []);
    assert.deepEqual(of('projects/p/locations/eu'), ['location']);
    assert.deepEqual(of('projects/q/locations/-'), ['project']);
  });

  test('stays short, however long the lists of a rule are', () => {
    const long = Array.from({ length: 500 }, (_, at) => `${'x'.repeat(200)}${at}`);
    const policy = createPolicy(
      parseRules([{ callers: long, principals: long, description: 'd'.repeat(2_000) }]),
    );
    const { nearest } = explainDenial(policy, {
      caller: 'ops',
      identities: long,
      name: formatName(['p', 'l', 'o']),
      sweep: false,
    });
    assert.ok(nearest.length <= 501, `${nearest.length}`);
  });
});

describe('a denial among 10,000 rules costs at most', () => {
  test('0.2 ms', () => {
    const policy = createPolicy(
      parseRules(
        Array.from({ length: 10_000 }, (_, at) => ({
          operations: [formatName([`project-${at}`, '*', '*'])],
        })),
      ),
    );
    const question = {
      caller: 'ops',
      identities: [],
      name: formatName(['other', 'l', 'o']),
      sweep: false,
    };
    explainDenial(policy, question);
    let least = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 20; round++) {
      const started = performance.now();
      for (let times = 0; times < 50; times++) explainDenial(policy, question);
      least = Math.min(least, (performance.now() - started) / 50);
    }
    assert.ok(least < 0.2, `${least} ms`);
  });
});
