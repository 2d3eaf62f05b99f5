/** What is done to an operation, and what is known about it afterwards. */

import type { Answer, CancelAsk } from './caller.ts';
import type { OperationName } from './operation.ts';
import type { Permit } from './policy.ts';
import type { Call, Operation, Understood, Upstream } from './upstream.ts';

/** An operation that was read, or none where nobody had to. */
export type Reading = Understood<Operation> | undefined;

export interface Doors {
  readonly upstream: Upstream;
  /** Everything but the cancel itself. */
  readonly observe: boolean;
}

/** @throws StatusError */
export function read(operation: OperationName, call: Call, { upstream }: Doors): Promise<Reading> {
  return upstream.get(operation, call);
}

/**
 * Cancels what a permit gives, and answers what is known then.
 *
 * @param reading the operation, where the policy already had it read
 * @throws StatusError
 */
export async function cancel(
  { operation }: Permit,
  ask: CancelAsk,
  reading: Reading,
  call: Call,
  { upstream, observe }: Doors,
): Promise<Answer> {
  if (ask.validateOnly || observe) {
    const { value, text } = reading ?? (await upstream.get(operation, call));
    return { outcome: value.done === true ? 'ALREADY_DONE' : 'WOULD_CANCEL', body: text };
  }
  const { text } = await upstream.cancel(operation, call);
  // A 200 says that the wish was heard; only a later read can say what became of it.
  return { outcome: 'CANCEL_REQUESTED', body: text };
}
