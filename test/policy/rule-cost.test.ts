/** What a question costs, counted: few rules are looked at, however many there are. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { explainDenial } from '../../src/policy/denial.ts';
import { type ExplainRequest, explain } from '../../src/policy/explain.ts';
import {
  createPolicy,
  decide,
  mayAskUnder,
  maySweep,
  type Policy,
} from '../../src/policy/policy.ts';
import type { AuthorizationRequest } from '../../src/policy/rule.ts';
import type { LocationName } from '../../src/resource-name.ts';
import { countRuleReads } from '../support/count-rule-reads.ts';
import { parseRules } from '../support/fakes.ts';
import { RULE_KINDS, type RuleShape } from '../support/rule-kinds.ts';
import { formatName } from '../support/rules.ts';

const COUNT = 1_000;
const MOST = 12;

const rulesOfKind = ({ rule }: RuleShape) =>
  parseRules(Array.from({ length: COUNT }, (_, n) => rule(String(n))));

/** How many rules of a kind are looked at for its last one's question. */
function looksFor(
  kind: RuleShape,
  ask: (policy: Policy, question: AuthorizationRequest) => unknown,
): number {
  const { rules, takeReads: looked } = countRuleReads(rulesOfKind(kind));
  const policy = createPolicy(rules);
  const question = kind.request(String(COUNT - 1));
  // Each tree is made when it is first asked; from then on it stands.
  for (const sweep of [false, true]) {
    decide(policy, { ...question, caller: 'x', identities: [], sweep });
    decide(policy, { ...question, facts: {}, sweep });
  }
  looked();
  ask(policy, question);
  return looked().length;
}

const stranger = { caller: 'x', identities: [] };

const TO_DECIDE: Readonly<
  Record<string, (policy: Policy, question: AuthorizationRequest) => unknown>
> = {
  'on an operation': decide,
  'before it is read': (policy, { facts, ...question }) => decide(policy, question),
  'when a sweep found it': (policy, question) => decide(policy, { ...question, sweep: true }),
  'where it has no verb and no target': (policy, question) =>
    decide(policy, { ...question, facts: {} }),
  'that a stranger may not': (policy, question) => decide(policy, { ...question, ...stranger }),
  'who may ask for a list': (policy, { operation, caller, identities }) =>
    mayAskUnder(policy, operation.split('/operations/')[0] as LocationName, caller, identities),
  'who may sweep': (policy, { caller, identities }) => maySweep(policy, caller, identities),
};

describe(`to decide, at most ${MOST} of ${COUNT} rules are looked at:`, () => {
  for (const kind of RULE_KINDS) {
    for (const [what, ask] of Object.entries(TO_DECIDE)) {
      test(`${what}, with ${kind.title}`, () => {
        const looks = looksFor(kind, ask);
        assert.ok(looks <= MOST, `${looks}`);
      });
    }
  }
});

const read = { verb: 'verb-7', target: 'projects/p/x' };

const TO_DENY: Readonly<Record<string, (question: AuthorizationRequest) => ExplainRequest>> = {
  'a stranger': ({ operation, ...question }) => ({ ...question, ...stranger, name: operation }),
  'another project': (question) => ({ ...question, name: formatName(['q', 'l', 'o']) }),
  'another operation': ({ facts, ...question }) => ({
    ...question,
    name: formatName(['p', 'l', 'o']),
  }),
  'another verb': ({ operation, ...question }) => ({
    ...question,
    name: operation,
    facts: { ...read, verb: 'other' },
  }),
  'another target': ({ operation, ...question }) => ({ ...question, name: operation, facts: read }),
  'what has no verb and no target': ({ operation, ...question }) => ({
    ...question,
    name: operation,
    facts: {},
  }),
  'a sweep': ({ operation, facts, ...question }) => ({ ...question, sweep: true }),
};

describe(`to deny, at most ${MOST} of ${COUNT} rules are looked at:`, () => {
  for (const kind of RULE_KINDS) {
    const rules = rulesOfKind(kind);
    for (const [what, of] of Object.entries(TO_DENY)) {
      const [nearest] = explain(rules, of(kind.request(String(COUNT - 1))));
      if (nearest?.mismatches.length === 0) continue;
      test(`${what}, with ${kind.title}`, () => {
        const looks = looksFor(kind, (policy, question) => explainDenial(policy, of(question)));
        assert.ok(looks <= MOST, `${looks}`);
      });
    }
  }
});
