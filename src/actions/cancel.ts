/** What is done to one operation, and what is known about it afterwards. */

import type { Clock } from '../clock.ts';
import type { Answered, CancelAsk, Outcome } from '../command.ts';
import { StatusError } from '../errors.ts';
import type { Call } from '../google/api-client.ts';
import type { Queue } from '../google/cloud-tasks.ts';
import type { Upstream } from '../google/privateca.ts';
import type { Understood } from '../google/response.ts';
import { outcomeOf } from '../operation.ts';
import type { Permit } from '../policy/policy.ts';
import type { Operation } from '../resource-name.ts';

/** An operation that was read, or none where nobody had to. */
export type Reading = Understood<Operation> | undefined;

export interface Doors {
  readonly upstream: Upstream;
  /** For what a sweep cannot do itself. */
  readonly queue?: Queue | undefined;
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
  ask: CancelAsk,
  reading: Reading,
  call: Call,
  doors: Doors,
  signal: AbortSignal,
): Promise<Answered> {
  const { operation } = permit;
  const { upstream, observe } = doors;
  if (ask.validateOnly || observe) {
    const known = reading ?? (await upstream.get(operation, call));
    return answered(known.value.done === true ? 'ALREADY_DONE' : 'WOULD_CANCEL', known);
  }
  if (ask.waitUntil === undefined) {
    // A 200 says that the wish was heard; only a later read can say what became of it.
    return answered('CANCEL_REQUESTED', await upstream.cancel(operation, call));
  }
  const before = reading ?? (await upstream.get(operation, call));
  if (before.value.done === true) return answered('ALREADY_DONE', before);
  const { accepted, ended } = await cancelUnlessDone(permit, call, doors);
  if (ended) return answered(outcomeOf(ended.value), ended);
  return poll(accepted, permit, ask.waitUntil, call, doors, signal);
}

/**
 * As {@link cancel} without a wait, but an operation that was done before is told from a refusal.
 *
 * @throws StatusError
 */
export async function cancelIfRunning(permit: Permit, call: Call, doors: Doors): Promise<Answered> {
  const { accepted, ended } = await cancelUnlessDone(permit, call, doors);
  return ended ? answered('ALREADY_DONE', ended) : answered('CANCEL_REQUESTED', accepted);
}

/** What an accepted cancel answered, whatever it says; or the operation, read as done since. */
type Heard =
  | { readonly accepted: Understood<object>; readonly ended?: undefined }
  | { readonly accepted?: undefined; readonly ended: Understood<Operation> };

/**
 * Upstream may answer the cancel of an operation that is done with 200 or with 400 (it is not
 * documented): a 400 is looked into.
 */
async function cancelUnlessDone(
  { operation }: Permit,
  call: Call,
  { upstream }: Doors,
): Promise<Heard> {
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
  accepted: Understood<object>,
  { operation }: Permit,
  until: number,
  call: Call,
  { upstream, clock }: Doors,
  signal: AbortSignal,
): Promise<Answered> {
  const deadline = Math.max(until, clock.now()) + LAST_READ_MS;
  const reads = { ...call, deadline, signal };
  const gone = new Promise<undefined>((resolve) => {
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  let known: Understood<Operation> | undefined;
  try {
    for (let delay = FIRST_POLL_MS; !signal.aborted; ) {
      const seen = await Promise.race([upstream.get(operation, reads), gone]);
      if (!seen) break;
      known = seen;
      if (known.value.done === true) return answered(outcomeOf(known.value), known);
      const left = until - clock.now();
      if (left <= 0) break;
      await clock.sleep(Math.min(left, delay * (0.75 + clock.random() / 2)), signal);
      delay = Math.min(delay * POLL_GROWTH, LONGEST_POLL_MS);
    }
  } catch {
    return answered('CANCEL_REQUESTED', accepted);
  }
  return known ? answered('PENDING', known) : answered('CANCEL_REQUESTED', accepted);
}

function answered(outcome: Outcome, { value, text }: Understood<Operation>): Answered {
  return { outcome, operation: value, body: text };
}
