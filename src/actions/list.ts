/** The running operations that the asker may cancel, for people to pick from. */

import type { Answer, ListAsk } from '../command.ts';
import { decide, mayAskUnder } from '../policy/policy.ts';
import { type Case, denied } from './context.ts';
import { scan } from './list-running.ts';

const MOST_LISTED = 20;

export async function list({ parent }: ListAsk, file: Case): Promise<Answer> {
  const { principal, policy, doors, limits } = file;
  const { caller, identities } = principal;
  if (!mayAskUnder(policy, parent, caller, identities)) {
    throw denied(
      `cancel anything under ${parent}`,
      { parent },
      { name: parent, sweep: false },
      file,
    );
  }
  const until = doors.clock.now() + limits.upstreamTime;
  const { found, more } = await scan(
    parent,
    MOST_LISTED,
    file,
    until,
    ({ metadata }, operation) => {
      const facts = metadata ?? {};
      return (
        decide(policy, { caller, identities, operation, facts, sweep: false }).kind === 'allowed'
      );
    },
  );
  return { kind: 'list', found, more };
}
