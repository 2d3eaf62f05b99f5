/** Why rules do not match: for whoever keeps the allowlist. */

import { fitsSegment, matches, type Pattern } from '../operation.ts';
import type { Facts, Rule } from './rule.ts';

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

export type Unmatched = (typeof ORDER)[number];

export interface Mismatch {
  readonly unmatched: Unmatched;
  /** The rule's key that asks for it. */
  readonly key: 'callers' | 'principals' | 'operations' | 'sweep' | 'verbs' | 'targets';
  /** In words, with the rule's own values; what upstream says of the operation is not repeated. */
  readonly why: string;
}

/** A question as far as it is known. */
export interface Asked {
  readonly caller: string;
  readonly identities: readonly string[];
  /** Why there are none, in words; absent: this caller's proof tells none. */
  readonly unnamed?: string;
  /** Of an operation, or of a location, where `-` is any; absent: any. */
  readonly name?: string;
  readonly facts?: Facts;
  /** What of the facts is not known: nothing of it is held against a rule. Absent: all or nothing. */
  readonly unknown?: readonly ('verbs' | 'targets')[];
  readonly sweep: boolean;
}

export interface Explained {
  readonly rule: Rule;
  /** What does not match, in {@link ORDER}; where it is empty, the rule matches as far as is known. */
  readonly mismatches: readonly Mismatch[];
}

/** The nearest rule first: the one that gets furthest along {@link ORDER}, then by their places. */
export function explain(rules: readonly Rule[], asked: Asked): Explained[] {
  const reach = ({ mismatches: [first] }: Explained) =>
    first ? ORDER.indexOf(first.unmatched) : ORDER.length;
  return rules
    .map((rule) => ({ rule, mismatches: mismatchesOf(rule, asked) }))
    .toSorted((a, b) => reach(b) - reach(a));
}

export function mismatchesOf(rule: Rule, asked: Asked): Mismatch[] {
  const { caller, identities, unnamed = 'the caller has none' } = asked;
  const { facts, unknown = [], sweep } = asked;
  const { callers, principals, verbs, targets } = rule;
  const found: Mismatch[] = [];
  if (callers && !callers.includes(caller)) {
    const why = `${quoted([caller])} is not ${either(callers)}`;
    found.push({ unmatched: 'caller', key: 'callers', why });
  }
  if (principals && !identities.some((id) => principals.includes(id))) {
    const who = identities.length === 0 ? unnamed : quoted(identities);
    const why = `${who}, and the rule asks for ${either(principals)}`;
    found.push({ unmatched: 'principal', key: 'principals', why });
  }
  found.push(...ofOperations(rule, asked));
  if (sweep && !rule.sweep) {
    found.push({ unmatched: 'sweep', key: 'sweep', why: 'is not true: the rule serves no sweeps' });
  }
  if (!facts) return found;
  const { verb, target } = facts;
  if (verbs && !unknown.includes('verbs') && !(verb !== undefined && verbs.includes(verb))) {
    const has = verb === undefined ? 'the operation tells no verb' : 'its verb is another';
    found.push({
      unmatched: 'verb',
      key: 'verbs',
      why: `${has}, and the rule asks for ${either(verbs)}`,
    });
  }
  if (
    targets &&
    !unknown.includes('targets') &&
    !(target !== undefined && targets.some((one) => matches(one, target)))
  ) {
    found.push({ unmatched: 'target', key: 'targets', why: ofTargets(targets, target) });
  }
  return found;
}

const PARTS = [
  [1, 'project'],
  [3, 'location'],
  [5, 'operation'],
] as const;

/** Of the pattern that gets furthest. */
function ofOperations({ operations }: Rule, { name }: Asked): Mismatch[] {
  const segments = name?.split('/') ?? [];
  const failing = (pattern: Pattern) =>
    PARTS.find(([at]) => {
      const [segment, glob] = [segments[at], pattern.segments[at]];
      return segment !== undefined && segment !== '-' && !(glob && fitsSegment(glob, segment));
    });
  const tried = operations.map((pattern) => ({ pattern, part: failing(pattern) }));
  if (tried.some(({ part }) => part === undefined)) return [];
  const [furthest] = tried.toSorted((a, b) => (b.part?.[0] ?? 0) - (a.part?.[0] ?? 0));
  if (!furthest?.part) return [];
  const { pattern, part } = furthest;
  const [at, unmatched] = part;
  const wanted = pattern.text.split('/')[at] ?? '';
  const why = `the ${unmatched} ${quoted([segments[at] ?? ''])} ${misfit(wanted)} in ${clip(pattern.text)}`;
  return [{ unmatched, key: 'operations', why: why + furtherOnes(operations) }];
}

/** Of the pattern that gets furthest. */
function ofTargets(targets: readonly Pattern[], target: string | undefined): string {
  if (target === undefined) return 'the operation tells no target, and the rule asks for one';
  const segments = target.split('/');
  const failing = ({ segments: globs }: Pattern) => {
    const at = globs.findIndex((glob, index) => !fitsSegment(glob, segments[index] ?? ''));
    return at < 0 ? globs.length : at;
  };
  const [[pattern, at] = [undefined, 0]] = targets
    .map((one) => [one, failing(one)] as const)
    .toSorted((a, b) => b[1] - a[1]);
  if (!pattern) return '';
  const wanted = pattern.text.split('/')[at];
  const why =
    wanted === undefined || (pattern.open && at === pattern.segments.length)
      ? `it has not as many segments as ${clip(pattern.text)}`
      : `segment ${at + 1} ${misfit(wanted)} in ${clip(pattern.text)}`;
  return why + furtherOnes(targets);
}

function misfit(wanted: string): string {
  return wanted.includes('*') ? `does not fit ${quoted([wanted])}` : `is not ${quoted([wanted])}`;
}

function furtherOnes({ length }: readonly unknown[]): string {
  return length === 1 ? '' : `, the nearest of ${length} patterns`;
}

const MOST_NAMED = 5;
const MOST_CHARACTERS = 150;

function either(words: readonly string[]): string {
  return `${words.length === 1 ? '' : 'one of '}${quoted(words)}`;
}

function quoted(words: readonly string[]): string {
  const named = words.slice(0, MOST_NAMED).map((word) => JSON.stringify(clip(word)));
  const more = words.length - named.length;
  return `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function clip(text: string): string {
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
}
