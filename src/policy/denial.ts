/** Why a request was denied: in full for the log, and for the caller what concerns itself alone. */

import { type Asked, mismatchesOf, ORDER, type Unmatched } from './explain.ts';
import { toldOf, toldOfFacts } from './levels.ts';
import type { Policy } from './policy.ts';
import { type Rule, ruleName } from './rule.ts';
import { nearestRule } from './rule-tree.ts';

export interface Denial {
  /** For the caller: names no rule, nor anything of one. */
  readonly hint: string;
  /** For the log: the nearest rule, and what in it does not match. */
  readonly nearest: string;
}

/** What each tells a caller: of the rules that are for it, only how far they go along with it. */
const HINTS: Readonly<Record<Unmatched, string>> = {
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

/** Of a question that no rule allows; as cheap as deciding it was, however many rules there are. */
export function denialOf(policy: Policy, asked: Asked): Denial {
  const { caller, identities, name, facts, sweep } = asked;
  const told = name === undefined ? [[caller], identities] : toldOf(caller, identities, name);
  const all = facts ? [...told, ...toldOfFacts(facts)] : told;
  const reached = [policy.named.free(), policy.named.reading()]
    .map((tree) => nearestRule(tree, all))
    .filter((one) => one !== undefined)
    .toSorted((a, b) => b.level - a.level || a.rule.index - b.rule.index)[0];
  if (!reached) return { hint: HINTS.caller, nearest: 'there is no rule' };
  const unmatched =
    sweep && reached.level >= told.length ? 'sweep' : ORDER_OF_LEVELS[reached.level];
  return { hint: HINTS[unmatched ?? 'target'], nearest: nearestText(reached.rule, asked) };
}

/** The levels of a tree, whose targets have several. */
const ORDER_OF_LEVELS: readonly Unmatched[] = ORDER.filter((unmatched) => unmatched !== 'sweep');

function nearestText(rule: Rule, asked: Asked): string {
  const why = mismatchesOf(rule, asked).map(({ key, why }) => `${key}: ${why}`);
  const text = `${ruleName(rule)}: ${why.join('; ')}`;
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
}
