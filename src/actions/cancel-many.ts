/** Cancels each operation that an alert names, a few at a time. */

import type { CancelManyCommand, CancelTarget, OperationResult } from '../command.ts';
import { StatusError } from '../errors.ts';
import { ruleName } from '../policy/rule.ts';
import { cancelIfRunning } from './cancel.ts';
import { authorize, callOptions, type OperationContext } from './context.ts';
import { mapConcurrent } from './map-concurrent.ts';

/** Handles the first `alertMax` targets; the others are LIMIT_EXCEEDED. One failure stops no other target. */
export async function cancelMany(
  { targets }: CancelManyCommand,
  ctx: OperationContext,
): Promise<OperationResult[]> {
  const { deps, limits, entry } = ctx;
  const until = deps.clock.now() + limits.sweepTime;

  async function cancelTarget(target: CancelTarget): Promise<OperationResult> {
    if ('error' in target) return target;
    const { operation: name } = target;
    try {
      const call = callOptions(ctx, undefined, until);
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

  const handled = targets.slice(0, limits.alertMax);
  const results = await mapConcurrent(handled, limits.concurrentCancels, cancelTarget);
  const excess = targets
    .slice(limits.alertMax)
    .map(
      (target): OperationResult =>
        'error' in target
          ? target
          : { name: target.operation, error: limitExceeded(limits.alertMax) },
    );
  return [...results, ...excess];
}

function limitExceeded(alertMax: number): StatusError {
  return StatusError.create(
    'LIMIT_EXCEEDED',
    `One delivery cancels at most ${alertMax} operations (limits.alertMax).`,
    { metadata: { alertMax: String(alertMax) } },
  );
}
