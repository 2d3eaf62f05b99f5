/** Evaluates the rules for a request, of which the operation's verb and target may not be known. */

import { type ExplainRequest, explain, type RuleExplanation } from '../../policy/explain.ts';
import type { Rule } from '../../policy/rule.ts';

export type UnknownField = 'verbs' | 'targets';

export interface EvaluatedRule extends RuleExplanation {
  /** What the rule asks of the operation, and is not known. */
  readonly needs: readonly UnknownField[];
}

export interface Verdict {
  /** `depends`: on the verb or the target, which the function reads first. */
  readonly decision: 'allowed' | 'denied' | 'depends';
  /** The rule that allows it. */
  readonly rule?: Rule;
  /** Rules that would go before that one, or allow it at all, where what they need is so. */
  readonly conditional: readonly EvaluatedRule[];
  /** All rules, the nearest first. */
  readonly rules: readonly EvaluatedRule[];
}

export function evaluate(rules: readonly Rule[], asked: ExplainRequest): Verdict {
  const { metadata, unknown = metadata ? [] : ['verbs', 'targets'], sweep } = asked;
  const examined = explain(rules, asked).map((one) => ({ ...one, needs: needsOf(one, unknown) }));
  const near = examined.filter(({ mismatches }) => mismatches.length === 0);
  const sure = near.filter(({ needs }) => needs.length === 0);
  // A named operation is read only if no rule allows it without its metadata. A sweep has already read it.
  const unread = sure.find(({ rule }) => !rule.verbs && !rule.targets);
  const first = sweep ? sure[0] : (unread ?? sure[0]);
  const conditional = near.filter(
    ({ needs, rule }) =>
      needs.length > 0 && (!first || ((sweep || !unread) && rule.index < first.rule.index)),
  );
  if (first) return { decision: 'allowed', rule: first.rule, conditional, rules: examined };
  return { decision: conditional.length > 0 ? 'depends' : 'denied', conditional, rules: examined };
}

function needsOf({ rule }: RuleExplanation, unknown: readonly UnknownField[]): UnknownField[] {
  return unknown.filter((key) => rule[key] !== undefined);
}
