/** What the hook would say to a question, of which the operation's verb and target may not be known. */

import { type Asked, type Explained, explain } from '../../policy/explain.ts';
import type { Rule } from '../../policy/rule.ts';

export type Need = 'verbs' | 'targets';

export interface Examined extends Explained {
  /** What the rule asks of the operation, and is not known. */
  readonly needs: readonly Need[];
}

export interface Verdict {
  /** `depends`: on the verb or the target, which the hook would read first. */
  readonly decision: 'allowed' | 'denied' | 'depends';
  /** The rule that allows it. */
  readonly rule?: Rule;
  /** Rules that would go before that one, or allow it at all, where what they need is so. */
  readonly open: readonly Examined[];
  /** All rules, the nearest first. */
  readonly rules: readonly Examined[];
}

export function verdictOf(rules: readonly Rule[], asked: Asked): Verdict {
  const { facts, unknown = facts ? [] : ['verbs', 'targets'], sweep } = asked;
  const examined = explain(rules, asked).map((one) => ({ ...one, needs: needsOf(one, unknown) }));
  const near = examined.filter(({ mismatches }) => mismatches.length === 0);
  const sure = near.filter(({ needs }) => needs.length === 0);
  // A named operation is read only where no rule gives it unread; a sweep has read it already.
  const unread = sure.find(({ rule }) => !rule.verbs && !rule.targets);
  const first = sweep ? sure[0] : (unread ?? sure[0]);
  const open = near.filter(
    ({ needs, rule }) =>
      needs.length > 0 && (!first || ((sweep || !unread) && rule.index < first.rule.index)),
  );
  if (first) return { decision: 'allowed', rule: first.rule, open, rules: examined };
  return { decision: open.length > 0 ? 'depends' : 'denied', open, rules: examined };
}

function needsOf({ rule }: Explained, unknown: readonly Need[]): Need[] {
  return unknown.filter((key) => rule[key] !== undefined);
}
