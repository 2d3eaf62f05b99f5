/** Rules for several services: which of them a request can match, and what a denial says. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { explainDenial } from '../../src/policy/denial.ts';
import { findMismatches } from '../../src/policy/explain.ts';
import {
  createPolicy,
  decide,
  mayCancelUnder,
  maySweepUnder,
  projectForm,
} from '../../src/policy/policy.ts';
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

test('what a rule does not match is explained by its service, its segments, or one segment', () => {
  for (const [text, why] of [
    [
      'projects/*/locations/*/operations/*',
      'the service "dataproc.googleapis.com" is not that of projects/*/locations/*/operations/*',
    ],
    [
      '//dataproc.googleapis.com/projects/p/regions/r/jobs/a',
      'the operation "j" is not "a" in //dataproc.googleapis.com/projects/p/regions/r/jobs/a',
    ],
    [
      '//dataproc.googleapis.com/projects/q/regions/r/jobs/j',
      'the project "p" is not "q" in //dataproc.googleapis.com/projects/q/regions/r/jobs/j',
    ],
  ] as const) {
    const [rule] = parseRules([{ operations: [text] }]);
    const mismatches = findMismatches(rule ?? assert.fail(), { ...ops, name: name(`${JOBS}/j`) });
    assert.deepEqual(
      mismatches.map((one) => one.why),
      [why],
    );
  }
  const [short] = parseRules([{ operations: ['//cloudbuild.googleapis.com/projects/p/*/*'] }]);
  const build = name('//cloudbuild.googleapis.com/projects/p/locations/l/builds/b');
  assert.deepEqual(findMismatches(short ?? assert.fail(), { ...ops, name: build }), [
    {
      condition: 'operation',
      key: 'operations',
      why: 'the operation "builds" has another number of segments than //cloudbuild.googleapis.com/projects/p/*/*',
    },
  ]);
  const [long] = parseRules([
    { operations: ['//cloudbuild.googleapis.com/projects/p/*/*/builds/*'] },
  ]);
  const global = name('//cloudbuild.googleapis.com/projects/p/builds/b');
  assert.equal(
    findMismatches(long ?? assert.fail(), { ...ops, name: global })[0]?.why,
    'the name has another number of segments than //cloudbuild.googleapis.com/projects/p/*/*/builds/*',
  );
});

test('a project is named by its number only if all of it is digits', () => {
  assert.deepEqual(['123', 'p1', '1p', 'example.com:p'].map(projectForm), [
    'number',
    'ID',
    'ID',
    'ID',
  ]);
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

  test('names the project where the rules that may match any project do not match it', () => {
    const policy = policyOf({ operations: ['projects/team-*/locations/*/operations/*'] });
    const denial = explainDenial(policy, {
      ...ops,
      name: name('projects/p/locations/l/operations/o'),
    });
    assert.equal(denial.detail, 'no rule covers the project "p"');
  });

  test('names the service where a rule with other patterns is the closest', () => {
    const policy = policyOf({ operations: ['projects/*/locations/*/operations/*', `${JOBS}/a`] });
    assert.match(
      explainDenial(policy, { ...ops, name: name(`${JOBS}/b`) }).detail,
      /the operation "b"/,
    );
  });
});
