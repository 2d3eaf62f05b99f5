/** One rule of the allowlist, and what a question must tell for it to match. */

import {
  matchPattern,
  type Operation,
  type OperationName,
  type Pattern,
} from '../resource-name.ts';

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
export interface OperationMetadata {
  readonly verb?: string | undefined;
  readonly target?: string | undefined;
}

export interface AuthorizationRequest {
  readonly caller: string;
  readonly identities: readonly string[];
  readonly operation: OperationName;
  /** Absent until the operation was read. */
  readonly facts?: OperationMetadata;
  /** Whether the operation was found by a sweep, not named. */
  readonly sweep: boolean;
}

/** Whether the operation has to be read before it is known if the rule matches. */
export function requiresMetadata(rule: Rule): boolean {
  return rule.verbs !== undefined || rule.targets !== undefined;
}

/** What `metadata` tells, where it is what the API says that it is. */
export function metadataOf({ metadata }: Operation): OperationMetadata {
  const { verb, target } = metadata ?? {};
  return {
    verb: typeof verb === 'string' ? verb : undefined,
    target: typeof target === 'string' ? target : undefined,
  };
}

/** Whether the rule is for this caller and for one of these identities, whatever it gives them. */
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

/** Of a rule, and of a sweep: where it asks for verbs or targets, what is missing does not fit. */
export function matchesMetadata(
  { verbs, targets }: Partial<Pick<Rule, 'verbs' | 'targets'>>,
  { verb, target }: OperationMetadata,
): boolean {
  return (
    (!verbs || verbs.some((one) => one === verb)) &&
    (!targets || (target !== undefined && targets.some((pattern) => matchPattern(pattern, target))))
  );
}

/** A rule's name in logs: where it stands, and its own words. */
export function ruleName({ index, description }: Rule): string {
  return description === undefined ? `allow[${index}]` : `allow[${index}]: ${description}`;
}
