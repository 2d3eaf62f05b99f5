/** Cancels each operation that an alert names, a few at a time. */

import type { CancelManyCommand, CancelTarget, OperationResult } from '../command.ts';
import { StatusError } from '../errors.ts';
import { ruleName } from '../policy/rule.ts';
import { cancelIfRunning } from './cancel.ts';
import { authorize, callOptions, type OperationContext } from './context.ts';
import { mapConcurrent } from './map-concurrent.ts';

/**
 * Handles the first `alertMax` operations. The others are LIMIT_EXCEEDED. One failure does not stop the
 * others. Never rejects.
 */
export async function cancelMany(
  { targets }: CancelManyCommand,
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

  async function cancelTarget(target: CancelTarget): Promise<OperationResult> {
    if ('error' in target) return target;
    const { operation: name } = target;
    begun += 1;
    if (begun > alertMax) return { name, error: limitExceeded };
    try {
      const call = callOptions(ctx, undefined, deadline);
      const { permit, fetched } = await authorize(name, call, ctx);
      entry.rule = ruleName(permit.rule);
      if (deps.observe) {
        const { value } = fetched ?? (await deps.upstream.get(name, call));
        return { name, outcome: value.done === true ? 'ALREADY_DONE' : 'WOULD_CANCEL' };
      }
      const { outcome } = await cancelIfRunning(permit, fetched, call, deps);
      return { name, outcome };
    } catch (thrown) {
      return { name, error: StatusError.from(thrown) };
    }
  }

  return mapConcurrent(targets, limits.concurrentCancels, cancelTarget);
}
