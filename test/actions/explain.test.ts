import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { explain } from '../../src/actions/authorize.ts';
import type { OperationContext } from '../../src/actions/context.ts';
import { createPrincipal } from '../../src/caller.ts';
import { StatusError } from '../../src/errors.ts';
import { createPolicy } from '../../src/policy/policy.ts';
import { parseResourceName } from '../../src/resource-name.ts';
import {
  createFakeClock,
  createFakeUpstream,
  createParsedResponse,
  LIMITS,
  NO_RATE_LIMIT,
  parseRules,
  type RuleInput,
} from '../support/fakes.ts';

const OPERATIONS = 'projects/p/locations/l/operations';
const operation = parseResourceName(`${OPERATIONS}/o`) ?? assert.fail();

async function explained(rules: readonly RuleInput[], read?: () => Promise<never>) {
  const upstream = createFakeUpstream({
    get: read ?? (async () => createParsedResponse({ metadata: { verb: 'create' } })),
  });
  const ctx: OperationContext = {
    principal: createPrincipal('agents', ['bot@p.iam.gserviceaccount.com']),
    policy: createPolicy(parseRules(rules)),
    deps: { upstream, clock: createFakeClock(), rateLimiter: NO_RATE_LIMIT },
    limits: LIMITS,
    callback: undefined,
    mode: 'ask',
    entry: {},
    signal: new AbortController().signal,
  };
  const result = await explain({ kind: 'explain', operation }, ctx);
  return result.kind === 'explain' ? { ...result, entry: ctx.entry } : assert.fail();
}

describe('an explanation', () => {
  test('names the rule that allows it, the mode, and only the rules that are for the requester', async () => {
    const { mode, rule, denial, rules, moreRules, entry } = await explained([
      { operations: [`${OPERATIONS}/*`], callers: ['ops'] },
      { operations: [`${OPERATIONS}/*`], principals: ['somebody@else.example'] },
      { operations: [`${OPERATIONS}/*`], callers: ['agents'], description: 'ours' },
      { operations: [`${OPERATIONS}/o`], principals: ['bot@p.iam.gserviceaccount.com'] },
    ]);
    assert.deepEqual([mode, rule, denial, moreRules], ['ask', 'allow[2]: ours', undefined, 0]);
    assert.deepEqual(
      rules.map((one) => one.rule),
      ['allow[2]: ours', 'allow[3]'],
    );
    assert.equal(entry.rule, 'allow[2]: ours');
  });

  test('of a denial has its error, and notes the closest rule for the log', async () => {
    const other = { operations: ['projects/p/locations/other/operations/*'], verbs: ['create'] };
    const { rule, denial, rules, entry } = await explained([other]);
    assert.deepEqual([rule, denial?.reason], [undefined, 'NOT_ALLOWED']);
    assert.deepEqual(rules, [{ rule: 'allow[0]', ...other }]);
    assert.match(entry.denied ?? '', /allow\[0\]/);
  });

  test('reads the operation where a rule needs its verb, and fails where it cannot', async () => {
    const rules = [{ operations: [`${OPERATIONS}/*`], verbs: ['create'] }];
    assert.equal((await explained(rules)).rule, 'allow[0]');
    const missing = StatusError.upstream({ code: 404, status: 'NOT_FOUND', message: '' }, '{}');
    await assert.rejects(
      explained(rules, () => Promise.reject(missing)),
      missing,
    );
  });

  test('of many long rules is short, and counts the others', async () => {
    const long = { operations: Array.from({ length: 30 }, (_, i) => `${OPERATIONS}/${i}`) };
    const many = Array.from({ length: 60 }, () => ({ ...long, description: 'x'.repeat(500) }));
    const { rules, moreRules } = await explained(many);
    assert.deepEqual([rules.length, moreRules], [50, 10]);
    for (const { rule, operations } of rules) {
      assert.ok(rule.length <= 200 && rule.endsWith('…'));
      assert.equal(operations.length, 20);
    }
  });
});
