/** Which requests count against `cancelsPerMinute`: each cancel that is sent, and nothing else. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { authorize } from '../../src/actions/authorize.ts';
import { cancel } from '../../src/actions/cancel.ts';
import { cancelMany } from '../../src/actions/cancel-many.ts';
import { createRateLimiter } from '../../src/actions/context.ts';
import { sweep } from '../../src/actions/sweep.ts';
import type { Mode } from '../../src/caller.ts';
import type { OperationResult } from '../../src/command.ts';
import { StatusError } from '../../src/errors.ts';
import { parseResourceName } from '../../src/resource-name.ts';
import {
  CALL,
  createCommand,
  createContext,
  createFakeClock,
  createFakeUpstream,
  createParsedResponse,
} from '../support/fakes.ts';

const PARENT = 'projects/p/locations/l';
const operations = Array.from(
  { length: 5 },
  (_, index) => parseResourceName(`${PARENT}/operations/o${index}`) ?? assert.fail(),
);

/** @returns a context in which "ops" may send three cancels per minute, and the cancels that were sent */
function createLimited(mode: Mode = 'enforce', done = false) {
  const sent: string[] = [];
  const read = (name: string) => ({
    name,
    done,
    metadata: { verb: 'create', createTime: '2020-01-01T00:00:00Z' },
  });
  const upstream = createFakeUpstream({
    get: async (name) => createParsedResponse(read(name)),
    list: async () => createParsedResponse({ operations: operations.map(read) }),
    cancel: async (name) => {
      sent.push(name);
      return createParsedResponse({});
    },
  });
  const clock = createFakeClock();
  const rateLimiter = createRateLimiter(new Map([['ops', { cancelsPerMinute: 3 }]]), clock);
  return { ctx: createContext({ deps: { upstream, clock, rateLimiter }, mode }), sent, clock };
}

type Ctx = ReturnType<typeof createLimited>['ctx'];

const many = (ctx: Ctx) =>
  cancelMany(
    {
      kind: 'cancel-many',
      targets: operations.map((operation) => ({ operation })),
      unreadName: false,
      truncatedAlerts: 0,
    },
    ctx,
  );

const wordOf = (result: OperationResult | { outcome: string }) =>
  'outcome' in result ? result.outcome : result.error.reason;

async function one(ctx: Ctx, over: object = {}): Promise<string> {
  const [name = assert.fail()] = operations;
  const { permit, fetched } = await authorize(name, CALL, ctx);
  const command = createCommand('cancel', { name, ...over });
  return cancel(permit, command, fetched, CALL, ctx.deps, ctx.signal).then(
    ({ outcome }) => outcome,
    (error) => (error instanceof StatusError ? error.reason : assert.fail(error)),
  );
}

describe('cancelsPerMinute', () => {
  test('counts each name of an alert; the first ones are cancelled, the others refused', async () => {
    const { ctx, sent } = createLimited();
    const words = (await many(ctx)).map(wordOf);
    assert.deepEqual(words, [
      'CANCEL_REQUESTED',
      'CANCEL_REQUESTED',
      'CANCEL_REQUESTED',
      'RATE_LIMITED',
      'RATE_LIMITED',
    ]);
    assert.deepEqual(sent, operations.slice(0, 3));
  });

  test('counts each operation of a sweep; the others are refused in the same response', async () => {
    const { ctx, sent } = createLimited();
    const command = createCommand('sweep', { parent: PARENT, olderThan: '1h' });
    const { operations: swept, remaining } = await sweep(command, ctx);
    assert.equal(
      swept.filter((item) => wordOf(item as OperationResult) === 'RATE_LIMITED').length,
      2,
    );
    assert.deepEqual([sent.length, remaining], [3, 0]);
  });

  test('counts requests of all kinds together, until a minute has passed', async () => {
    const { ctx, sent, clock } = createLimited();
    for (let times = 0; times < 2; times++) assert.equal(await one(ctx), 'CANCEL_REQUESTED');
    assert.deepEqual((await many(ctx)).map(wordOf).slice(0, 2), [
      'CANCEL_REQUESTED',
      'RATE_LIMITED',
    ]);
    assert.equal(await one(ctx), 'RATE_LIMITED');
    assert.equal(sent.length, 3);
    await clock.sleep(60_000);
    assert.equal(await one(ctx), 'CANCEL_REQUESTED');
  });

  test('does not count an operation that is done, a dry run, observe, or ask', async () => {
    const done = createLimited('enforce', true);
    for (let times = 0; times < 4; times++) {
      assert.equal(await one(done.ctx, { wait: '5s' }), 'ALREADY_DONE');
    }
    const dry = createLimited();
    for (let times = 0; times < 4; times++) {
      assert.equal(await one(dry.ctx, { validateOnly: true }), 'WOULD_CANCEL');
    }
    for (const [mode, word] of [
      ['observe', 'WOULD_CANCEL'],
      ['ask', 'ASKED'],
    ] as const) {
      const { ctx } = createLimited(mode);
      assert.deepEqual(new Set((await many(ctx)).map(wordOf)), new Set([word]));
    }
  });
});
