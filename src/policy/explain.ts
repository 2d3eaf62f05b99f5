/** Why rules do not match a request, in words for the people who maintain the allowlist. */

import {
  type ComparedPattern,
  closestName,
  closestPattern,
  type NamePart,
  type Pattern,
} from '../resource-pattern.ts';
import { matchesMetadata, type OperationMetadata, type Rule } from './rule.ts';

/** What a rule compares with a request. */
export type Condition =
  | 'project'
  | 'caller'
  | 'principal'
  | 'location'
  | 'operation'
  | 'sweep'
  | 'verb'
  | 'target';

/** A request, as far as it is known. */
export interface ExplainRequest {
  readonly caller: string;
  readonly identities: readonly string[];
  /** Why `identities` is empty, in words. Absent: the caller's authentication has no identities. */
  readonly noIdentityReason?: string;
  /** The name of a resource or of a parent, in which an ID `-` is any. */
  readonly name: string;
  /** Absent until the operation has been read: no rule fails because of it. */
  readonly metadata?: OperationMetadata;
  /** The part of the metadata that is not known: no rule fails because of it. */
  readonly unknown?: readonly ('verbs' | 'targets')[];
  readonly sweep: boolean;
}

export interface Mismatch {
  readonly condition: Condition;
  /** The rule's key that holds the condition. */
  readonly key: 'callers' | 'principals' | 'operations' | 'sweep' | 'verbs' | 'targets';
  /** In words, with values of the rule. Does not repeat the operation's metadata. */
  readonly why: string;
}

export interface RuleExplanation {
  readonly rule: Rule;
  /** In the order of {@link CHECKS}. Empty: the rule matches as far as the request is known. */
  readonly mismatches: readonly Mismatch[];
}

interface Check {
  readonly condition: Condition;
  readonly key: Mismatch['key'];
  readonly fails: (rule: Rule, request: ExplainRequest) => boolean;
  readonly why: (rule: Rule, request: ExplainRequest) => string;
}

/** A rule is closer to a request the later in this list its first failed check is. */
const CHECKS: readonly Check[] = [
  nameCheck('project'),
  {
    condition: 'caller',
    key: 'callers',
    fails: ({ callers }, { caller }) => callers !== undefined && !callers.includes(caller),
    why: ({ callers = [] }, { caller }) => `${quote([caller])} is not ${quoteOneOf(callers)}`,
  },
  {
    condition: 'principal',
    key: 'principals',
    fails: ({ principals }, { identities }) =>
      principals !== undefined && !identities.some((id) => principals.includes(id)),
    why({ principals = [] }, { identities, noIdentityReason = 'the caller has no identity' }) {
      const who = identities.length === 0 ? noIdentityReason : quote(identities);
      return `${who}, and the rule requires ${quoteOneOf(principals)}`;
    },
  },
  nameCheck('location'),
  nameCheck('operation'),
  {
    condition: 'sweep',
    key: 'sweep',
    fails: (rule, { sweep }) => sweep && !rule.sweep,
    why: () => 'is not true: the rule does not serve sweeps',
  },
  {
    condition: 'verb',
    key: 'verbs',
    fails: ({ verbs }, { metadata, unknown }) =>
      verbs !== undefined &&
      metadata !== undefined &&
      !unknown?.includes('verbs') &&
      !matchesMetadata({ verbs }, metadata),
    why({ verbs = [] }, { metadata }) {
      const has = metadata?.verb === undefined ? 'has no verb' : 'has another verb';
      return `the operation ${has}, and the rule requires ${quoteOneOf(verbs)}`;
    },
  },
  {
    condition: 'target',
    key: 'targets',
    fails: ({ targets }, { metadata, unknown }) =>
      targets !== undefined &&
      metadata !== undefined &&
      !unknown?.includes('targets') &&
      !matchesMetadata({ targets }, metadata),
    why: ({ targets = [] }, { metadata }) => explainTarget(targets, metadata?.target),
  },
];

/** Explains each rule, the closest one first. Equally close rules are in the order of `rules`. */
export function explain(rules: readonly Rule[], request: ExplainRequest): RuleExplanation[] {
  return rules
    .map((rule) => ({ rule, passed: countPassed(rule, request) }))
    .toSorted((a, b) => b.passed - a.passed)
    .map(({ rule }) => ({ rule, mismatches: findMismatches(rule, request) }));
}

/** Returns the first of the rules that are closest to a request; undefined if there is no rule. */
export function closestRule(rules: readonly Rule[], request: ExplainRequest): Rule | undefined {
  let closest: { rule: Rule; passed: number } | undefined;
  for (const rule of rules) {
    const passed = countPassed(rule, request);
    if (!closest || passed > closest.passed) closest = { rule, passed };
  }
  return closest?.rule;
}

export function findMismatches(rule: Rule, request: ExplainRequest): Mismatch[] {
  return CHECKS.filter(({ fails }) => fails(rule, request)).map(({ condition, key, why }) => ({
    condition,
    key,
    why: why(rule, request),
  }));
}

function countPassed(rule: Rule, request: ExplainRequest): number {
  const failed = CHECKS.findIndex(({ fails }) => fails(rule, request));
  return failed < 0 ? CHECKS.length : failed;
}

function nameCheck(condition: NamePart): Check {
  return {
    condition,
    key: 'operations',
    fails: ({ operations }, { name }) => closestName(operations, name).part === condition,
    why({ operations }, { name }) {
      const { closest, service, segment } = closestName(operations, name);
      if (closest.mismatchIndex < 0) {
        return `the service ${quote([service])} is not that of ${truncate(closest.pattern.text)}`;
      }
      if (segment === undefined) {
        return `the name has another number of segments than ${truncate(closest.pattern.text)}`;
      }
      return `the ${condition} ${quote([segment])} ${describeMismatch(closest, operations.length)}`;
    },
  };
}

function explainTarget(targets: readonly Pattern[], target: string | undefined): string {
  if (target === undefined) return 'the operation has no target, and the rule requires one';
  const closest = closestPattern(targets, target.split('/'));
  const { pattern, mismatchIndex } = closest;
  const what = pattern.segments[mismatchIndex] ? `segment ${mismatchIndex + 1}` : 'the target';
  return `${what} ${describeMismatch(closest, targets.length)}`;
}

function quoteOneOf(values: readonly string[]): string {
  return `${values.length === 1 ? '' : 'one of '}${quote(values)}`;
}

function describeMismatch({ pattern, mismatchIndex }: ComparedPattern, count: number): string {
  const parts = pattern.segments[mismatchIndex];
  const more = count === 1 ? '' : `, the closest of ${count} patterns`;
  if (!parts) return `has another number of segments than ${truncate(pattern.text)}${more}`;
  const verb = parts.length > 1 ? 'does not match' : 'is not';
  return `${verb} ${quote([parts.join('*')])} in ${truncate(pattern.text)}${more}`;
}

const MAX_QUOTED_VALUES = 5;
const MAX_QUOTED_CHARACTERS = 150;

/** Returns at most five values, each in double quotes, and how many more there are. */
export function quote(values: readonly string[]): string {
  const quoted = values.slice(0, MAX_QUOTED_VALUES).map((value) => JSON.stringify(truncate(value)));
  const more = values.length - quoted.length;
  return `${quoted.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

export function truncate(text: string, maxCharacters = MAX_QUOTED_CHARACTERS): string {
  return text.length > maxCharacters ? `${text.slice(0, maxCharacters)}…` : text;
}
