/** A sweep: what is old under a parent is found, and what a rule gives of it is cancelled. */

import type { Found, ItemOutcome, Outcome, SweepAsk, SweepReport } from '../command.ts';
import { invalid, StatusError } from '../errors.ts';
import { decide, maySweep, type Permit } from '../policy/policy.ts';
import { fitsFacts } from '../policy/rule.ts';
import { cancelIfRunning } from './cancel.ts';
import { type Case, callOf, denied } from './context.ts';
import { createdAt, scan } from './list-running.ts';
import { eachLimited } from './map-concurrent.ts';

/** With a queue, the most that one sweep takes on. */
const MOST_QUEUED = 10_000;
/** The part of a sweep's time that is kept for handing to the queue what is left. */
const QUEUEING_SHARE = 0.4;

/** @throws StatusError NOT_ALLOWED where no rule lets this caller sweep; INVALID_REQUEST; upstream's */
export async function sweep(ask: SweepAsk, file: Case): Promise<SweepReport> {
  const { principal, policy, doors, limits } = file;
  const { caller, identities } = principal;
  const { clock } = doors;
  if (!maySweep(policy, caller, identities)) {
    throw denied('sweep', { parent: ask.parent }, { sweep: true }, file);
  }
  const queue = doors.queue && file.callback ? doors.queue : undefined;
  const highest = queue ? Math.max(MOST_QUEUED, limits.sweepMax) : limits.sweepMax;
  const most = ask.limit ?? highest;
  if (most > highest) throw invalid({ field: 'limit', description: `must be at most ${highest}` });
  const until = clock.now() + limits.sweepTime;
  const before = clock.now() - ask.olderThan;
  let matched = 0;
  let allowed = 0;

  const permitOf = ({ name: operation, verb, target }: Omit<Found, 'createTime'>) => {
    const facts = { verb, target };
    const decision = decide(policy, { caller, identities, operation, facts, sweep: true });
    return decision.kind === 'allowed' ? decision.permit : undefined;
  };
  const { found, unreachable } = await scan(ask.parent, most, file, until, (operation, name) => {
    const { verb, target, createTime } = operation.metadata ?? {};
    if (!(createdAt(createTime) < before)) return false;
    if (!fitsFacts(ask, { verb, target })) return false;
    matched += 1;
    const permit = permitOf({ name, verb, target });
    if (permit) allowed += 1;
    return permit !== undefined;
  });

  const dry = ask.validateOnly || doors.observe;
  const directUntil = queue ? until - limits.sweepTime * QUEUEING_SHARE : until;
  const done = await eachLimited([...found.entries()], limits.concurrentCancels, async (one) => {
    const [index, operation] = one;
    const permit = permitOf(operation);
    if (!permit || clock.now() >= until || file.signal.aborted) return undefined;
    const direct = dry || (index < limits.sweepMax && clock.now() < directUntil);
    if (!direct && !queue) return undefined;
    const attempt = dry
      ? { outcome: 'WOULD_CANCEL' as const }
      : direct
        ? settle(cancelIfRunning(permit, callOf(file, ask.reason, until), doors))
        : settle(enqueue(permit, ask, file, until));
    return { ...operation, ...(await attempt) };
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

async function enqueue(
  { operation }: Permit,
  { reason }: SweepAsk,
  file: Case,
  until: number,
): Promise<{ outcome: 'QUEUED' }> {
  const { doors, callback, principal } = file;
  const email = principal.identities[0];
  if (!doors.queue || !callback || email === undefined) throw new Error('nowhere to send it back');
  await doors.queue.add({ operation, reason, email, ...callback }, callOf(file, reason, until));
  return { outcome: 'QUEUED' };
}

/** One operation's failure does not stop the others. */
async function settle(work: Promise<{ outcome: Outcome | 'QUEUED' }>): Promise<ItemOutcome> {
  try {
    const { outcome } = await work;
    return { outcome };
  } catch (thrown) {
    return { error: StatusError.from(thrown) };
  }
}
