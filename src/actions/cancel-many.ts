/** An alert: each operation that it names is cancelled, a few at a time. */

import type { AlertAsk, AlertItem, ItemResult } from '../command.ts';
import { StatusError } from '../errors.ts';
import { ruleName } from '../policy/rule.ts';
import { cancelIfRunning } from './cancel.ts';
import { type Case, callOf, permitted } from './context.ts';
import { eachLimited } from './map-concurrent.ts';

export async function alert({ items }: AlertAsk, file: Case): Promise<ItemResult[]> {
  const { doors, limits, entry } = file;
  const until = doors.clock.now() + limits.sweepTime;

  async function one(item: AlertItem): Promise<ItemResult> {
    if ('error' in item) return item;
    const { operation } = item;
    try {
      const call = callOf(file, undefined, until);
      const { permit, reading } = await permitted(operation, call, file);
      entry.rule = ruleName(permit.rule);
      if (doors.observe) {
        const { value } = reading ?? (await doors.upstream.get(operation, call));
        return { name: operation, outcome: value.done === true ? 'ALREADY_DONE' : 'WOULD_CANCEL' };
      }
      const { outcome } = await cancelIfRunning(permit, call, doors);
      return { name: operation, outcome };
    } catch (thrown) {
      return { name: operation, error: StatusError.from(thrown) };
    }
  }
  return eachLimited(items, limits.concurrentCancels, one);
}
