import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cancelMany } from '../../src/actions/cancel-many.ts';
import type { OperationContext } from '../../src/actions/context.ts';
import { createPrincipal } from '../../src/caller.ts';
import { invalidRequest } from '../../src/errors.ts';
import { createPolicy } from '../../src/policy/policy.ts';
import { parseResourceName } from '../../src/resource-name.ts';
import {
  createFakeClock,
  createFakeUpstream,
  createParsedResponse,
  LIMITS,
  NO_RATE_LIMIT,
  parseRules,
} from '../support/fakes.ts';

const operations = Array.from(
  { length: 9_000 },
  (_, i) => parseResourceName(`projects/p/locations/l/operations/o${i}`) ?? assert.fail(),
);

function createContext(rule: object, done = false) {
  const calls = { get: 0, cancel: 0 };
  const upstream = createFakeUpstream({
    get: async () => {
      calls.get += 1;
      return createParsedResponse({ done, response: {}, metadata: { verb: 'create' } });
    },
    cancel: async () => {
      calls.cancel += 1;
      return createParsedResponse({});
    },
  });
  const rules = parseRules([{ operations: ['projects/*/locations/*/operations/*'], ...rule }]);
  const ctx: OperationContext = {
    principal: createPrincipal('alerts', []),
    policy: createPolicy(rules),
    deps: { upstream, clock: createFakeClock(), rateLimiter: NO_RATE_LIMIT },
    limits: { ...LIMITS, alertMax: 100 },
    callback: undefined,
    mode: 'enforce',
    entry: {},
    signal: new AbortController().signal,
  };
  return { ctx, calls };
}

const command = {
  kind: 'cancel-many' as const,
  targets: operations.map((operation) => ({ operation })),
  unreadName: false,
  truncatedAlerts: 0,
};

test('an alert with 9,000 operations cancels the first 100; the others are LIMIT_EXCEEDED', async () => {
  const { ctx, calls } = createContext({ verbs: ['create'] });
  const results = await cancelMany(command, ctx);
  assert.deepEqual(calls, { get: 100, cancel: 100 });
  assert.equal(results.length, 9_000);
  for (const [index, result] of results.entries()) {
    assert.equal(result.name, operations[index]);
    if (index < 100) assert.equal('outcome' in result && result.outcome, 'CANCEL_REQUESTED');
    else assert.equal('error' in result && result.error.reason, 'LIMIT_EXCEEDED');
  }
});

test('a name that is refused does not count against alertMax', async () => {
  const { ctx, calls } = createContext({});
  const error = invalidRequest({ field: 'operation', description: 'is no name' });
  const refused = Array.from({ length: 150 }, (_, n) => ({ name: `no name ${n}`, error }));
  const targets = [...refused, ...command.targets.slice(0, 101)];
  const results = await cancelMany({ ...command, targets }, ctx);
  assert.deepEqual(calls, { get: 0, cancel: 100 });
  assert.deepEqual(results.slice(0, 150), refused);
  const last = results.at(-1);
  assert.ok(last && 'error' in last && last.error.reason === 'LIMIT_EXCEEDED');
});

test('in mode ask, 20 operations are proposed; the others are LIMIT_EXCEEDED, and done ones do not count', async () => {
  const { ctx, calls } = createContext({});
  const targets = command.targets.slice(0, 25);
  const results = await cancelMany({ ...command, targets }, { ...ctx, mode: 'ask' });
  assert.deepEqual(calls, { get: 25, cancel: 0 });
  const asked = results.filter((one) => 'outcome' in one && one.outcome === 'ASKED');
  const refused = results.filter((one) => 'error' in one && one.error.reason === 'LIMIT_EXCEEDED');
  assert.deepEqual([asked.length, refused.length], [20, 5]);

  const asking = createContext({}).ctx;
  const lastName = targets.at(-1)?.operation;
  const { get } = asking.deps.upstream;
  asking.deps.upstream.get = async (name, call) => {
    const read = await get(name, call);
    return name === lastName ? { ...read, value: { ...read.value, done: true } } : read;
  };
  const mixed = await cancelMany({ ...command, targets }, { ...asking, mode: 'ask' });
  const end = mixed.at(-1);
  assert.equal(end && 'outcome' in end && end.outcome, 'ALREADY_DONE', 'also behind the limit');

  const done = createContext({}, true).ctx;
  const all = await cancelMany({ ...command, targets }, { ...done, mode: 'ask' });
  assert.ok(all.every((one) => 'outcome' in one && one.outcome === 'ALREADY_DONE'));
});

test('an operation that the rule has read as done is ALREADY_DONE, and no cancel is sent', async () => {
  const { ctx, calls } = createContext({ verbs: ['create'] }, true);
  const [result] = await cancelMany({ ...command, targets: command.targets.slice(0, 1) }, ctx);
  assert.equal(result && 'outcome' in result && result.outcome, 'ALREADY_DONE');
  assert.deepEqual(calls, { get: 1, cancel: 0 });
});
