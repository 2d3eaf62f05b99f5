/** Finds rules that never decide, because an earlier rule allows everything that they allow. */

import type { Rule } from '../../policy/rule.ts';
import type { NamePattern, Pattern } from '../../resource-pattern.ts';

/** Each pair of rules is compared: more of them would take too long. */
export const MAX_COMPARED = 2_000;

/** Returns a map from the index of each rule that never decides to the index of the earlier rule. */
export function shadowed(rules: readonly Rule[]): Map<number, number> {
  const found = new Map<number, number>();
  if (rules.length > MAX_COMPARED) return found;
  for (const rule of rules) {
    const wider = rules.find((one) => one.index < rule.index && covers(one, rule));
    if (wider) found.set(rule.index, wider.index);
  }
  return found;
}

/** Returns whether `wide` certainly allows everything that `narrow` allows. */
function covers(wide: Rule, narrow: Rule): boolean {
  return (
    (wide.sweep || !narrow.sweep) &&
    coversWords(wide.callers, narrow.callers) &&
    coversWords(wide.principals, narrow.principals) &&
    coversWords(wide.verbs, narrow.verbs) &&
    narrow.operations.every((pattern) => wide.operations.some((one) => coversName(one, pattern))) &&
    (!wide.targets ||
      (narrow.targets !== undefined && coversPatterns(wide.targets, narrow.targets)))
  );
}

function coversWords(wide: readonly string[] | undefined, narrow: readonly string[] | undefined) {
  return !wide || (narrow?.every((word) => wide.includes(word)) ?? false);
}

function coversName(wide: NamePattern, narrow: NamePattern): boolean {
  return wide.service === narrow.service && coversPattern(wide, narrow);
}

function coversPatterns(wide: readonly Pattern[], narrow: readonly Pattern[]): boolean {
  return narrow.every((pattern) => wide.some((one) => coversPattern(one, pattern)));
}

function coversPattern(wide: Pattern, narrow: Pattern): boolean {
  if (wide.text === narrow.text) return true;
  if (
    wide.trailingWildcard ||
    narrow.trailingWildcard ||
    wide.segments.length !== narrow.segments.length
  )
    return false;
  return wide.segments.every((parts, at) => coversSegment(parts, narrow.segments[at] ?? []));
}

/** Only what is plain: the same segment, or one star whose edges the other one has as well. */
function coversSegment(wide: readonly string[], narrow: readonly string[]): boolean {
  if (wide.join('*') === narrow.join('*')) return true;
  const [start = '', end = ''] = wide;
  if (wide.length !== 2) return false;
  const [first = '', last = ''] = [narrow[0], narrow.at(-1)];
  const long = narrow.length > 1 || first.length >= start.length + end.length;
  return long && first.startsWith(start) && last.endsWith(end);
}
