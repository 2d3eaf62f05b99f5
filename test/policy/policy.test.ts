import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  createPolicy,
  decide,
  mayCancelUnder,
  maySweepName,
  maySweepUnder,
  rulesFor,
} from '../../src/policy/policy.ts';
import type { AuthorizationRequest, Rule } from '../../src/policy/rule.ts';
import type { ParentName, ResourceName } from '../../src/resource-name.ts';
import { parseRules, type RuleInput } from '../support/fakes.ts';
import { matchesPattern } from '../support/grammar.ts';
import { authorizationRequests, formatName, rules, word } from '../support/rules.ts';

/** The contract's table of a rule, row by row, without the code under test. */
function isAllowedBy(rule: Rule, request: AuthorizationRequest): boolean {
  const { caller, identities, operation, metadata, sweep } = request;
  const { callers, principals, verbs, targets } = rule;
  const { verb, target } = metadata ?? {};
  return (
    rule.operations.some(({ text }) => matchesPattern(text, operation)) &&
    (!callers || callers.includes(caller)) &&
    (!principals || principals.some((id) => identities.includes(id))) &&
    (!metadata || !verbs || (verb !== undefined && verbs.includes(verb))) &&
    (!metadata ||
      !targets ||
      (target !== undefined && targets.some(({ text }) => matchesPattern(text, target)))) &&
    (rule.sweep || !sweep)
  );
}

/** Compares the rules one by one, in the order of the configuration. */
function evaluateOneByOne(rules: readonly Rule[], request: AuthorizationRequest): string {
  const matching = rules.filter((rule) => isAllowedBy(rule, request));
  const first = matching.find(({ verbs, targets }) => request.metadata || !(verbs || targets));
  if (first) return `allow[${first.index}]`;
  return matching.length > 0 ? 'needs-metadata' : 'denied';
}

function evaluate(rules: readonly Rule[], request: AuthorizationRequest): string {
  const decision = decide(createPolicy(rules), request);
  if (decision.kind !== 'allowed') return decision.kind;
  assert.equal(decision.permit.operation, request.operation);
  return `allow[${decision.permit.rule.index}]`;
}

describe('decide', () => {
  test('decides like a comparison with each rule in order', () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(rules, fc.array(authorizationRequests, { minLength: 4 }), (rules, requests) => {
        for (const request of requests) {
          const expected = evaluateOneByOne(rules, request);
          assert.equal(evaluate(rules, request), expected);
          const kind = /^allow\[[1-9]/.test(expected) ? 'a later rule' : expected;
          seen.set(kind, (seen.get(kind) ?? 0) + 1);
        }
      }),
      { numRuns: 800 },
    );
    for (const kind of ['denied', 'needs-metadata', 'allow[0]', 'a later rule']) {
      assert.ok((seen.get(kind) ?? 0) > 20, `${kind}: ${seen.get(kind)}`);
    }
  });

  test('asks for metadata only where it can change the decision', () => {
    const metadata = fc.record({
      verb: fc.constantFrom('create', 'delete', undefined),
      target: fc.constantFrom('projects/a', 'projects/b', undefined),
    });
    fc.assert(
      fc.property(rules, authorizationRequests, fc.array(metadata), (rules, request, values) => {
        const { metadata: _, ...unread } = request;
        const { kind } = decide(createPolicy(rules), unread);
        if (kind === 'needs-metadata') return;
        for (const metadata of values) {
          assert.equal(decide(createPolicy(rules), { ...unread, metadata }).kind, kind);
        }
      }),
    );
  });

  test('denies everything without rules', () => {
    fc.assert(
      fc.property(authorizationRequests, (request) =>
        assert.equal(evaluate([], request), 'denied'),
      ),
    );
  });

  test('still allows a request after more rules are added before', () => {
    fc.assert(
      fc.property(rules, rules, authorizationRequests, (some, more, request) => {
        const metadata = request.metadata ?? {};
        if (!evaluate(some, { ...request, metadata }).startsWith('allow')) return;
        const all = [...more, ...some].map((rule, index) => ({ ...rule, index }));
        assert.match(evaluate(all, { ...request, metadata }), /^allow/);
      }),
    );
  });

  const P = formatName(['p', '*', '*']);
  const ANY = formatName(['*', '*', '*']);
  const unread = {
    caller: 'ops',
    identities: [],
    operation: formatName(['p', 'l', 'o']),
    sweep: false,
  };
  const read = { ...unread, metadata: { verb: 'create' } };
  const rows: [string, RuleInput[], AuthorizationRequest, string][] = [
    ['a literal project before a wildcard', [{ operations: [P] }, {}], unread, 'allow[0]'],
    ['a wildcard before a literal project', [{}, { operations: [P] }], unread, 'allow[0]'],
    [
      'a rule with a literal and a wildcard pattern once',
      [{ callers: ['x'] }, { operations: [P, ANY] }, {}],
      unread,
      'allow[1]',
    ],
    [
      'a rule without verbs first, before the read',
      [{ verbs: ['create'] }, {}],
      unread,
      'allow[1]',
    ],
    ['the first rule, after the read', [{ verbs: ['create'] }, {}], read, 'allow[0]'],
    ['the next rule where the verb differs', [{ verbs: ['delete'] }, {}], read, 'allow[1]'],
    ['a read where only rules with verbs match', [{ verbs: ['create'] }], unread, 'needs-metadata'],
    ['a denial where the verb differs', [{ verbs: ['delete'] }], read, 'denied'],
    [
      'a denial where the verb is missing',
      [{ verbs: ['create'] }],
      { ...read, metadata: {} },
      'denied',
    ],
    ['a denial for a sweep without sweep: true', [{}], { ...read, sweep: true }, 'denied'],
    ['a sweep by sweep: true', [{}, { sweep: true }], { ...read, sweep: true }, 'allow[1]'],
    ['a named operation by sweep: true', [{ sweep: true }], unread, 'allow[0]'],
    ['a denial for principals without an identity', [{ principals: ['a@b.c'] }], unread, 'denied'],
    [
      'a denial for an identity in other letters',
      [{ principals: ['a@b.c'] }],
      { ...unread, identities: ['A@B.C', 'a@b.c ', ''] },
      'denied',
    ],
    [
      'a denial for a project that only begins alike',
      [{ operations: [formatName(['p1', '*', '*'])] }],
      unread,
      'denied',
    ],
    [
      'a denial for a name that every object has',
      [{ verbs: ['create'], operations: [P] }],
      { ...unread, operation: formatName(['toString', 'l', 'o']) },
      'denied',
    ],
  ];
  for (const [what, texts, request, expected] of rows) {
    test(`returns ${what}`, () => assert.equal(evaluate(parseRules(texts), request), expected));
  }
});

describe('under a parent', () => {
  test('a rule can match exactly where one of its patterns covers project and location', () => {
    const seen = new Set<string>();
    const locations = fc.tuple(word, fc.oneof(word, fc.constant('-')));
    fc.assert(
      fc.property(
        rules,
        authorizationRequests,
        locations,
        (rules, request, [project, location]) => {
          const { caller, identities } = request;
          const policy = createPolicy(rules);
          const parent = `projects/${project}/locations/${location}` as ParentName;
          // An operation that has a pattern's own ID, and any location its own: the rest decides.
          const covering = rules.filter((rule) =>
            rule.operations.some(({ text }) => {
              const [, , , at = '', , id = ''] = text.split('/');
              const place = location === '-' ? at.replaceAll('*', 'x') : location;
              const operation = formatName([project, place, id.replaceAll('*', 'x')]);
              const { verbs: _, targets: __, ...named } = rule;
              return isAllowedBy(named, { caller, identities, operation, sweep: false });
            }),
          );
          const cancels = covering.length > 0;
          const sweeps = covering.some(({ sweep }) => sweep);
          assert.equal(mayCancelUnder(policy, parent, caller, identities), cancels);
          assert.equal(maySweepUnder(policy, parent, caller, identities), sweeps);
          seen.add(`${cancels} ${sweeps}`);
        },
      ),
      { numRuns: 2_000 },
    );
    assert.equal(seen.size, 3);
  });

  test('a name is covered for a sweep by its name alone, whatever verb and target it has', () => {
    const seen = new Set<boolean>();
    fc.assert(
      fc.property(rules, authorizationRequests, (rules, request) => {
        const { caller, identities, operation } = request;
        const covered = maySweepName(createPolicy(rules), operation, caller, identities);
        const asked = { caller, identities, operation, sweep: true };
        assert.equal(
          covered,
          rules.some((rule) => isAllowedBy(rule, asked)),
        );
        seen.add(covered);
        // What is allowed is covered, and the parent of what is covered can be swept.
        if (evaluate(rules, { ...request, sweep: true }).startsWith('allow')) assert.ok(covered);
        const parent = operation.split('/operations/')[0] as ParentName;
        if (covered) assert.ok(maySweepUnder(createPolicy(rules), parent, caller, identities));
      }),
      { numRuns: 1_000 },
    );
    assert.equal(seen.size, 2);
  });

  const rows: [string, boolean][] = [
    ['projects/p/locations/us-1', true],
    ['projects/p/locations/-', true],
    ['projects/p/locations/eu-1', false],
    ['projects/q/locations/us-1', false],
    ['projects/q/locations/-', false],
  ];
  for (const [parent, expected] of rows) {
    test(`a sweep of ${parent} is ${expected ? 'possible' : 'refused'}`, () => {
      const policy = createPolicy(
        parseRules([
          { operations: [formatName(['p', 'us-*', 'x'])], sweep: true, verbs: ['create'] },
          { operations: [formatName(['q', '*', '*'])] },
          { operations: [formatName(['*', '*', '*'])], sweep: true, callers: ['other'] },
        ]),
      );
      assert.equal(maySweepUnder(policy, parent as ParentName, 'ops', []), expected);
    });
  }
});

test('a permit names the caller and the operation of the request, and the rule that allows it', () => {
  const policy = createPolicy(parseRules([{}]));
  const operation = formatName(['p', 'l', 'o']) as ResourceName;
  const decision = decide(policy, { caller: 'ops', identities: [], operation, sweep: false });
  assert.ok(decision.kind === 'allowed');
  assert.deepEqual(Object.keys(decision.permit), ['caller', 'operation', 'rule']);
});

test('the rules for a caller are those that name it, or nobody, and one of its identities', () => {
  const policy = createPolicy(
    parseRules([{}, { callers: ['ops'] }, { callers: ['other'] }, { principals: ['a'] }]),
  );
  const indexes = (caller: string, ...identities: string[]) =>
    rulesFor(policy, caller, identities).map(({ index }) => index);
  assert.deepEqual(indexes('ops'), [0, 1]);
  assert.deepEqual(indexes('other', 'a'), [0, 2, 3]);
});
