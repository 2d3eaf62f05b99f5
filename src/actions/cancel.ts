/** What is done to one operation, and what is known about it afterwards. */

import type { Clock } from '../clock.ts';
import type { CancelCommand, CancelResult, Outcome } from '../command.ts';
import { StatusError } from '../errors.ts';
import type { CallOptions } from '../google/api-client.ts';
import type { TaskQueue } from '../google/cloud-tasks.ts';
import type { PrivateCa } from '../google/privateca.ts';
import type { ParsedResponse } from '../google/response.ts';
import { toOutcome } from '../operation.ts';
import type { Permit } from '../policy/policy.ts';
import type { Operation } from '../resource-name.ts';

/** An operation that was read, or none where nobody had to. */
export type FetchedOperation = ParsedResponse<Operation> | undefined;

export interface Dependencies {
  readonly upstream: PrivateCa;
  /** For what a sweep cannot do itself. */
  readonly queue?: TaskQueue | undefined;
  readonly clock: Clock;
  /** Everything but the cancel itself. */
  readonly observe: boolean;
}

/** Between reads: growing, so that a long wait is no flood, and jittered. */
const FIRST_POLL_MS = 250;
const LONGEST_POLL_MS = 3_000;
const POLL_GROWTH = 1.6;
/** The read that ends a wait begins when its time is over, and needs some of its own. */
const LAST_READ_MS = 1_000;

/**
 * Cancels what a permit gives, and answers what is known then.
 *
 * @param reading the operation, where the policy already had it read
 * @param signal aborts the wait, not the cancel
 * @throws StatusError
 */
export async function cancel(
  permit: Permit,
  ask: CancelCommand,
  reading: FetchedOperation,
  call: CallOptions,
  doors: Dependencies,
  signal: AbortSignal,
): Promise<CancelResult> {
  const { operation } = permit;
  const { upstream, observe } = doors;
  if (ask.validateOnly || observe) {
    const known = reading ?? (await upstream.get(operation, call));
    return toCancelResult(known.value.done === true ? 'ALREADY_DONE' : 'WOULD_CANCEL', known);
  }
  if (ask.waitDeadline === undefined) {
    // A 200 says that the wish was heard; only a later read can say what became of it.
    return toCancelResult('CANCEL_REQUESTED', await upstream.cancel(operation, call));
  }
  const before = reading ?? (await upstream.get(operation, call));
  if (before.value.done === true) return toCancelResult('ALREADY_DONE', before);
  const { accepted, ended } = await cancelUnlessDone(permit, call, doors);
  if (ended) return toCancelResult(toOutcome(ended.value), ended);
  return poll(accepted, permit, ask.waitDeadline, call, doors, signal);
}

/**
 * As {@link cancel} without a wait, but an operation that was done before is told from a refusal.
 *
 * @throws StatusError
 */
export async function cancelIfRunning(
  permit: Permit,
  call: CallOptions,
  doors: Dependencies,
): Promise<CancelResult> {
  const { accepted, ended } = await cancelUnlessDone(permit, call, doors);
  return ended
    ? toCancelResult('ALREADY_DONE', ended)
    : toCancelResult('CANCEL_REQUESTED', accepted);
}

/** What an accepted cancel answered, whatever it says; or the operation, read as done since. */
type CancelAttempt =
  | { readonly accepted: ParsedResponse<object>; readonly ended?: undefined }
  | { readonly accepted?: undefined; readonly ended: ParsedResponse<Operation> };

/**
 * Upstream may answer the cancel of an operation that is done with 200 or with 400 (it is not
 * documented): a 400 is looked into.
 */
async function cancelUnlessDone(
  { operation }: Permit,
  call: CallOptions,
  { upstream }: Dependencies,
): Promise<CancelAttempt> {
  try {
    return { accepted: await upstream.cancel(operation, call) };
  } catch (error) {
    if (!(error instanceof StatusError) || error.code !== 400) throw error;
    const after = await upstream.get(operation, call);
    if (after.value.done !== true) throw error;
    return { ended: after };
  }
}

/** Reads until the operation is done or the time is over; from upstream's view of it alone. */
async function poll(
  accepted: ParsedResponse<object>,
  { operation }: Permit,
  until: number,
  call: CallOptions,
  { upstream, clock }: Dependencies,
  signal: AbortSignal,
): Promise<CancelResult> {
  const deadline = Math.max(until, clock.now()) + LAST_READ_MS;
  const reads = { ...call, deadline, signal };
  const gone = new Promise<undefined>((resolve) => {
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  let known: ParsedResponse<Operation> | undefined;
  try {
    for (let delay = FIRST_POLL_MS; !signal.aborted; ) {
      const seen = await Promise.race([upstream.get(operation, reads), gone]);
      if (!seen) break;
      known = seen;
      if (known.value.done === true) return toCancelResult(toOutcome(known.value), known);
      const left = until - clock.now();
      if (left <= 0) break;
      await clock.sleep(Math.min(left, delay * (0.75 + clock.random() / 2)), signal);
      delay = Math.min(delay * POLL_GROWTH, LONGEST_POLL_MS);
    }
  } catch {
    return toCancelResult('CANCEL_REQUESTED', accepted);
  }
  return known ? toCancelResult('PENDING', known) : toCancelResult('CANCEL_REQUESTED', accepted);
}

function toCancelResult(
  outcome: Outcome,
  { value, text }: ParsedResponse<Operation>,
): CancelResult {
  return { outcome, operation: value, body: text };
}
