/** Reads what became of many operations after their cancels were accepted. */

import type { OperationOutcome } from '../command.ts';
import { type Operation, toOutcome } from '../operation.ts';
import { parseOperationName } from '../resource-name.ts';
import { FIRST_POLL_MS, LAST_READ_MS, LONGEST_POLL_MS, POLL_GROWTH } from './cancel.ts';
import { callOptions, type OperationContext } from './context.ts';
import { mapConcurrent } from './map-concurrent.ts';

type Result = { readonly name: string } & OperationOutcome;
type Read = { readonly operation?: Operation | undefined };

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
  let open = known.flatMap((result, index) =>
    'outcome' in result && result.outcome === 'CANCEL_REQUESTED' ? [index] : [],
  );

  /** @returns whether the operation is worth another read */
  async function read(index: number): Promise<boolean> {
    const result = known[index];
    const name = parseOperationName(result?.name ?? '');
    if (!result || !name) return false;
    const call = { ...callOptions(ctx, undefined, Number(until) + LAST_READ_MS), signal };
    try {
      const { value: operation } = await deps.upstream.get(name, call);
      const outcome = operation.done === true ? toOutcome(operation) : 'PENDING';
      known[index] = { ...result, outcome, operation } as R & Read;
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
