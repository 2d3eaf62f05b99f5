/** The running operations that the asker may cancel, for people to pick from. */

import type { Answer, ListAsk } from '../ask.ts';
import { decide } from '../policy.ts';
import type { Case } from './case.ts';
import { scan } from './scan.ts';

const MOST_LISTED = 20;

export async function list({ parent }: ListAsk, file: Case): Promise<Answer> {
  const { principal, rules, doors, limits } = file;
  const { caller, identities } = principal;
  const until = doors.clock.now() + limits.upstreamTime;
  const { found, more } = await scan(
    parent,
    MOST_LISTED,
    file,
    until,
    ({ metadata }, operation) => {
      const facts = metadata ?? {};
      return (
        decide(rules, { caller, identities, operation, facts, sweep: false }).kind === 'allowed'
      );
    },
  );
  return { kind: 'list', found, more };
}
