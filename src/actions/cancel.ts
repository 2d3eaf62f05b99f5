/** Cancels one operation, and says what is known about it afterwards. */

import type { Clock } from '../clock.ts';
import type { CancelCommand, CancelResult, Outcome } from '../command.ts';
import { StatusError } from '../errors.ts';
import type { CallOptions } from '../google/api-client.ts';
import type { TaskQueue } from '../google/cloud-tasks.ts';
import type { ResourceClient } from '../google/resource-client.ts';
import type { Permit } from '../policy/policy.ts';
import { type ResourceName, resourceTypeOf } from '../resource-name.ts';
import type { ResourceState } from '../resources/resource-type.ts';
import type { RateLimiter } from './context.ts';

/** A resource as it was read. */
export interface FetchedResource {
  readonly state: ResourceState;
  /** Upstream's JSON text. */
  readonly text: string;
}

export interface Dependencies {
  readonly upstream: ResourceClient;
  /** For what a sweep has no time for. */
  readonly queue?: TaskQueue | undefined;
  readonly clock: Clock;
  readonly rateLimiter: RateLimiter;
}

/** The pauses between reads grow, so that a long wait sends few, and are jittered. */
export const FIRST_POLL_MS = 250;
export const LONGEST_POLL_MS = 3_000;
export const POLL_GROWTH = 1.6;
/** The read that ends a wait starts when the time is over, and needs time of its own. */
export const LAST_READ_MS = 1_000;

/** Reads a resource. Only the resource itself is evidence of its state. @throws StatusError */
export async function fetchResource(
  name: ResourceName,
  call: CallOptions,
  { upstream }: Pick<Dependencies, 'upstream'>,
): Promise<FetchedResource> {
  const { value, text } = await upstream.get(name, call);
  return { state: resourceTypeOf(name).toState(value), text };
}

/**
 * Cancels the operation of a permit.
 *
 * @param fetched the operation, where the policy has read it
 * @param signal aborts the wait, not the cancel
 * @throws StatusError, with `sent: false` where it is certain that no cancel was sent
 */
export async function cancel(
  permit: Permit,
  command: CancelCommand,
  fetched: FetchedResource | undefined,
  call: CallOptions,
  deps: Dependencies,
  signal: AbortSignal,
): Promise<CancelResult> {
  const { waitDeadline, validateOnly, cancelFirst = false } = command;
  const readFirst = validateOnly || (waitDeadline !== undefined && !cancelFirst);
  const before =
    fetched ?? (readFirst ? await read(permit, call, deps).catch(throwNotSent) : undefined);
  if (before?.state.ended) return toCancelResult('ALREADY_DONE', before);
  if (validateOnly && before) return toCancelResult('WOULD_CANCEL', before);

  const { accepted, ended, error } = await cancelUnlessDone(permit, call, deps);
  if (ended) {
    if (waitDeadline === undefined) {
      return { ...toCancelResult('ALREADY_DONE', ended), cancelError: error };
    }
    // Without a read before, the operation may have been done all the time.
    const outcome = before ? ended.state.ended : undefined;
    return toCancelResult(outcome ?? 'ALREADY_DONE', ended);
  }
  // A 200 says that upstream accepted the cancel. Only a later read says what became of it.
  if (waitDeadline === undefined) return toCancelResult('CANCEL_REQUESTED', accepted);
  // A chat's response is due: it says what is known then.
  const readDeadline = Math.max(waitDeadline, deps.clock.now()) + (cancelFirst ? 0 : LAST_READ_MS);
  return poll(accepted, permit, { waitDeadline, readDeadline }, call, deps, signal);
}

/**
 * Cancels one of many operations, without a wait.
 *
 * @throws StatusError
 */
export async function cancelIfRunning(
  permit: Permit,
  fetched: FetchedResource | undefined,
  call: CallOptions,
  deps: Dependencies,
): Promise<CancelResult> {
  if (fetched?.state.ended) return toCancelResult('ALREADY_DONE', fetched);
  const { accepted, ended } = await cancelUnlessDone(permit, call, deps);
  return ended
    ? toCancelResult('ALREADY_DONE', ended)
    : toCancelResult('CANCEL_REQUESTED', accepted);
}

/** Marks an error that ended a request before its cancel was sent. */
export function throwNotSent(error: unknown): never {
  if (error instanceof StatusError) error.sent = false;
  throw error;
}

/** What upstream answered to a cancel. It says nothing about the state of the resource. */
type Accepted = Pick<FetchedResource, 'text'>;

/** What upstream answered to an accepted cancel; or the operation, which is done, with the refusal. */
type CancelAttempt =
  | {
      readonly accepted: Accepted;
      readonly ended?: undefined;
      readonly error?: undefined;
    }
  | {
      readonly accepted?: undefined;
      readonly ended: FetchedResource;
      readonly error: StatusError;
    };

/**
 * Sends the cancel. Upstream may answer the cancel of an operation that is done with 200 or with 400
 * (it is not documented), so a 400 is followed by a read.
 *
 * @throws StatusError RATE_LIMITED before anything is sent, or upstream's
 */
async function cancelUnlessDone(
  permit: Permit,
  call: CallOptions,
  deps: Dependencies,
): Promise<CancelAttempt> {
  deps.rateLimiter.count(permit.caller);
  try {
    const { text } = await deps.upstream.cancel(permit.operation, call);
    return { accepted: { text } };
  } catch (error) {
    if (!(error instanceof StatusError) || error.code !== 400) throw error;
    const after = await read(permit, call, deps).catch(() => undefined);
    if (!after?.state.ended) throw error;
    return { ended: after, error };
  }
}

function read({ operation }: Permit, call: CallOptions, deps: Dependencies) {
  return fetchResource(operation, call, deps);
}

/** Reads until the operation is done or the time is over. No read goes on after `readDeadline`. */
async function poll(
  accepted: Accepted,
  permit: Permit,
  { waitDeadline, readDeadline }: { waitDeadline: number; readDeadline: number },
  call: CallOptions,
  deps: Dependencies,
  signal: AbortSignal,
): Promise<CancelResult> {
  const { clock } = deps;
  const reads = { ...call, deadline: readDeadline, signal };
  const aborted = new Promise<undefined>((resolve) => {
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  let known: FetchedResource | undefined;
  try {
    for (let delay = FIRST_POLL_MS; !signal.aborted && clock.now() < readDeadline; ) {
      const seen = await Promise.race([read(permit, reads, deps), aborted]);
      if (!seen) break;
      known = seen;
      if (known.state.ended) return toCancelResult(known.state.ended, known);
      const remaining = waitDeadline - clock.now();
      if (remaining <= 0) break;
      await clock.sleep(Math.min(remaining, delay * (0.75 + clock.random() / 2)), signal);
      delay = Math.min(delay * POLL_GROWTH, LONGEST_POLL_MS);
    }
  } catch {
    return toCancelResult('CANCEL_REQUESTED', accepted);
  }
  return known ? toCancelResult('PENDING', known) : toCancelResult('CANCEL_REQUESTED', accepted);
}

function toCancelResult(
  outcome: Outcome,
  { text, ...read }: Accepted & Partial<FetchedResource>,
): CancelResult {
  return { outcome, ...read, body: text };
}
