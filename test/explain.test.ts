import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { denialOf } from '../src/policy/denial.ts';
import { type Asked, explain, ORDER } from '../src/policy/explain.ts';
import { decide, policyOf } from '../src/policy/policy.ts';
import { type Question, type Rule, ruleName } from '../src/policy/rule.ts';
import { assertError } from './support/error-form.ts';
import { type House, OPS, openHouse } from './support/house.ts';
import { rulesOf } from './support/inside.ts';
import { nameOf, questions, rules } from './support/rules.ts';

/** Its lists multiply to so many ways that the tree does not follow them all. */
function isWide({ operations, callers, principals, verbs, targets }: Rule): boolean {
  const lists = [operations, callers, principals, verbs, targets];
  return lists.reduce((ways, list) => ways * (list?.length ?? 1), 1) > 64;
}

const asked = ({ operation, ...question }: Question): Asked => ({ ...question, name: operation });

describe('an explanation', () => {
  test('finds nothing against the rule that decides, and something against each where none does', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(rules, questions, (rules, { operation, ...question }) => {
        const explained = explain(rules, { ...question, name: operation });
        const decision = decide(policyOf(rules), { operation, ...question });
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
      fc.property(rules, questions, (rules, question) => {
        const full = { ...question, sweep: false };
        const policy = policyOf(rules);
        if (decide(policy, full).kind !== 'denied' || rules.some(isWide)) return;
        const [first, ...others] = explain(rules, asked(full));
        const reach = (one: typeof first) =>
          ORDER.indexOf(one?.mismatches[0]?.unmatched ?? ORDER[0]);
        for (const other of others) assert.ok(reach(other) <= reach(first));
        if (!first) return;
        const { nearest } = denialOf(policy, asked(full));
        assert.equal(nearest.split(': ')[0], ruleName(first.rule));
        for (const { key, why } of first.mismatches) assert.ok(nearest.includes(`${key}: ${why}`));
        denied += 1;
      }),
      { numRuns: 1_500 },
    );
    assert.ok(denied > 300, `${denied}`);
  });

  test('names the part of the nearest pattern that does not fit', () => {
    const why = (operations: string[], name: string) => {
      const [first] = explain(rulesOf([{ operations }]), {
        caller: 'ops',
        identities: [],
        name,
        sweep: false,
      });
      return first?.mismatches.map((one) => one.why).join();
    };
    assert.equal(
      why(
        ['projects/my-project/locations/*/operations/*'],
        'projects/my-projekt/locations/l/operations/o',
      ),
      'the project "my-projekt" is not "my-project" in projects/my-project/locations/*/operations/*',
    );
    assert.equal(
      why(
        ['projects/q/locations/*/operations/*', 'projects/p/locations/us-*/operations/*'],
        'projects/p/locations/eu/operations/o',
      ),
      'the location "eu" does not fit "us-*" in projects/p/locations/us-*/operations/*, the nearest of 2 patterns',
    );
  });

  test('of a place without a location has nothing against any', () => {
    const rules = rulesOf([{ operations: ['projects/p/locations/us-*/operations/o'] }]);
    const place = { caller: 'ops', identities: [], sweep: false };
    const of = (name: string) =>
      explain(rules, { ...place, name })[0]?.mismatches.map(({ unmatched }) => unmatched);
    assert.deepEqual(of('projects/p/locations/-'), []);
    assert.deepEqual(of('projects/p/locations/eu'), ['location']);
    assert.deepEqual(of('projects/q/locations/-'), ['project']);
  });

  test('stays short, however long the lists of a rule are', () => {
    const long = Array.from({ length: 500 }, (_, at) => `${'x'.repeat(200)}${at}`);
    const policy = policyOf(
      rulesOf([{ callers: long, principals: long, description: 'd'.repeat(2_000) }]),
    );
    const { nearest } = denialOf(policy, {
      caller: 'ops',
      identities: long,
      name: nameOf(['p', 'l', 'o']),
      sweep: false,
    });
    assert.ok(nearest.length <= 501, `${nearest.length}`);
  });

  test('costs as little among 10,000 rules as the decision', () => {
    const policy = policyOf(
      rulesOf(
        Array.from({ length: 10_000 }, (_, at) => ({
          operations: [nameOf([`project-${at}`, '*', '*'])],
        })),
      ),
    );
    const question = {
      caller: 'ops',
      identities: [],
      name: nameOf(['other', 'l', 'o']),
      sweep: false,
    };
    denialOf(policy, question);
    let least = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 20; round++) {
      const started = performance.now();
      for (let times = 0; times < 50; times++) denialOf(policy, question);
      least = Math.min(least, (performance.now() - started) / 50);
    }
    assert.ok(least < 0.2, `${least} ms`);
  });
});

describe('who is denied', () => {
  const of = (project: string, location = '*', id = '*') =>
    `projects/${project}/locations/${location}/operations/${id}`;
  const allow = [
    { callers: ['hidden'], operations: [of('secret-project')], sweep: true },
    {
      callers: ['people'],
      principals: ['alice@secret.example'],
      operations: [of('secret-project')],
    },
    { description: 'bulk imports', callers: ['ops'], operations: [of('mine', 'us-*', 'bulk-*')] },
    { callers: ['ops'], operations: [of('made')], verbs: ['secret-verb'] },
    { callers: ['ops'], operations: [of('aimed')], targets: ['projects/secret-target/**'] },
  ];
  let house: House;
  before(async () => {
    const google = { audience: 'hook', emails: ['bob@example.com'] };
    const people = { type: 'json', auth: { google } };
    house = await openHouse({
      config: { callers: { ops: OPS, none: OPS, hidden: OPS, people }, allow },
    });
    for (const project of ['made', 'aimed']) {
      house.cloud.addOperation({ name: `projects/${project}/locations/l/operations/o` });
    }
  });
  after(() => house.stop());

  const rows: [route: string, project: string, hint: string, nearest: RegExp][] = [
    [
      'none',
      of('mine', 'us-1', 'o'),
      'No rule is for this caller.',
      /^allow\[0\]: callers: "none" is not "hidden"/,
    ],
    [
      'people',
      of('mine', 'us-1', 'p'),
      'The rules for this caller are for other principals.',
      /^allow\[1\]: principals: "bob@example.com", and the rule asks for "alice@secret.example"/,
    ],
    [
      'ops',
      of('other', 'us-1', 'o'),
      'No rule for you covers this project.',
      /^allow\[2\]: bulk imports: operations: the project "other" is not "mine" in projects\/mine\//,
    ],
    [
      'ops',
      of('mine', 'eu-1', 'o'),
      'No rule for you covers this location of the project.',
      /location "eu-1" does not fit "us-\*"/,
    ],
    [
      'ops',
      of('mine', 'us-1', 'q'),
      "No rule for you covers this operation's id.",
      /operation "q" does not fit "bulk-\*"/,
    ],
    [
      'ops',
      of('made', 'l', 'o'),
      'The rules for you that cover it are for other verbs.',
      /^allow\[3\]: verbs: .*"secret-verb"/,
    ],
    [
      'ops',
      of('aimed', 'l', 'o'),
      'The rules for you that cover it are for other targets.',
      /^allow\[4\]: targets: .*"secret-target"/,
    ],
  ];
  for (const [route, name, hint, nearest] of rows) {
    test(`hears: ${hint} The log says more`, async () => {
      const proof = house.cloud.mintIdToken({
        aud: 'hook',
        email: 'bob@example.com',
        email_verified: true,
      });
      const request = house.hook.http.post(`/${route}`).send({ name });
      request.set('Authorization', `Bearer ${route === 'people' ? proof : 'ops-token-0123456789'}`);
      const answer = await request;
      const { message } = assertError(answer, 'NOT_ALLOWED');
      assert.equal(message, `No rule allows "${route}" to cancel ${name}. ${hint}`);
      assert.doesNotMatch(
        answer.text,
        /secret|hidden|alice|bulk|us-\*|allow\[/,
        'nothing of a rule',
      );
      const line = await house.hook.log(
        ({ operation, denied }) => operation === name && Boolean(denied),
      );
      assert.match(String(line.denied), nearest);
    });
  }

  test('to sweep or to list hears as much', async () => {
    const sweep = { parent: 'projects/mine/locations/-', olderThan: '1h' };
    const { message } = assertError(await house.ask(sweep), 'NOT_ALLOWED');
    assert.equal(message, 'No rule allows "ops" to sweep. The rules for you do not serve sweeps.');
    const line = await house.hook.log(({ parent }) => parent === sweep.parent);
    assert.match(String(line.denied), /^allow\[2\]: bulk imports: sweep: is not true/);
  });
});
