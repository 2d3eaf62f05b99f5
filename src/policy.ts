/** The allowlist: pure, default no, and able to explain itself. */

import {
  type LocationName,
  matches,
  mayLieUnder,
  type Operation,
  type OperationName,
  type Pattern,
} from './operation.ts';

export interface Rule {
  /** Its place in the configuration's `allow`, from 0. */
  readonly index: number;
  readonly description?: string;
  readonly operations: readonly Pattern[];
  readonly callers?: readonly string[];
  readonly principals?: readonly string[];
  readonly verbs?: readonly string[];
  readonly targets?: readonly Pattern[];
  readonly sweep: boolean;
}

/** What `metadata` says of an operation; a rule on what is missing does not match. */
export interface Facts {
  readonly verb?: string | undefined;
  readonly target?: string | undefined;
}

export interface Question {
  readonly caller: string;
  readonly identities: readonly string[];
  readonly operation: OperationName;
  /** Absent until the operation was read. */
  readonly facts?: Facts;
  /** Whether the operation was found by a sweep, not named. */
  readonly sweep: boolean;
}

declare const granted: unique symbol;

/** Leave to cancel one operation. Only {@link decide} makes one. */
export interface Permit {
  readonly operation: OperationName;
  readonly rule: Rule;
  readonly [granted]: true;
}

export type Decision =
  | { readonly kind: 'allowed'; readonly permit: Permit }
  /** A rule asks for `verbs` or `targets`: read the operation, and ask again with `facts`. */
  | { readonly kind: 'unread' }
  | { readonly kind: 'denied' };

/** The first rule that matches decides; one that needs no reading goes before one that does. */
export function decide(rules: readonly Rule[], question: Question): Decision {
  const near = rules.filter((rule) => fits(rule, question));
  const rule = near.find((rule) => question.facts !== undefined || !needsFacts(rule));
  if (rule) {
    const permit = { operation: question.operation, rule } as Permit;
    return { kind: 'allowed', permit };
  }
  return { kind: near.length > 0 ? 'unread' : 'denied' };
}

function needsFacts(rule: Rule): boolean {
  return rule.verbs !== undefined || rule.targets !== undefined;
}

/** What `metadata` tells, where it is what the API says that it is. */
export function factsOf({ metadata }: Operation): Facts {
  const { verb, target } = metadata ?? {};
  return {
    verb: typeof verb === 'string' ? verb : undefined,
    target: typeof target === 'string' ? target : undefined,
  };
}

/** Whether some rule could give these identities an operation under `parent`. */
export function mayAskUnder(
  rules: readonly Rule[],
  parent: LocationName,
  caller: string,
  identities: readonly string[],
): boolean {
  return rules.some(
    (rule) =>
      mayAsk(rule, caller, identities) &&
      rule.operations.some((pattern) => mayLieUnder(pattern, parent)),
  );
}

/** Whether the rule is for this caller and for one of these identities, whatever it gives them. */
export function mayAsk(rule: Rule, caller: string, identities: readonly string[]): boolean {
  if (rule.callers && !rule.callers.includes(caller)) return false;
  return !rule.principals || identities.some((id) => rule.principals?.includes(id));
}

/** Whether the rule matches as far as is known: without facts, what it asks of them is left open. */
function fits(rule: Rule, { caller, identities, operation, facts, sweep }: Question): boolean {
  return (
    (rule.sweep || !sweep) &&
    mayAsk(rule, caller, identities) &&
    rule.operations.some((pattern) => matches(pattern, operation)) &&
    (!facts || fitsFacts(rule, facts))
  );
}

/** Of a rule, and of a sweep: where it asks for verbs or targets, what is missing does not fit. */
export function fitsFacts(
  { verbs, targets }: Partial<Pick<Rule, 'verbs' | 'targets'>>,
  { verb, target }: Facts,
): boolean {
  return (
    (!verbs || (verb !== undefined && verbs.includes(verb))) &&
    (!targets || (target !== undefined && targets.some((pattern) => matches(pattern, target))))
  );
}

/** A rule's name in logs: where it stands, and its own words. */
export function ruleName({ index, description }: Rule): string {
  return description === undefined ? `allow[${index}]` : `allow[${index}]: ${description}`;
}
