/** The allowlist: pure, default no, and able to explain itself. */

import { matches, type OperationName, type Pattern } from './operation.ts';

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
  const near = rules.filter((rule) => mismatch(rule, question) === undefined);
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

/** Whether the rule is for this caller and for one of these identities, whatever it gives them. */
export function mayAsk(rule: Rule, caller: string, identities: readonly string[]): boolean {
  if (rule.callers && !rule.callers.includes(caller)) return false;
  return !rule.principals || identities.some((id) => rule.principals?.includes(id));
}

/** The key of the rule that keeps it from matching; undefined where it matches as far as is known. */
function mismatch(rule: Rule, question: Question): keyof Rule | undefined {
  const { caller, identities, operation, facts } = question;
  if (question.sweep && !rule.sweep) return 'sweep';
  if (rule.callers && !rule.callers.includes(caller)) return 'callers';
  if (rule.principals && !identities.some((id) => rule.principals?.includes(id))) {
    return 'principals';
  }
  if (!rule.operations.some((pattern) => matches(pattern, operation))) return 'operations';
  if (!facts) return undefined;
  if (rule.verbs && !rule.verbs.some((verb) => verb === facts.verb)) return 'verbs';
  const { target } = facts;
  if (rule.targets && !rule.targets.some((p) => target !== undefined && matches(p, target))) {
    return 'targets';
  }
  return undefined;
}

/** A rule's name in logs: where it stands, and its own words. */
export function ruleName({ index, description }: Rule): string {
  return description === undefined ? `allow[${index}]` : `allow[${index}]: ${description}`;
}
