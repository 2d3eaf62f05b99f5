/** Why rules do not match: for whoever keeps the allowlist. */

import { matchSegment, type Pattern } from '../resource-name.ts';
import { matchesMetadata, type OperationMetadata, type Rule } from './rule.ts';

/** What can fail to match, in the order in which it is looked at: what fails later is nearer. */
export const ORDER = [
  'caller',
  'principal',
  'project',
  'location',
  'operation',
  'sweep',
  'verb',
  'target',
] as const;

export type Condition = (typeof ORDER)[number];

export interface Mismatch {
  readonly unmatched: Condition;
  /** The rule's key that asks for it. */
  readonly key: 'callers' | 'principals' | 'operations' | 'sweep' | 'verbs' | 'targets';
  /** In words, with the rule's own values; what upstream says of the operation is not repeated. */
  readonly why: string;
}

/** A question as far as it is known. */
export interface ExplainRequest {
  readonly caller: string;
  readonly identities: readonly string[];
  /** Why there are none, in words; absent: this caller's proof tells none. */
  readonly unnamed?: string;
  /** Of an operation, or of a location, where `-` is any; absent: any. */
  readonly name?: string;
  readonly facts?: OperationMetadata;
  /** What of the facts is not known: nothing of it is held against a rule. Absent: all or nothing. */
  readonly unknown?: readonly ('verbs' | 'targets')[];
  readonly sweep: boolean;
}

export interface RuleExplanation {
  readonly rule: Rule;
  /** What does not match, in {@link ORDER}; where it is empty, the rule matches as far as is known. */
  readonly mismatches: readonly Mismatch[];
}

/** The nearest rule first: the one that gets furthest along {@link ORDER}, then by their places. */
export function explain(rules: readonly Rule[], asked: ExplainRequest): RuleExplanation[] {
  const reach = ({ mismatches: [first] }: RuleExplanation) =>
    first ? ORDER.indexOf(first.unmatched) : ORDER.length;
  return rules
    .map((rule) => ({ rule, mismatches: findMismatches(rule, asked) }))
    .toSorted((a, b) => reach(b) - reach(a));
}

export function findMismatches(rule: Rule, asked: ExplainRequest): Mismatch[] {
  const { caller, identities, unnamed = 'the caller has none' } = asked;
  const { facts, unknown, sweep } = asked;
  const { callers, principals, verbs, targets } = rule;
  const found: Mismatch[] = [];
  if (callers && !callers.includes(caller)) {
    const why = `${quoted([caller])} is not ${oneOf(callers)}`;
    found.push({ unmatched: 'caller', key: 'callers', why });
  }
  if (principals && !identities.some((id) => principals.includes(id))) {
    const who = identities.length === 0 ? unnamed : quoted(identities);
    const why = `${who}, and the rule asks for ${oneOf(principals)}`;
    found.push({ unmatched: 'principal', key: 'principals', why });
  }
  found.push(...ofOperations(rule, asked));
  if (sweep && !rule.sweep) {
    found.push({ unmatched: 'sweep', key: 'sweep', why: 'is not true: the rule serves no sweeps' });
  }
  if (!facts) return found;
  if (verbs && !unknown?.includes('verbs') && !matchesMetadata({ verbs }, facts)) {
    const has = facts.verb === undefined ? 'the operation tells no verb' : 'its verb is another';
    const why = `${has}, and the rule asks for ${oneOf(verbs)}`;
    found.push({ unmatched: 'verb', key: 'verbs', why });
  }
  if (targets && !unknown?.includes('targets') && !matchesMetadata({ targets }, facts)) {
    found.push({ unmatched: 'target', key: 'targets', why: ofTargets(targets, facts.target) });
  }
  return found;
}

/** Where they stand in an operation's name. */
const PARTS = new Map<number, Condition>([
  [1, 'project'],
  [3, 'location'],
  [5, 'operation'],
]);

function ofOperations({ operations }: Rule, { name }: ExplainRequest): Mismatch[] {
  if (name === undefined) return [];
  const segments = name.split('/');
  const told = segments.map((segment) => (segment === '-' ? undefined : segment));
  const { pattern, at } = closestPattern(operations, told);
  const unmatched = PARTS.get(at);
  if (!unmatched) return [];
  const what = `the ${unmatched} ${quoted(segments.slice(at, at + 1))}`;
  const why = `${what} ${describeMismatch(pattern, at)}${furtherOnes(operations)}`;
  return [{ unmatched, key: 'operations', why }];
}

function ofTargets(targets: readonly Pattern[], target: string | undefined): string {
  if (target === undefined) return 'the operation tells no target, and the rule asks for one';
  const { pattern, at } = closestPattern(targets, target.split('/'));
  const what = at < Number.POSITIVE_INFINITY ? `segment ${at + 1}` : 'it';
  return `${what} ${describeMismatch(pattern, at)}${furtherOnes(targets)}`;
}

/**
 * The pattern that gets furthest, and the segment that it does not get past: infinite where there is
 * none. What is not told is not held against it.
 */
function closestPattern(
  patterns: readonly Pattern[],
  segments: readonly (string | undefined)[],
): { readonly pattern: Pattern; readonly at: number } {
  return patterns
    .map((pattern) => {
      const at = pattern.segments.findIndex((glob, index) => {
        const segment = segments[index];
        return segment !== undefined && !matchSegment(glob, segment);
      });
      return { pattern, at: at < 0 ? Number.POSITIVE_INFINITY : at };
    })
    .reduce((best, one) => (one.at > best.at ? one : best));
}

function describeMismatch({ text, segments }: Pattern, at: number): string {
  const glob = segments[at];
  if (!glob) return `has not as many segments as ${truncate(text)}`;
  const fit = glob.length > 1 ? 'does not fit' : 'is not';
  return `${fit} ${quoted([glob.join('*')])} in ${truncate(text)}`;
}

function furtherOnes({ length }: readonly unknown[]): string {
  return length === 1 ? '' : `, the nearest of ${length} patterns`;
}

const MOST_NAMED = 5;

function oneOf(words: readonly string[]): string {
  return `${words.length === 1 ? '' : 'one of '}${quoted(words)}`;
}

function quoted(words: readonly string[]): string {
  const named = words.slice(0, MOST_NAMED).map((word) => JSON.stringify(truncate(word)));
  const more = words.length - named.length;
  return `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

export function truncate(text: string, most = 150): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}
