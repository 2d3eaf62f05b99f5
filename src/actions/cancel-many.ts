/** An alert: each operation that it names is cancelled, a few at a time. */

import type { CancelManyCommand, CancelTarget, OperationResult } from '../command.ts';
import { StatusError } from '../errors.ts';
import { ruleName } from '../policy/rule.ts';
import { cancelIfRunning } from './cancel.ts';
import { authorize, callOptions, type OperationContext } from './context.ts';
import { mapConcurrent } from './map-concurrent.ts';

export async function cancelMany(
  { targets }: CancelManyCommand,
  ctx: OperationContext,
): Promise<OperationResult[]> {
  const { deps, limits, entry } = ctx;
  const until = deps.clock.now() + limits.sweepTime;

  async function one(item: CancelTarget): Promise<OperationResult> {
    if ('error' in item) return item;
    const { operation } = item;
    try {
      const call = callOptions(ctx, undefined, until);
      const { permit, reading } = await authorize(operation, call, ctx);
      entry.rule = ruleName(permit.rule);
      if (deps.observe) {
        const { value } = reading ?? (await deps.upstream.get(operation, call));
        return { name: operation, outcome: value.done === true ? 'ALREADY_DONE' : 'WOULD_CANCEL' };
      }
      const { outcome } = await cancelIfRunning(permit, call, deps);
      return { name: operation, outcome };
    } catch (thrown) {
      return { name: operation, error: StatusError.from(thrown) };
    }
  }
  return mapConcurrent(targets, limits.concurrentCancels, one);
}
