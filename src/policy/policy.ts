/** The allowlist: decides whether a caller may cancel an operation. Requests that no rule matches are denied. */

import { type ParentName, type ResourceName, splitName } from '../resource-name.ts';
import { matchParent, type NamePattern } from '../resource-pattern.ts';
import {
  type AuthorizationRequest,
  appliesTo,
  matches,
  type Rule,
  requiresMetadata,
} from './rule.ts';

declare const permitBrand: unique symbol;

/** Permission for a caller to cancel one operation. Only {@link decide} makes one. */
export interface Permit {
  readonly caller: string;
  readonly operation: ResourceName;
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
   * Rules by the service and the literal project of their patterns, `service/project`, in the order of
   * the configuration. Rules with a wildcard in a pattern's project are under `service/*`.
   */
  readonly rulesByProject: ReadonlyMap<string, readonly Rule[]>;
  /** All rules, in the order of the configuration. */
  readonly rules: readonly Rule[];
  /** How the rules for a caller name projects literally; under ANY_CALLER, those for any caller. */
  readonly projectForms: ReadonlyMap<string, ReadonlySet<ProjectForm>>;
}

type ProjectForm = 'ID' | 'number';

/** No route has this name. */
export const ANY_CALLER = '*';

export function createPolicy(rules: readonly Rule[]): Policy {
  const rulesByProject = new Map<string, Rule[]>();
  const projectForms = new Map<string, Set<ProjectForm>>();
  for (const rule of rules) {
    for (const key of new Set(rule.operations.map(indexKey))) {
      const indexed = rulesByProject.get(key);
      if (indexed) indexed.push(rule);
      else rulesByProject.set(key, [rule]);
    }
    for (const pattern of rule.operations) {
      const project = literalProject(pattern);
      if (project === undefined) continue;
      for (const caller of rule.callers ?? [ANY_CALLER]) {
        const forms = projectForms.get(caller) ?? new Set();
        projectForms.set(caller, forms.add(projectForm(project)));
      }
    }
  }
  return { rules, rulesByProject, projectForms };
}

export function projectForm(project: string): ProjectForm {
  return /^\d+$/.test(project) ? 'number' : 'ID';
}

function literalProject({ segments: [, project] }: NamePattern): string | undefined {
  return project?.length === 1 ? project[0] : undefined;
}

function indexKey(pattern: NamePattern): string {
  return `${pattern.service}/${literalProject(pattern) ?? '*'}`;
}

/** Returns the rules that can match names in the project of `name`, in the order of the configuration. */
export function rulesForProject({ rulesByProject }: Policy, name: string): readonly Rule[] {
  const { service, path } = splitName(name);
  const literal = rulesByProject.get(`${service}/${path.split('/')[1]}`) ?? [];
  const wildcard = rulesByProject.get(`${service}/*`) ?? [];
  if (literal.length === 0) return wildcard;
  if (wildcard.length === 0) return literal;
  return [...literal, ...wildcard].sort((a, b) => a.index - b.index);
}

/**
 * Decides by the first rule that matches. Before the operation has been read, the first rule that
 * needs no metadata decides, so that no operation is read without need.
 */
export function decide(policy: Policy, request: AuthorizationRequest): Decision {
  const { caller, operation, metadata } = request;
  const rules = rulesForProject(policy, operation);
  const rule = rules.find(
    (rule) => (metadata || !requiresMetadata(rule)) && matches(rule, request),
  );
  if (rule) return { kind: 'allowed', permit: { caller, operation, rule } as Permit };
  const undecided = !metadata && rules.some((rule) => matches(rule, request));
  return { kind: undecided ? 'needs-metadata' : 'denied' };
}

/** Returns the rules that are for this caller and one of these identities. */
export function rulesFor(
  { rules }: Policy,
  caller: string,
  identities: readonly string[],
): readonly Rule[] {
  return rules.filter((rule) => appliesTo(rule, caller, identities));
}

/** Returns whether a rule for this caller could match an operation under `parent`. */
export function mayCancelUnder(
  policy: Policy,
  parent: ParentName,
  caller: string,
  identities: readonly string[],
): boolean {
  return rulesUnder(policy, parent, caller, identities).length > 0;
}

/** Returns whether a rule with `sweep: true` for this caller could match an operation under `parent`. */
export function maySweepUnder(
  policy: Policy,
  parent: ParentName,
  caller: string,
  identities: readonly string[],
): boolean {
  return rulesUnder(policy, parent, caller, identities).some((rule) => rule.sweep);
}

function rulesUnder(
  policy: Policy,
  parent: ParentName,
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
  operation: ResourceName,
  caller: string,
  identities: readonly string[],
): boolean {
  return decide(policy, { caller, identities, operation, sweep: true }).kind !== 'denied';
}
