/** A sweep: what is old under a parent is found, and what a rule gives of it is cancelled. */

import type { Found, ItemOutcome, SweepAsk, SweepReport } from './ask.ts';
import { type Case, callOf } from './case.ts';
import { eachLimited } from './each.ts';
import { matches } from './operation.ts';
import { cancelIfRunning } from './operations.ts';
import { decide, mayAsk, type Permit } from './policy.ts';
import { scan } from './scan.ts';
import { invalid, StatusError } from './status.ts';

/** @throws StatusError NOT_ALLOWED where no rule lets this caller sweep; INVALID_REQUEST; upstream's */
export async function sweep(ask: SweepAsk, file: Case): Promise<SweepReport> {
  const { principal, rules, doors, limits } = file;
  const { caller, identities } = principal;
  const { clock } = doors;
  if (!rules.some((rule) => rule.sweep && mayAsk(rule, caller, identities))) {
    throw StatusError.of('NOT_ALLOWED', `No rule allows ${JSON.stringify(caller)} to sweep.`, {
      metadata: { caller, parent: ask.parent },
    });
  }
  const most = ask.limit ?? limits.sweepMax;
  if (most > limits.sweepMax) {
    throw invalid({ field: 'limit', description: `must be at most ${limits.sweepMax}` });
  }
  const until = clock.now() + limits.sweepTime;
  const before = clock.now() - ask.olderThan;
  let matched = 0;
  let allowed = 0;

  const permitOf = ({ name: operation, verb, target }: Omit<Found, 'createTime'>) => {
    const facts = { verb, target };
    const decision = decide(rules, { caller, identities, operation, facts, sweep: true });
    return decision.kind === 'allowed' ? decision.permit : undefined;
  };
  const { found, unreachable } = await scan(ask.parent, most, file, until, (operation, name) => {
    const { verb, target, createTime } = operation.metadata ?? {};
    if (!(Date.parse(createTime ?? '') < before)) return false;
    if (ask.verbs && !ask.verbs.some((wanted) => wanted === verb)) return false;
    if (ask.targets && !ask.targets.some((p) => target !== undefined && matches(p, target)))
      return false;
    matched += 1;
    const permit = permitOf({ name, verb, target });
    if (permit) allowed += 1;
    return permit !== undefined;
  });

  const done = await eachLimited(found, limits.concurrentCancels, async (operation) => {
    if (clock.now() >= until || file.signal.aborted) return undefined;
    const permit = permitOf(operation);
    return permit && { ...operation, ...(await cancelOne(permit, ask, file, until)) };
  });
  const operations = done.filter((result) => result !== undefined);
  return {
    parent: ask.parent,
    matched,
    denied: matched - allowed,
    left: allowed - operations.length,
    operations,
    unreachable,
  };
}

async function cancelOne(
  permit: Permit,
  { reason, validateOnly }: SweepAsk,
  file: Case,
  until: number,
): Promise<ItemOutcome> {
  if (validateOnly || file.doors.observe) return { outcome: 'WOULD_CANCEL' };
  try {
    const { outcome } = await cancelIfRunning(permit, callOf(file, reason, until), file.doors);
    return { outcome };
  } catch (thrown) {
    return { error: StatusError.from(thrown) };
  }
}
