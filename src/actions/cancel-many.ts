/** Cancels each operation that an alert names, a few at a time. */

import {
  type CancelManyCommand,
  type CancelTarget,
  MAX_PROPOSALS,
  type OperationOutcome,
  type OperationResult,
} from '../command.ts';
import { StatusError } from '../errors.ts';
import { ruleName } from '../policy/rule.ts';
import { parseResourceName } from '../resource-name.ts';
import type { ResourceState } from '../resources/resource-type.ts';
import { authorize } from './authorize.ts';
import {
  cancelIfRunning,
  FIRST_POLL_MS,
  fetchResource,
  LAST_READ_MS,
  LONGEST_POLL_MS,
  POLL_GROWTH,
} from './cancel.ts';
import { callOptions, dryRunOutcome, type OperationContext } from './context.ts';

/**
 * Handles the first `alertMax` operations. The others are LIMIT_EXCEEDED. One failure does not stop the
 * others. Never rejects.
 */
export async function cancelMany(
  { targets, waitDeadline }: CancelManyCommand,
  ctx: OperationContext,
): Promise<OperationResult[]> {
  const { deps, limits, entry } = ctx;
  const { alertMax } = limits;
  const deadline = deps.clock.now() + limits.sweepTime;
  const limitExceeded = StatusError.create(
    'LIMIT_EXCEEDED',
    `One delivery cancels at most ${alertMax} operations (limits.alertMax).`,
    { metadata: { alertMax: String(alertMax) } },
  );
  let begun = 0;
  let proposed = 0;

  async function cancelTarget(target: CancelTarget): Promise<OperationResult> {
    if ('error' in target) return target;
    const { operation: name, alert = ctx.alert } = target;
    begun += 1;
    if (begun > alertMax) return { name, error: limitExceeded };
    try {
      const call = callOptions({ ...ctx, alert }, undefined, deadline);
      const { permit, fetched } = await authorize(name, call, ctx);
      const rule = ruleName(permit.rule);
      entry.rule = rule;
      if (ctx.mode !== 'enforce') {
        const { state } = fetched ?? (await fetchResource(name, call, deps));
        const outcome = state.ended ? 'ALREADY_DONE' : dryRunOutcome(ctx.mode, false);
        if (outcome === 'ASKED') {
          proposed += 1;
          if (proposed > MAX_PROPOSALS) throw proposalsExceeded();
        }
        return { name, outcome, state, rule };
      }
      const { outcome, state } = await cancelIfRunning(permit, fetched, call, deps);
      return { name, outcome, state, rule };
    } catch (thrown) {
      return { name, error: StatusError.from(thrown) };
    }
  }

  const sent = await mapConcurrent(targets, limits.concurrentCancels, cancelTarget);
  return readOutcomes(sent, waitDeadline, ctx);
}

function proposalsExceeded(): StatusError {
  return StatusError.create(
    'LIMIT_EXCEEDED',
    `In mode ask, one delivery proposes at most ${MAX_PROPOSALS} operations.`,
    { metadata: { proposalsMax: String(MAX_PROPOSALS) } },
  );
}

/**
 * @param concurrency the most calls of `mapper` that are pending at one time
 * @param mapper must not reject: a rejection leaves the other calls running
 * @returns the results in the order of `items`
 */
export async function mapConcurrent<T, R>(
  items: readonly T[],
  concurrency: number,
  mapper: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = new Array(items.length);
  // All workers take from one iterator, so that items begin in their order.
  const queue = items.entries();
  const worker = async () => {
    for (const [index, item] of queue) results[index] = await mapper(item);
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, worker));
  return results;
}

type Result = { readonly name: string } & OperationOutcome;
type Read = { readonly state?: ResourceState | undefined };

/**
 * All cancels are sent before anything is read, so that no cancel waits for the outcome of another. In
 * each round the operations that still run are read, a few at a time.
 *
 * @param until milliseconds since 1970; undefined: nothing is read
 * @returns the results with what is known by then
 */
export async function readOutcomes<R extends Result>(
  results: readonly R[],
  until: number | undefined,
  ctx: OperationContext,
): Promise<(R & Read)[]> {
  const { deps, limits, signal } = ctx;
  const { clock } = deps;
  const known: (R & Read)[] = [...results];
  if (until === undefined) return known;
  // Also where sending the cancels took all of the time, each operation is read once.
  const readDeadline = Math.max(until, clock.now()) + LAST_READ_MS;
  let open = known.flatMap((result, index) =>
    'outcome' in result && result.outcome === 'CANCEL_REQUESTED' ? [index] : [],
  );

  /** @returns whether the operation is worth another read */
  async function read(index: number): Promise<boolean> {
    const result = known[index];
    const name = parseResourceName(result?.name ?? '');
    if (!result || !name) return false;
    const call = { ...callOptions(ctx, undefined, readDeadline), signal };
    try {
      const { state } = await fetchResource(name, call, deps);
      const outcome = state.ended ?? 'PENDING';
      known[index] = { ...result, outcome, state } as R & Read;
      return outcome === 'PENDING';
    } catch {
      // The cancel was accepted. That is what is known.
      return false;
    }
  }

  for (let delay = FIRST_POLL_MS; open.length > 0 && !signal.aborted; ) {
    const again = await mapConcurrent(open, limits.concurrentCancels, read);
    open = open.filter((_, index) => again[index]);
    const remaining = until - clock.now();
    if (remaining <= 0 || open.length === 0) break;
    await clock.sleep(Math.min(remaining, delay * (0.75 + clock.random() / 2)), signal);
    delay = Math.min(delay * POLL_GROWTH, LONGEST_POLL_MS);
  }
  return known;
}
