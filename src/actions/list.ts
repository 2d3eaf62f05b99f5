/** Lists the running operations that the requester may cancel, for a person to pick from. */

import type { CommandResult, ListCommand } from '../command.ts';
import { decide, mayCancelUnder } from '../policy/policy.ts';
import { notAllowedError, type OperationContext } from './context.ts';
import { listRunning } from './list-running.ts';

const MAX_LISTED = 20;

/** @throws StatusError NOT_ALLOWED where no rule can match under the parent; upstream's */
export async function list({ parent }: ListCommand, ctx: OperationContext): Promise<CommandResult> {
  const { principal, policy, deps, limits } = ctx;
  const { caller, identities } = principal;
  if (!mayCancelUnder(policy, parent, caller, identities)) {
    const request = { name: parent, sweep: false };
    throw notAllowedError(`cancel anything under ${parent}`, { parent }, request, ctx);
  }
  const deadline = deps.clock.now() + limits.upstreamTime;
  const { found, more } = await listRunning(parent, MAX_LISTED, ctx, deadline, (running) => {
    const { name: operation, verb, target } = running;
    const metadata = { verb, target };
    const request = { caller, identities, operation, metadata, sweep: false };
    return decide(policy, request).kind === 'allowed';
  });
  return { kind: 'list', found, more };
}
