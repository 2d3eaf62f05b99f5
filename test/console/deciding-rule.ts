/** Which rule decided, as the function's own log line tells. */

import type { LogLine } from '../support/function.ts';

type RuleJson = Readonly<Record<string, unknown>>;

interface Shown {
  readonly name: string;
  readonly rule: RuleJson;
  /** What in it does not match. */
  readonly why?: string;
}

export interface DecidingRule {
  readonly kind: 'allowed' | 'denied' | 'unasked';
  readonly words: string;
  /** The rule that allowed it; of a denial all of them, the nearest first, for none did. */
  readonly rules: readonly Shown[];
}

const NOT_EVALUATED: Readonly<Record<string, string>> = {
  UNAUTHENTICATED: 'No rule was compared: the request was not authenticated.',
  MALFORMED_BODY: 'No rule was compared: the body could not be read.',
  INVALID_REQUEST: 'No rule was compared: the request is not valid.',
};

/** @param allow the rules, as they stand in the configuration */
export function findDecidingRule(line: LogLine, allow: readonly RuleJson[]): DecidingRule {
  const named = allow.map((rule, index) => ({ name: `allow[${index}]`, rule }));
  const { rule, error, denied } = line;
  const one = named[placeIn(rule)];
  if (error === 'NOT_ALLOWED') {
    const rules = nearestFirst(named, String(denied ?? ''));
    const words = one ? `${one.name} allowed some of it, but no rule all.` : 'No rule allowed it.';
    return { kind: 'denied', words: `${words} The nearest comes first:`, rules };
  }
  if (one) return { kind: 'allowed', words: `${one.name} allowed it.`, rules: [one] };
  const words = NOT_EVALUATED[String(error)] ?? 'The log line names no rule.';
  return { kind: 'unasked', words, rules: [] };
}

/** @param denied the log line's word on the nearest rule: its name, and what does not match */
function nearestFirst(rules: readonly Shown[], denied: string): Shown[] {
  const nearest = rules[placeIn(denied)];
  if (!nearest) return [...rules];
  const { name, rule } = nearest;
  const itself = [name, rule.description, ''].filter((part) => part !== undefined).join(': ');
  const why = denied.startsWith(itself) ? denied.slice(itself.length) : denied;
  return [{ name, rule, why }, ...rules.filter((rule) => rule !== nearest)];
}

/** The place in `allow` of a rule that the log names; -1 where it names none. */
function placeIn(text: unknown): number {
  return Number(/^allow\[(\d+)\]/.exec(String(text ?? ''))?.[1] ?? -1);
}
