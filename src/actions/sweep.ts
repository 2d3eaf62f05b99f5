/** Sweeps a parent: finds the operations that are old, and cancels those that a rule allows. */

import {
  MAX_PROPOSALS,
  type OperationOutcome,
  type RunningOperation,
  type SweepCommand,
  type SweepOutcome,
  type SweepResult,
} from '../command.ts';
import { StatusError } from '../errors.ts';
import type { CallOptions } from '../google/api-client.ts';
import type { TaskQueue } from '../google/cloud-tasks.ts';
import { explainDenial } from '../policy/denial.ts';
import { decide, maySweepName, maySweepUnder, type Permit } from '../policy/policy.ts';
import { matchesMetadata, ruleName } from '../policy/rule.ts';
import { type ParentName, parseParentName, splitName } from '../resource-name.ts';
import { canBeSameProject } from '../resources/resource-type.ts';
import { notAllowedError } from './authorize.ts';
import { cancelIfRunning } from './cancel.ts';
import { mapConcurrent, readOutcomes } from './cancel-many.ts';
import { callOptions, dryRunOutcome, type OperationContext } from './context.ts';
import { createdAt, listRunning } from './list-running.ts';

/** The part of a sweep's time that is kept for queueing what remains. */
const QUEUEING_SHARE = 0.4;

/**
 * Counts and shows only operations whose names a sweeping rule of the caller covers.
 *
 * @throws StatusError NOT_ALLOWED where no such rule can match under the parent; INVALID_REQUEST; upstream's
 */
export async function sweep(command: SweepCommand, ctx: OperationContext): Promise<SweepResult> {
  const { parent } = command;
  const { caller, identities } = ctx.principal;
  if (!maySweepUnder(ctx.policy, parent, caller, identities)) {
    throw notAllowedError(`sweep ${parent}`, { parent }, { name: parent, sweep: true }, ctx);
  }
  const proposes = dryRunOutcome(ctx.mode, command.validateOnly) === 'ASKED';
  const most = proposes ? MAX_PROPOSALS : Number.POSITIVE_INFINITY;
  const limit = Math.min(command.limit ?? defaultLimit(ctx), most);
  const deadline = ctx.deps.clock.now() + ctx.limits.sweepTime;
  const { oldest, matched, allowed, unreachable } = await findOld(command, limit, deadline, ctx);
  const begun = await cancelInTime(oldest, command, deadline, ctx);
  const read = await readOutcomes(begun, command.waitDeadline, ctx);
  const operations = read.map(({ state: _, ...result }) => result);
  return {
    parent,
    matched,
    denied: matched - allowed,
    remaining: allowed - operations.length,
    operations,
    unreachable,
  };
}

function defaultLimit(ctx: OperationContext): number {
  const { sweepMax, queuedMax } = ctx.limits;
  return queueFor(ctx) ? queuedMax : sweepMax;
}

/** @returns the queue, where Cloud Tasks can send the caller's requests */
function queueFor({ deps, callback }: OperationContext): TaskQueue | undefined {
  return callback && deps.queue;
}

function permitFor(
  { name: operation, verb, target }: RunningOperation,
  { policy, principal: { caller, identities } }: OperationContext,
): Permit | undefined {
  const metadata = { verb, target };
  const decision = decide(policy, { caller, identities, operation, metadata, sweep: true });
  return decision.kind === 'allowed' ? decision.permit : undefined;
}

async function findOld(
  command: SweepCommand,
  limit: number,
  deadline: number,
  ctx: OperationContext,
) {
  const { policy, deps, entry } = ctx;
  const { caller, identities } = ctx.principal;
  const createdBefore = deps.clock.now() - command.olderThan;
  let matched = 0;
  let allowed = 0;
  let denied: RunningOperation | undefined;

  const passes = (operation: RunningOperation): boolean => {
    if (!(createdAt(operation) < createdBefore) || !matchesMetadata(command, operation)) {
      return false;
    }
    const isAllowed = permitFor(operation, ctx) !== undefined;
    if (isAllowed) allowed += 1;
    else denied ??= operation;
    if (isAllowed || maySweepName(policy, operation.name, caller, identities)) matched += 1;
    return isAllowed;
  };
  const { found, unreachable } = await listRunning(command.parent, limit, ctx, deadline, passes);

  // A rule that never matches is a mistake, such as a project ID where names have the project's number.
  if (denied && allowed === 0) {
    const { name, verb, target } = denied;
    const request = { caller, identities, name, metadata: { verb, target }, sweep: true };
    entry.severity = 'WARNING';
    entry.denied = explainDenial(policy, request).detail;
  }
  const shown = unreachable.filter((text) => isCovered(text, command.parent, ctx));
  return { oldest: found, matched, allowed, unreachable: shown };
}

/** Whether a sweeping rule can match in what upstream could not reach: a location, or text of any kind. */
function isCovered(unreachable: string, parent: ParentName, ctx: OperationContext): boolean {
  const { policy, principal } = ctx;
  const [, project, location] = LOCATION.exec(unreachable) ?? [];
  if (location === undefined) return true;
  const [, asked] = splitName(parent).path.split('/');
  if (project !== undefined && !canBeSameProject(asked, project)) return false;
  const place = parseParentName(parent.replace(/\/locations\/-(?=\/|$)/, `/locations/${location}`));
  return !place || maySweepUnder(policy, place, principal.caller, principal.identities);
}

/** `projects/p/locations/l`, or the location alone. */
const LOCATION = /^(?:projects\/([^/]+)\/locations\/)?([\w-]+)$/;

/** Cancels or queues operations until the deadline. @returns those that were begun, in their order */
async function cancelInTime(
  operations: readonly RunningOperation[],
  command: SweepCommand,
  deadline: number,
  ctx: OperationContext,
): Promise<SweepResult['operations']> {
  const { deps, limits, signal } = ctx;
  const { clock } = deps;
  const queue = queueFor(ctx);
  const dryRun = command.validateOnly || ctx.mode !== 'enforce';
  const directUntil = queue ? deadline - limits.sweepTime * QUEUEING_SHARE : deadline;

  const begin = (permit: Permit, index: number): Promise<OperationOutcome> | undefined => {
    if (clock.now() >= deadline || signal.aborted) return undefined;
    if (dryRun) {
      return Promise.resolve({ outcome: dryRunOutcome(ctx.mode, command.validateOnly) });
    }
    const call = callOptions(ctx, command.reason, deadline);
    if (index < limits.sweepMax && clock.now() < directUntil) {
      return settle(cancelIfRunning(permit, undefined, call, deps));
    }
    return queue && settle(enqueue(permit, command, call, queue, ctx));
  };
  const results = await mapConcurrent(
    [...operations.entries()],
    limits.concurrentCancels,
    async ([index, operation]) => {
      const permit = permitFor(operation, ctx);
      const outcome = permit && (await begin(permit, index));
      return outcome && { ...operation, ...outcome, rule: ruleName(permit.rule) };
    },
  );
  return results.filter((result) => result !== undefined);
}

async function enqueue(
  { operation }: Permit,
  { reason }: SweepCommand,
  call: CallOptions,
  queue: TaskQueue,
  { callback, principal }: OperationContext,
): Promise<{ outcome: SweepOutcome }> {
  const email = principal.identities[0];
  if (!callback || email === undefined) throw new Error('a task needs a callback and an identity');
  const created = await queue.createTask({ operation, reason, email, ...callback }, call);
  return { outcome: created ? 'QUEUED' : 'ALREADY_QUEUED' };
}

/** One operation's failure does not stop the others. */
async function settle(work: Promise<{ outcome: SweepOutcome }>): Promise<OperationOutcome> {
  try {
    const { outcome } = await work;
    return { outcome };
  } catch (thrown) {
    return { error: StatusError.from(thrown) };
  }
}
