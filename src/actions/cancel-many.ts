/** Cancels each operation that an alert names, a few at a time. */

import type { CancelManyCommand, CancelTarget, OperationResult } from '../command.ts';
import { StatusError } from '../errors.ts';
import { ruleName } from '../policy/rule.ts';
import { cancelIfRunning } from './cancel.ts';
import { authorize, callOptions, dryRunOutcome, type OperationContext } from './context.ts';
import { mapConcurrent } from './map-concurrent.ts';
import { readOutcomes } from './read-outcomes.ts';

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
        const { value: operation } = fetched ?? (await deps.upstream.get(name, call));
        const outcome = operation.done === true ? 'ALREADY_DONE' : dryRunOutcome(ctx.mode, false);
        return { name, outcome, operation, rule };
      }
      const { outcome, operation } = await cancelIfRunning(permit, fetched, call, deps);
      return { name, outcome, operation, rule };
    } catch (thrown) {
      return { name, error: StatusError.from(thrown) };
    }
  }

  const sent = await mapConcurrent(targets, limits.concurrentCancels, cancelTarget);
  return readOutcomes(sent, waitDeadline, ctx);
}
