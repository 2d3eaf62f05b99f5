/** Builds the allowlist's rules. */

import type { Rule } from '../policy/rule.ts';
import { joinName } from '../resource-name.ts';
import { type Pattern, parseNamePattern, parseTargetPattern } from '../resource-pattern.ts';
import type { ConfigIssue } from '../validation/validator.ts';
import type { RuleInput } from './config-schema.ts';

/** @param known the routes of callers; undefined where none can be told, which is an error of its own */
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
  const patterns = <P extends Pattern>(
    key: 'operations' | 'targets',
    read: (text: string) => P | string,
  ): P[] =>
    (rule[key] ?? []).flatMap((text, place) => {
      const pattern = read(text);
      if (typeof pattern !== 'string') return [pattern];
      addError([...at, key, place], pattern);
      return [];
    });
  const operations = patterns('operations', parseNamePattern);
  const targets = patterns('targets', parseTargetPattern);
  const bare = operations.find(({ types }) => types.some(({ hasMetadata }) => !hasMetadata));
  for (const key of ['verbs', 'targets'] as const) {
    if (!bare || rule[key] === undefined) continue;
    addError([...at, key], `cannot be compared: what ${bare.text} matches has no ${key}`);
  }
  const { targets: given, operations: _, sweep = false, ...rest } = rule;
  return { ...rest, index, sweep, operations, ...(given ? { targets } : {}) };
}

/** Returns an example of each type of resource that rules name. */
export function exampleNames(rules: readonly Rule[]): string[] {
  const types = new Set(rules.flatMap(({ operations }) => operations.flatMap((one) => one.types)));
  return [...types].map(({ service, example }) => joinName(service, example));
}
