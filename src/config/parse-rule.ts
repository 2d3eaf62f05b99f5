/** One rule of `allow`, from its text: its patterns parsed, its callers known. */

import type { Rule } from '../policy/rule.ts';
import { type Pattern, parseOperationPattern, parseTargetPattern } from '../resource-name.ts';
import type { ConfigIssue } from '../validation/validator.ts';
import type { RuleInput } from './config-schema.ts';

/** @param known the routes of callers; undefined where none can be told, which is a fault of its own */
export function parseRule(
  rule: Partial<RuleInput>,
  index: number,
  known: readonly string[] | undefined,
  addError: (path: ConfigIssue['path'], message: string) => void,
): Rule {
  const at = ['allow', index];
  for (const [place, caller] of (rule.callers ?? []).entries()) {
    if (known && !known.includes(caller)) {
      addError([...at, 'callers', place], 'names a caller that does not exist');
    }
  }
  const patterns = (key: 'operations' | 'targets', read: (text: string) => Pattern | string) =>
    (rule[key] ?? []).flatMap((text, place) => {
      const pattern = read(text);
      if (typeof pattern !== 'string') return [pattern];
      addError([...at, key, place], pattern);
      return [];
    });
  const operations = patterns('operations', parseOperationPattern);
  const targets = patterns('targets', parseTargetPattern);
  const { targets: given, operations: _, sweep = false, ...rest } = rule;
  return { ...rest, index, sweep, operations, ...(given ? { targets } : {}) };
}
