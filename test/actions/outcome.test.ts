/** The outcome of a cancel, whatever upstream does. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cancel } from '../../src/actions/cancel.ts';
import { StatusError } from '../../src/errors.ts';
import { createPolicy, decide, type Permit } from '../../src/policy/policy.ts';
import { parseResourceName } from '../../src/resource-name.ts';
import { toOperationState } from '../../src/resources/operations.ts';
import {
  CALL,
  createCommand,
  createFakeClock,
  createFakeUpstream,
  createParsedResponse,
  createUpstreamError,
  NO_RATE_LIMIT,
  NOW,
  type Operation,
  parseRules,
} from '../support/fakes.ts';

const name = 'projects/p/locations/l/operations/o';

/** What one read shows: the operation, or nothing. */
type Sight = Operation | 'unreadable';

interface World {
  readonly first: Sight;
  readonly answer: 'accepted' | 'too late' | 'invalid' | 'refused';
  /** What the cancel's own 200 says, which is no evidence of anything. */
  readonly body: object;
  /** What the reads after the cancel show; the last one goes on. */
  readonly later: readonly Sight[];
  readonly wait: string | undefined;
  readonly cancelFirst: boolean;
  readonly validateOnly: boolean;
  readonly random: number;
}

const codes = fc.oneof(fc.constant(1), fc.integer({ min: 2, max: 16 }));
const ending = fc.oneof<fc.Arbitrary<Partial<Operation>>[]>(
  fc.constant({ response: {} }),
  fc.constant({}),
  fc.record({ error: fc.record({ code: codes, message: fc.string() }) }),
);
const metadata = fc.record({ requestedCancellation: fc.boolean(), verb: fc.constant('create') });
const sight: fc.Arbitrary<Sight> = fc.oneof(
  // What is written there before it is done says nothing yet.
  {
    weight: 4,
    arbitrary: fc.tuple(ending, metadata).map(([e, m]) => ({ name, ...e, metadata: m })),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(ending, metadata)
      .map(([e, m]) => ({ name, done: false, ...e, metadata: m })),
  },
  { weight: 3, arbitrary: ending.map((e) => ({ name, done: true, ...e })) },
  { weight: 1, arbitrary: fc.constant('unreadable' as const) },
);
const worlds: fc.Arbitrary<World> = fc.record({
  first: sight,
  answer: fc.constantFrom('accepted', 'accepted', 'too late', 'invalid', 'refused'),
  body: fc.oneof(
    fc.constant({}),
    ending.map((e) => ({ name, done: true, ...e })),
  ),
  later: fc.array(sight, { minLength: 1, maxLength: 40 }),
  wait: fc.option(
    fc.nat(55_000).map((ms) => `${ms / 1000}s`),
    { nil: undefined },
  ),
  cancelFirst: fc.boolean(),
  // More often false, so that most runs send a cancel.
  validateOnly: fc.constantFrom(true, false, false),
  random: fc.double({ min: 0, max: 0.999, noNaN: true }),
});

function permit(): Permit {
  const operation = parseResourceName(name) ?? assert.fail();
  const request = { caller: 'c', identities: [], operation, sweep: false };
  const decision = decide(createPolicy(parseRules([{}])), request);
  return decision.kind === 'allowed' ? decision.permit : assert.fail();
}

/** Runs the command. @returns the outcome or the error's status, and the calls to upstream */
async function live(world: World) {
  const { first, answer, body, later, wait, cancelFirst, validateOnly, random } = world;
  const asked: ('get' | 'cancel')[] = [];
  const seen: Sight[] = [];
  const clock = createFakeClock(() => random);
  const upstream = createFakeUpstream({
    async get() {
      const reads = asked.filter((what) => what === 'get').length;
      const after = asked.includes('cancel');
      asked.push('get');
      const skipped = after && asked[0] === 'get' ? 1 : 0;
      const shown = after ? (later[Math.min(reads - skipped, later.length - 1)] ?? first) : first;
      seen.push(shown);
      if (shown === 'unreadable') throw createUpstreamError(500, 'INTERNAL');
      return createParsedResponse(shown);
    },
    async cancel() {
      asked.push('cancel');
      if (answer === 'too late') throw createUpstreamError(400, 'FAILED_PRECONDITION');
      if (answer === 'invalid') throw createUpstreamError(400, 'INVALID_ARGUMENT');
      if (answer === 'refused') throw createUpstreamError(501, 'UNIMPLEMENTED');
      return createParsedResponse(body);
    },
  });
  const command = {
    ...createCommand('cancel', {
      name,
      validateOnly,
      ...(wait === undefined ? {} : { wait }),
    }),
    ...(cancelFirst ? { cancelFirst } : {}),
  };
  const deps = { upstream, clock, rateLimiter: NO_RATE_LIMIT };
  const signal = new AbortController().signal;
  const said = await cancel(permit(), command, undefined, CALL, deps, signal).then(
    ({ outcome }) => outcome as string,
    (error: unknown) => (error instanceof StatusError ? error.status : assert.fail(String(error))),
  );
  return { said, asked, seen, overAt: clock.now() - NOW };
}

test('an operation that a rule has read as done is ALREADY_DONE, and no cancel is sent', async () => {
  const upstream = createFakeUpstream({});
  const deps = { upstream, clock: createFakeClock(), rateLimiter: NO_RATE_LIMIT };
  const { value, text: read } = createParsedResponse({ name, done: true, error: { code: 1 } });
  const fetched = { state: toOperationState(value), text: read };
  const { signal } = new AbortController();
  for (const over of [{}, { wait: '5s' }, { cancelFirst: true as const, wait: '2s' }]) {
    const { cancelFirst, ...body } = over as { cancelFirst?: true };
    const command = {
      ...createCommand('cancel', { name, ...body }),
      ...(cancelFirst && { cancelFirst }),
    };
    const { outcome, body: text } = await cancel(permit(), command, fetched, CALL, deps, signal);
    assert.deepEqual([outcome, text], ['ALREADY_DONE', fetched.text]);
  }
});

const END = { 1: 'CANCELLED' } as Readonly<Record<number, string>>;
const endOf = (operation: Operation) =>
  operation.error ? (END[operation.error.code ?? 0] ?? 'FAILED') : 'COMPLETED';

const ERRORS = {
  'too late': 'FAILED_PRECONDITION',
  invalid: 'INVALID_ARGUMENT',
  refused: 'UNIMPLEMENTED',
} as const;

/** The outcome, or the status of the error, that the reads and the response to the cancel allow. */
function law(world: World, seen: readonly Sight[], waitOver: boolean): string {
  const { first, answer, wait, cancelFirst, validateOnly } = world;
  const last = seen.at(-1);
  if (validateOnly) {
    if (first === 'unreadable') return 'INTERNAL';
    return first.done ? 'ALREADY_DONE' : 'WOULD_CANCEL';
  }
  const isDone = last !== undefined && last !== 'unreadable' && last.done === true;
  if (wait === undefined || (cancelFirst && answer !== 'accepted')) {
    if (answer === 'accepted') return 'CANCEL_REQUESTED';
    return isDone && answer !== 'refused' ? 'ALREADY_DONE' : ERRORS[answer];
  }
  if (cancelFirst) {
    if (last === undefined || last === 'unreadable') return 'CANCEL_REQUESTED';
    if (isDone) return endOf(last);
    return waitOver ? 'PENDING' : 'it should have read on';
  }
  if (first === 'unreadable') return 'INTERNAL';
  if (first.done) return 'ALREADY_DONE';
  if (answer === 'refused') return 'UNIMPLEMENTED';
  if (last === 'unreadable') return answer === 'accepted' ? 'CANCEL_REQUESTED' : ERRORS[answer];
  if (last?.done) return endOf(last);
  if (answer !== 'accepted') return ERRORS[answer];
  return waitOver ? 'PENDING' : 'it should have read on';
}

test('each outcome is given exactly where a read or a response is evidence of it', async () => {
  const met = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(worlds, async (world) => {
      const { said, asked, seen, overAt } = await live(world);
      const dry = world.validateOnly;
      const waited = Number(world.wait?.slice(0, -1) ?? 0) * 1000;
      assert.equal(said, law(world, seen, overAt >= Math.floor(waited)));
      met.set(said, (met.get(said) ?? 0) + 1);
      const cancels = asked.filter((what) => what === 'cancel').length;
      const doneBefore = world.first !== 'unreadable' && world.first.done === true;
      const readFirst = world.wait !== undefined && !world.cancelFirst;
      const needed = !dry && (!readFirst || (world.first !== 'unreadable' && !doneBefore));
      assert.equal(cancels, needed ? 1 : 0, 'one cancel where one is due, else none');
      assert.equal(asked[0], dry || readFirst ? 'get' : 'cancel');
      const known = seen.findIndex((sight) => sight === 'unreadable' || sight.done);
      assert.ok(
        known < 0 || known === seen.length - 1,
        'no read follows once the outcome is known',
      );
      assert.ok(overAt <= waited + 1, 'no sleep lasts beyond the wait');
    }),
    { numRuns: 4_000 },
  );
  for (const word of [
    ...['CANCEL_REQUESTED', 'CANCELLED', 'COMPLETED', 'FAILED', 'PENDING', 'ALREADY_DONE'],
    ...['WOULD_CANCEL', 'FAILED_PRECONDITION', 'INVALID_ARGUMENT', 'UNIMPLEMENTED', 'INTERNAL'],
  ]) {
    assert.ok((met.get(word) ?? 0) >= 10, `${word} came up ${met.get(word)} times`);
  }
});
