/** One rule of `allow`, from its text: its patterns parsed, its callers known. */

import type { Rule } from '../policy/rule.ts';
import { type Pattern, parseOperationPattern, parseTargetPattern } from '../resource-name.ts';
import type { Fault } from '../validation/validator.ts';
import type { RuleText } from './config-schema.ts';

/** @param known the routes of callers; undefined where none can be told, which is a fault of its own */
export function readRule(
  rule: Partial<RuleText>,
  index: number,
  known: readonly string[] | undefined,
  fault: (path: Fault['path'], message: string) => void,
): Rule {
  const at = ['allow', index];
  for (const [place, caller] of (rule.callers ?? []).entries()) {
    if (known && !known.includes(caller)) {
      fault([...at, 'callers', place], 'names a caller that does not exist');
    }
  }
  const patterns = (key: 'operations' | 'targets', read: (text: string) => Pattern | string) =>
    (rule[key] ?? []).flatMap((text, place) => {
      const pattern = read(text);
      if (typeof pattern !== 'string') return [pattern];
      fault([...at, key, place], pattern);
      return [];
    });
  const operations = patterns('operations', parseOperationPattern);
  const targets = patterns('targets', parseTargetPattern);
  const { targets: given, operations: _, sweep = false, ...rest } = rule;
  return { ...rest, index, sweep, operations, ...(given ? { targets } : {}) };
}
