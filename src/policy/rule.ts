/** One rule of the allowlist: how it is parsed, and what it compares with a request. */

import { joinName, type ResourceName } from '../resource-name.ts';
import {
  matchName,
  matchPattern,
  type NamePattern,
  type Pattern,
  parseNamePattern,
  parseTargetPattern,
} from '../resource-pattern.ts';

export interface Rule {
  /** Its index in the configuration's `allow`, from 0. */
  readonly index: number;
  readonly description?: string;
  readonly operations: readonly NamePattern[];
  readonly callers?: readonly string[];
  readonly principals?: readonly string[];
  readonly verbs?: readonly string[];
  readonly targets?: readonly Pattern[];
  readonly sweep: boolean;
}

/** A rule as the configuration gives it. */
export interface RuleSettings extends Partial<Omit<Rule, 'index' | 'operations' | 'targets'>> {
  readonly operations?: readonly string[];
  readonly targets?: readonly string[];
}

/** The fields of an operation's `metadata` that rules can name. Other resources have neither. */
export interface OperationMetadata {
  readonly verb?: string | undefined;
  readonly target?: string | undefined;
}

export interface AuthorizationRequest {
  readonly caller: string;
  readonly identities: readonly string[];
  readonly operation: ResourceName;
  /** Absent until the operation has been read. */
  readonly metadata?: OperationMetadata;
  /** Whether a sweep found the operation. A caller that names it needs no `sweep: true`. */
  readonly sweep: boolean;
}

/**
 * Parses a rule.
 *
 * @param known the routes of callers; undefined if none can be told, which is an error of its own
 * @param addError told what is wrong, and where in the configuration
 */
export function parseRule(
  rule: RuleSettings,
  index: number,
  known: readonly string[] | undefined,
  addError: (path: readonly (string | number)[], message: string) => void,
): Rule {
  const at = ['allow', index];
  for (const [place, caller] of (rule.callers ?? []).entries()) {
    if (known && !known.includes(caller)) {
      addError([...at, 'callers', place], 'names a caller that does not exist');
    }
  }
  const patterns = <P extends Pattern>(
    key: 'operations' | 'targets',
    read: (text: string) => P | string,
  ): P[] =>
    (rule[key] ?? []).flatMap((text, place) => {
      const pattern = read(text);
      if (typeof pattern !== 'string') return [pattern];
      addError([...at, key, place], pattern);
      return [];
    });
  const operations = patterns('operations', parseNamePattern);
  const targets = patterns('targets', parseTargetPattern);
  const bare = operations.find(({ types }) => types.some(({ hasMetadata }) => !hasMetadata));
  for (const key of ['verbs', 'targets'] as const) {
    if (!bare || rule[key] === undefined) continue;
    addError([...at, key], `cannot be compared: what ${bare.text} matches has no ${key}`);
  }
  const { targets: given, operations: _, sweep = false, ...rest } = rule;
  return { ...rest, index, sweep, operations, ...(given ? { targets } : {}) };
}

/** Returns whether the operation must be read before it is known that the rule matches. */
export function requiresMetadata(rule: Rule): boolean {
  return rule.verbs !== undefined || rule.targets !== undefined;
}

/** Returns whether a rule matches a request. Without metadata, its verbs and targets are not compared. */
export function matches(rule: Rule, request: AuthorizationRequest): boolean {
  const { caller, identities, operation, metadata, sweep } = request;
  return (
    (rule.sweep || !sweep) &&
    appliesTo(rule, caller, identities) &&
    rule.operations.some((pattern) => matchName(pattern, operation)) &&
    (!metadata || matchesMetadata(rule, metadata))
  );
}

/** Returns whether the rule is for this caller and for one of these identities. */
export function appliesTo(
  { callers, principals }: Rule,
  caller: string,
  identities: readonly string[],
): boolean {
  return (
    (!callers || callers.includes(caller)) &&
    (!principals || identities.some((id) => principals.includes(id)))
  );
}

/** Returns whether an operation has one of the verbs and one of the targets, where they are given. */
export function matchesMetadata(
  { verbs, targets }: Partial<Pick<Rule, 'verbs' | 'targets'>>,
  { verb, target }: OperationMetadata,
): boolean {
  return (
    (!verbs || verbs.some((one) => one === verb)) &&
    (!targets || (target !== undefined && targets.some((pattern) => matchPattern(pattern, target))))
  );
}

/** Returns a rule's name in logs: its index, and its description. */
export function ruleName({ index, description }: Rule): string {
  return description === undefined ? `allow[${index}]` : `allow[${index}]: ${description}`;
}

/** Returns an example of each type of resource that rules name. */
export function exampleNames(rules: readonly Rule[]): string[] {
  const types = new Set(rules.flatMap(({ operations }) => operations.flatMap((one) => one.types)));
  return [...types].map(({ service, example }) => joinName(service, example));
}
