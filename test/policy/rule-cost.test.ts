/** Counts the rules that a request reads: where rules name their projects, few of however many. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { explainDenial } from '../../src/policy/denial.ts';
import {
  createPolicy,
  decide,
  mayCancelUnder,
  maySweepName,
  maySweepUnder,
  type Policy,
} from '../../src/policy/policy.ts';
import type { ParentName } from '../../src/resource-name.ts';
import { countRuleReads } from '../support/count-rule-reads.ts';
import { parseRules } from '../support/fakes.ts';
import { formatName } from '../support/rules.ts';

/** A rule for each project, and one for all projects. */
function createRules(count: number) {
  const rules = Array.from({ length: count - 1 }, (_, index) => ({
    callers: ['ops'],
    operations: [formatName([`project-${index}`, '*', '*'])],
    ...(index % 2 === 0 ? { verbs: ['create'], sweep: true } : {}),
  }));
  const anyProject = { callers: ['admin'], operations: [formatName(['*', '*', '*'])] };
  return parseRules([...rules, anyProject]);
}

const ops = { caller: 'ops', identities: [] };
const operation = (project: string) => formatName([project, 'l', 'o']);
const parent = (project: string) => `projects/${project}/locations/l` as ParentName;

/** @param last a project of the last rules */
const requests: Record<string, (policy: Policy, last: string) => unknown> = {
  'an allowed operation': (policy, last) =>
    decide(policy, {
      ...ops,
      operation: operation(last),
      metadata: { verb: 'create' },
      sweep: false,
    }),
  'an operation before the read': (policy, last) =>
    decide(policy, { ...ops, operation: operation(last), sweep: false }),
  'an operation of another project': (policy) =>
    decide(policy, { ...ops, operation: operation('other'), sweep: false }),
  'an operation that a sweep finds': (policy, last) =>
    maySweepName(policy, operation(last), 'ops', []),
  'a sweep': (policy, last) => maySweepUnder(policy, parent(last), 'ops', []),
  'a list': (policy, last) => mayCancelUnder(policy, parent(last), 'ops', []),
  'a denial of another caller': (policy, last) =>
    explainDenial(policy, { caller: 'x', identities: [], name: operation(last), sweep: false }),
  'a denial of another project': (policy) =>
    explainDenial(policy, { ...ops, name: operation('other'), sweep: false }),
  'a denial of a project number': (policy) =>
    explainDenial(policy, { ...ops, name: operation('12345'), sweep: false }),
  'a denial of another verb': (policy, last) =>
    explainDenial(policy, { ...ops, name: operation(last), metadata: {}, sweep: false }),
};

function countReads(count: number, request: (policy: Policy, last: string) => unknown): number {
  const { rules, takeReads } = countRuleReads(createRules(count));
  const policy = createPolicy(rules);
  takeReads();
  request(policy, `project-${count - 2}`);
  return takeReads().length;
}

describe('10,000 rules that name their projects cost what 10 do, in rules read:', () => {
  for (const [what, request] of Object.entries(requests)) {
    test(what, () => {
      const [few, many] = [countReads(10, request), countReads(10_000, request)];
      assert.equal(many, few);
      assert.ok(many <= 2, `${many}`);
    });
  }
});
