/** The running operations that the asker may cancel, for people to pick from. */

import type { CommandResult, ListCommand } from '../command.ts';
import { decide, mayCancelUnder } from '../policy/policy.ts';
import { notAllowedError, type OperationContext } from './context.ts';
import { listRunning } from './list-running.ts';

const MAX_LISTED = 20;

export async function list({ parent }: ListCommand, ctx: OperationContext): Promise<CommandResult> {
  const { principal, policy, deps, limits } = ctx;
  const { caller, identities } = principal;
  if (!mayCancelUnder(policy, parent, caller, identities)) {
    throw notAllowedError(
      `cancel anything under ${parent}`,
      { parent },
      { name: parent, sweep: false },
      ctx,
    );
  }
  const until = deps.clock.now() + limits.upstreamTime;
  const { found, more } = await listRunning(
    parent,
    MAX_LISTED,
    ctx,
    until,
    ({ metadata }, operation) => {
      const request = { caller, identities, operation, metadata: metadata ?? {}, sweep: false };
      return decide(policy, request).kind === 'allowed';
    },
  );
  return { kind: 'list', found, more };
}
