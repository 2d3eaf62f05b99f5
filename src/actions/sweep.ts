/** Sweeps a parent: finds the operations that are old, and cancels those that a rule allows. */

import type {
  OperationOutcome,
  Outcome,
  RunningOperation,
  SweepCommand,
  SweepResult,
} from '../command.ts';
import { invalidRequest, StatusError } from '../errors.ts';
import { explainDenial } from '../policy/denial.ts';
import type { ExplainRequest } from '../policy/explain.ts';
import { decide, maySweepName, maySweepUnder, type Permit } from '../policy/policy.ts';
import { matchesMetadata } from '../policy/rule.ts';
import { cancelIfRunning } from './cancel.ts';
import { callOptions, notAllowedError, type OperationContext } from './context.ts';
import { createdAt, listRunning } from './list-running.ts';
import { mapConcurrent } from './map-concurrent.ts';

/** With a queue, the most operations that one sweep handles. */
const MAX_QUEUED = 10_000;
/** The part of a sweep's time that is kept for queueing what remains. */
const QUEUEING_SHARE = 0.4;

/**
 * Counts and shows only operations whose names a sweeping rule of the caller covers.
 *
 * @throws StatusError NOT_ALLOWED where no such rule can match under the parent; INVALID_REQUEST; upstream's
 */
export async function sweep(ask: SweepCommand, ctx: OperationContext): Promise<SweepResult> {
  const { principal, policy, deps, limits } = ctx;
  const { caller, identities } = principal;
  const { clock } = deps;
  if (!maySweepUnder(policy, ask.parent, caller, identities)) {
    throw notAllowedError(
      `sweep ${ask.parent}`,
      { parent: ask.parent },
      { name: ask.parent, sweep: true },
      ctx,
    );
  }
  const queue = deps.queue && ctx.callback ? deps.queue : undefined;
  const highest = queue ? Math.max(MAX_QUEUED, limits.sweepMax) : limits.sweepMax;
  const most = ask.limit ?? highest;
  if (most > highest)
    throw invalidRequest({ field: 'limit', description: `must be at most ${highest}` });
  const until = clock.now() + limits.sweepTime;
  const before = clock.now() - ask.olderThan;
  let matched = 0;
  let allowed = 0;
  let denied: ExplainRequest | undefined;

  const permitOf = ({ name: operation, verb, target }: Omit<RunningOperation, 'createTime'>) => {
    const metadata = { verb, target };
    const decision = decide(policy, { caller, identities, operation, metadata, sweep: true });
    return decision.kind === 'allowed' ? decision.permit : undefined;
  };
  const { found, unreachable } = await listRunning(
    ask.parent,
    most,
    ctx,
    until,
    (operation, name) => {
      const { verb, target, createTime } = operation.metadata ?? {};
      if (!(createdAt(createTime) < before)) return false;
      const metadata = { verb, target };
      if (!matchesMetadata(ask, metadata)) return false;
      const permit = permitOf({ name, verb, target });
      if (permit) allowed += 1;
      else denied ??= { caller, identities, name, metadata, sweep: true };
      if (permit || maySweepName(policy, name, caller, identities)) matched += 1;
      return permit !== undefined;
    },
  );

  // A rule that never matches is a mistake, such as a project ID where names have the project's number.
  if (denied && allowed === 0) {
    ctx.entry.severity = 'WARNING';
    ctx.entry.denied = explainDenial(policy, denied).detail;
  }

  const dry = ask.validateOnly || deps.observe;
  const directUntil = queue ? until - limits.sweepTime * QUEUEING_SHARE : until;
  const done = await mapConcurrent([...found.entries()], limits.concurrentCancels, async (one) => {
    const [index, operation] = one;
    const permit = permitOf(operation);
    if (!permit || clock.now() >= until || ctx.signal.aborted) return undefined;
    const direct = dry || (index < limits.sweepMax && clock.now() < directUntil);
    if (!direct && !queue) return undefined;
    const attempt = dry
      ? { outcome: 'WOULD_CANCEL' as const }
      : direct
        ? settle(cancelIfRunning(permit, undefined, callOptions(ctx, ask.reason, until), deps))
        : settle(enqueue(permit, ask, ctx, until));
    return { ...operation, ...(await attempt) };
  });
  const operations = done.filter((result) => result !== undefined);
  return {
    parent: ask.parent,
    matched,
    denied: matched - allowed,
    remaining: allowed - operations.length,
    operations,
    unreachable,
  };
}

async function enqueue(
  { operation }: Permit,
  { reason }: SweepCommand,
  ctx: OperationContext,
  until: number,
): Promise<{ outcome: 'QUEUED' | 'ALREADY_QUEUED' }> {
  const { deps, callback, principal } = ctx;
  const email = principal.identities[0];
  if (!deps.queue || !callback || email === undefined)
    throw new Error('a queue needs a caller with a callback and an identity');
  const created = await deps.queue.createTask(
    { operation, reason, email, ...callback },
    callOptions(ctx, reason, until),
  );
  return { outcome: created ? 'QUEUED' : 'ALREADY_QUEUED' };
}

/** One operation's failure does not stop the others. */
async function settle(
  work: Promise<{ outcome: Outcome | 'QUEUED' | 'ALREADY_QUEUED' }>,
): Promise<OperationOutcome> {
  try {
    const { outcome } = await work;
    return { outcome };
  } catch (thrown) {
    return { error: StatusError.from(thrown) };
  }
}
