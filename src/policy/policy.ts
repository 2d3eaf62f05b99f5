/** The allowlist: pure, default no. */

import { type LocationName, matchPattern, type OperationName } from '../resource-name.ts';
import { type Told, toldOf, toldOfFacts } from './levels.ts';
import {
  type AuthorizationRequest,
  appliesTo,
  matchesMetadata,
  type Rule,
  requiresMetadata,
} from './rule.ts';
import { findRule, type RuleTree, treeOf } from './rule-tree.ts';

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

/** The allowlist, filed; each tree when it is first asked. */
export interface Policy {
  readonly rules: readonly Rule[];
  readonly named: Files;
  /** Only the rules that serve sweeps. */
  readonly sweeping: Files;
}

interface Files {
  /** The rules that need no reading. */
  readonly free: () => RuleTree;
  /** Those that ask for verbs or targets. */
  readonly reading: () => RuleTree;
}

export function createPolicy(rules: readonly Rule[]): Policy {
  const tree = (reading: boolean, sweep: boolean) => {
    let made: RuleTree | undefined;
    return () => {
      made ??= treeOf(
        rules.filter((rule) => requiresMetadata(rule) === reading && (rule.sweep || !sweep)),
      );
      return made;
    };
  };
  const files = (sweep: boolean) => ({ free: tree(false, sweep), reading: tree(true, sweep) });
  return { rules, named: files(false), sweeping: files(true) };
}

/**
 * The first rule that matches decides; one that needs no reading goes before one that does. The trees
 * only find it: what allows is the rule itself, asked once more, so that a fault in filing denies.
 */
export function decide(policy: Policy, question: AuthorizationRequest): Decision {
  const { caller, identities, operation, facts, sweep } = question;
  const { free, reading } = sweep ? policy.sweeping : policy.named;
  const told = toldOf(caller, identities, operation);
  const fits = (rule: Rule) =>
    (rule.sweep || !sweep) &&
    appliesTo(rule, caller, identities) &&
    rule.operations.some((pattern) => matchPattern(pattern, operation)) &&
    (!facts || matchesMetadata(rule, facts));
  if (facts) {
    const rule = findRule([free(), reading()], [...told, ...toldOfFacts(facts)], fits);
    return rule ? allowed(operation, rule) : { kind: 'denied' };
  }
  const rule = findRule([free()], told, fits);
  if (rule) return allowed(operation, rule);
  return { kind: findRule([reading()], told, fits, true) ? 'unread' : 'denied' };
}

function allowed(operation: OperationName, rule: Rule): Decision {
  return { kind: 'allowed', permit: { operation, rule } as Permit };
}

/** Whether some rule could give these identities an operation under `parent`. */
export function mayAskUnder(
  policy: Policy,
  parent: LocationName,
  caller: string,
  identities: readonly string[],
): boolean {
  return mayAskAny(policy.named, toldOf(caller, identities, parent), caller, identities);
}

/** Whether some rule lets these identities sweep. */
export function maySweep(policy: Policy, caller: string, identities: readonly string[]): boolean {
  return mayAskAny(policy.sweeping, [[caller], identities], caller, identities);
}

function mayAskAny(
  { free, reading }: Files,
  told: readonly Told[],
  caller: string,
  identities: readonly string[],
): boolean {
  const mine = (rule: Rule) => appliesTo(rule, caller, identities);
  return findRule([free(), reading()], told, mine, true) !== undefined;
}
