/** Rules for several services: which of them a request can match, and what a denial says. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { explainDenial } from '../../src/policy/denial.ts';
import { createPolicy, decide, mayCancelUnder, maySweepUnder } from '../../src/policy/policy.ts';
import { parseParentName, parseResourceName } from '../../src/resource-name.ts';
import { countRuleReads } from '../support/count-rule-reads.ts';
import { parseRules, type RuleInput } from '../support/fakes.ts';

const JOBS = '//dataproc.googleapis.com/projects/p/regions/r/jobs';
const name = (text: string) => parseResourceName(text) ?? assert.fail(text);
const parent = (text: string) => parseParentName(text) ?? assert.fail(text);
const policyOf = (...rules: RuleInput[]) => createPolicy(parseRules(rules));
const ops = { caller: 'ops', identities: [], sweep: false };

test('a rule for one service allows nothing of another, also with stars everywhere', () => {
  const rest = 'projects/p/locations/l/operations/o';
  const all = 'projects/*/locations/*/operations/*';
  const policies = [
    policyOf({ operations: [all] }),
    policyOf({ operations: [`//alloydb.googleapis.com/${all}`] }),
  ];
  const kinds = [rest, `//alloydb.googleapis.com/${rest}`, `//redis.googleapis.com/${rest}`].map(
    (one) => policies.map((policy) => decide(policy, { ...ops, operation: name(one) }).kind),
  );
  assert.deepEqual(kinds, [
    ['allowed', 'denied'],
    ['denied', 'allowed'],
    ['denied', 'denied'],
  ]);
});

test('a parent is compared with its service, its shape and its location', () => {
  const policy = policyOf(
    { operations: ['//dataproc.googleapis.com/projects/p/regions/us-*/jobs/*'], sweep: true },
    { operations: ['//batch.googleapis.com/projects/p/locations/us-1/jobs/*'] },
  );
  for (const [text, cancels, sweeps] of [
    ['//dataproc.googleapis.com/projects/p/regions/us-1/jobs', true, true],
    ['//dataproc.googleapis.com/projects/p/regions/us-1/operations', false, false],
    ['//dataproc.googleapis.com/projects/p/regions/eu-1/jobs', false, false],
    ['//batch.googleapis.com/projects/p/locations/-/jobs', true, false],
    ['//bigquery.googleapis.com/projects/p/locations/us-1/jobs', false, false],
    ['projects/p/locations/us-1', false, false],
  ] as const) {
    assert.equal(mayCancelUnder(policy, parent(text), 'ops', []), cancels, text);
    assert.equal(maySweepUnder(policy, parent(text), 'ops', []), sweeps, text);
  }
});

test('10,000 rules of many services and projects cost what 10 do', () => {
  const services = ['alloydb', 'redis', 'netapp', 'looker', 'file'];
  const reads = [10, 10_000].map((count) => {
    const texts = Array.from({ length: count }, (_, index) => ({
      operations: [
        `//${services[index % 5]}.googleapis.com/projects/p-${index}/locations/*/operations/*`,
      ],
    }));
    const { rules, takeReads } = countRuleReads(parseRules(texts));
    const policy = createPolicy(rules);
    takeReads();
    const operation = name('//redis.googleapis.com/projects/p-6/locations/l/operations/o');
    assert.equal(decide(policy, { ...ops, operation }).kind, 'allowed');
    return takeReads().length;
  });
  assert.deepEqual(reads, [1, 1]);
});

describe('a denial', () => {
  for (const [rule, condition, hint, detail] of [
    [
      'projects/*/locations/*/operations/*',
      'project',
      'No rule for you covers resources of dataproc.googleapis.com in this project.',
      'no rule covers resources of dataproc.googleapis.com in the project "p"',
    ],
    [
      '//dataproc.googleapis.com/projects/p/regions/s/jobs/*',
      'location',
      'No rule for you covers this location of the project.',
      /the location "r" is not "s"/,
    ],
    [
      '//dataproc.googleapis.com/projects/p/regions/r/jobs/x*',
      'operation',
      "No rule for you covers this operation's ID.",
      /the operation "j" does not match "x\*"/,
    ],
    [
      '//dataproc.googleapis.com/projects/p/regions/r/operations/*',
      'operation',
      "No rule for you covers this operation's ID.",
      /the operation "jobs" is not "operations"/,
    ],
  ] as const) {
    test(`by ${rule} names the ${condition}`, () => {
      const denial = explainDenial(policyOf({ operations: [rule] }), {
        ...ops,
        name: name(`${JOBS}/j`),
      });
      assert.deepEqual([denial.condition, denial.hint], [condition, hint]);
      if (typeof detail === 'string') assert.equal(denial.detail, detail);
      else assert.match(denial.detail, detail);
    });
  }

  test('of a build names its ID, and of a pattern with fewer segments the location', () => {
    const policy = policyOf({ operations: ['//cloudbuild.googleapis.com/projects/p/builds/a'] });
    const asked = (text: string) =>
      explainDenial(policy, {
        ...ops,
        name: name(`//cloudbuild.googleapis.com/projects/p/${text}`),
      });
    assert.match(asked('builds/b').detail, /the operation "b" is not "a"/);
    assert.match(asked('locations/l/builds/a').detail, /the location "locations" is not "builds"/);
  });

  test('names the service where a rule with other patterns is the closest', () => {
    const policy = policyOf({ operations: ['projects/*/locations/*/operations/*', `${JOBS}/a`] });
    assert.match(
      explainDenial(policy, { ...ops, name: name(`${JOBS}/b`) }).detail,
      /the operation "b"/,
    );
  });
});
