/** Why a request was denied: in full for the log, and for the caller what concerns itself alone. */

import {
  type Condition,
  type ExplainRequest,
  explain,
  findMismatches,
  ORDER,
  type RuleExplanation,
  truncate,
} from './explain.ts';
import { toldOf, toldOfFacts } from './levels.ts';
import type { Policy } from './policy.ts';
import { ruleName } from './rule.ts';
import { nearestRule } from './rule-tree.ts';

export interface Denial {
  /** For the caller: names no rule, nor anything of one. */
  readonly hint: string;
  /** For the log: the nearest rule, and what in it does not match. */
  readonly nearest: string;
}

/** What each tells a caller: of the rules that are for it, only how far they go along with it. */
const HINTS: Readonly<Record<Condition, string>> = {
  caller: 'No rule is for this caller.',
  principal: 'The rules for this caller are for other principals.',
  project: 'No rule for you covers this project.',
  location: 'No rule for you covers this location of the project.',
  operation: "No rule for you covers this operation's id.",
  sweep: 'The rules for you do not serve sweeps.',
  verb: 'The rules for you that cover it are for other verbs.',
  target: 'The rules for you that cover it are for other targets.',
};

const MOST_CHARACTERS = 500;

/** Of a question that no rule allows. */
export function explainDenial(policy: Policy, asked: ExplainRequest): Denial {
  const nearest = closestRule(policy, asked);
  if (!nearest?.mismatches[0]) return { hint: HINTS.caller, nearest: 'there is no rule' };
  const why = nearest.mismatches.map(({ key, why }) => `${key}: ${why}`);
  const text = `${ruleName(nearest.rule)}: ${why.join('; ')}`;
  return { hint: HINTS[nearest.mismatches[0].unmatched], nearest: truncate(text, MOST_CHARACTERS) };
}

/** What each level of a tree asks; of a target's levels the first alone is looked at. */
const LEVELS: readonly Condition[] = ORDER.filter((unmatched) => unmatched !== 'sweep');

/**
 * As cheap as deciding was, however many rules there are; only where the rule that is found has lists
 * so long that it is filed by less than it asks are they all read, one by one.
 */
function closestRule(policy: Policy, asked: ExplainRequest): RuleExplanation | undefined {
  const { caller, identities, name, facts } = asked;
  const named = name === undefined ? [[caller], identities] : toldOf(caller, identities, name);
  const told = facts ? [...named, ...toldOfFacts(facts).slice(0, 1)] : named;
  const reached = nearestRule([policy.named.free(), policy.named.reading()], told);
  if (!reached) return undefined;
  const { rule, level } = reached;
  const mismatches = findMismatches(rule, asked);
  const [first] = mismatches;
  const asFiled = first && (first.unmatched === LEVELS[level] || first.unmatched === 'sweep');
  return asFiled ? { rule, mismatches } : explain(policy.rules, asked)[0];
}
