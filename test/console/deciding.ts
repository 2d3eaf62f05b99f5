/** Which rule decided, as the function's own log line tells. */

import type { LogLine } from '../support/function.ts';

type RuleText = Readonly<Record<string, unknown>>;

export interface Deciding {
  readonly kind: 'allowed' | 'denied' | 'unasked';
  readonly words: string;
  /** The rule that allowed it; of a denial all of them, for none did. */
  readonly rules: readonly { readonly name: string; readonly rule: RuleText }[];
}

const UNASKED: Readonly<Record<string, string>> = {
  UNAUTHENTICATED: 'No rule was asked: the proof was refused before.',
  MALFORMED_BODY: 'No rule was asked: the body could not be read.',
  INVALID_REQUEST: 'No rule was asked: the request was refused before.',
};

/** @param allow the rules, as they stand in the configuration */
export function deciding(line: LogLine, allow: readonly RuleText[]): Deciding {
  const named = allow.map((rule, index) => ({ name: `allow[${index}]`, rule }));
  const { rule, error } = line;
  const index = /^allow\[(\d+)\]/.exec(String(rule ?? ''))?.[1];
  const one = index === undefined ? undefined : named[Number(index)];
  if (one) return { kind: 'allowed', words: `${one.name} allowed it.`, rules: [one] };
  if (error === 'NOT_ALLOWED') {
    return { kind: 'denied', words: 'No rule allowed it. These are all there are:', rules: named };
  }
  const words = UNASKED[String(error)] ?? 'The log line names no rule.';
  return { kind: 'unasked', words, rules: [] };
}
