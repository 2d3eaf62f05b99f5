/** The allowlist: decides whether a caller may cancel an operation. Requests that no rule matches are denied. */

import {
  type LocationName,
  matchParent,
  type OperationName,
  type Pattern,
} from '../resource-name.ts';
import {
  type AuthorizationRequest,
  appliesTo,
  matches,
  type Rule,
  requiresMetadata,
} from './rule.ts';

declare const permitBrand: unique symbol;

/** Permission to cancel one operation. Only {@link decide} makes one. */
export interface Permit {
  readonly operation: OperationName;
  readonly rule: Rule;
  readonly [permitBrand]: true;
}

export type Decision =
  | { readonly kind: 'allowed'; readonly permit: Permit }
  /** Only rules with `verbs` or `targets` can match: read the operation, then decide with its metadata. */
  | { readonly kind: 'needs-metadata' }
  | { readonly kind: 'denied' };

export interface Policy {
  /**
   * Rules by the literal project of their patterns, in the order of the configuration. Rules with a
   * wildcard in a pattern's project are under `undefined`.
   */
  readonly rulesByProject: ReadonlyMap<string | undefined, readonly Rule[]>;
  /** How rules name projects literally. */
  readonly projectForms: ReadonlySet<ProjectForm>;
}

type ProjectForm = 'ID' | 'number';

export function createPolicy(rules: readonly Rule[]): Policy {
  const rulesByProject = new Map<string | undefined, Rule[]>();
  for (const rule of rules) {
    for (const project of new Set(rule.operations.map(literalProject))) {
      const indexed = rulesByProject.get(project);
      if (indexed) indexed.push(rule);
      else rulesByProject.set(project, [rule]);
    }
  }
  const projects = [...rulesByProject.keys()].filter((project) => project !== undefined);
  return { rulesByProject, projectForms: new Set(projects.map(projectForm)) };
}

export function projectForm(project: string): ProjectForm {
  return /^\d+$/.test(project) ? 'number' : 'ID';
}

function literalProject({ segments: [, project] }: Pattern): string | undefined {
  return project?.length === 1 ? project[0] : undefined;
}

/** Returns the rules that can match names in the project of `name`, in the order of the configuration. */
export function rulesForProject({ rulesByProject }: Policy, name: string): readonly Rule[] {
  const literal = rulesByProject.get(name.split('/')[1]) ?? [];
  const wildcard = rulesByProject.get(undefined) ?? [];
  if (literal.length === 0) return wildcard;
  if (wildcard.length === 0) return literal;
  return [...literal, ...wildcard].sort((a, b) => a.index - b.index);
}

/**
 * Decides by the first rule that matches. Before the operation has been read, the first rule that
 * needs no metadata decides, so that no operation is read without need.
 */
export function decide(policy: Policy, request: AuthorizationRequest): Decision {
  const { operation, metadata } = request;
  const rules = rulesForProject(policy, operation);
  const rule = rules.find(
    (rule) => (metadata || !requiresMetadata(rule)) && matches(rule, request),
  );
  if (rule) return { kind: 'allowed', permit: { operation, rule } as Permit };
  const undecided = !metadata && rules.some((rule) => matches(rule, request));
  return { kind: undecided ? 'needs-metadata' : 'denied' };
}

/** Returns whether a rule for this caller could match an operation under `parent`. */
export function mayCancelUnder(
  policy: Policy,
  parent: LocationName,
  caller: string,
  identities: readonly string[],
): boolean {
  return rulesUnder(policy, parent, caller, identities).length > 0;
}

/** Returns whether a rule with `sweep: true` for this caller could match an operation under `parent`. */
export function maySweepUnder(
  policy: Policy,
  parent: LocationName,
  caller: string,
  identities: readonly string[],
): boolean {
  return rulesUnder(policy, parent, caller, identities).some((rule) => rule.sweep);
}

function rulesUnder(
  policy: Policy,
  parent: LocationName,
  caller: string,
  identities: readonly string[],
): readonly Rule[] {
  return rulesForProject(policy, parent).filter(
    (rule) =>
      appliesTo(rule, caller, identities) &&
      rule.operations.some((pattern) => matchParent(pattern, parent)),
  );
}

/**
 * Returns whether a rule with `sweep: true` for this caller covers an operation's name, whatever the
 * operation's verb and target are. A sweep must not count or show operations whose names none covers.
 */
export function maySweepName(
  policy: Policy,
  operation: OperationName,
  caller: string,
  identities: readonly string[],
): boolean {
  return decide(policy, { caller, identities, operation, sweep: true }).kind !== 'denied';
}
