/** Which rules are looked at: what a question costs, counted rather than timed. */

import type { Rule } from '../../src/policy/rule.ts';

export interface RuleReads {
  readonly rules: readonly Rule[];
  /** The places of the rules of which something was read, since this was last asked. */
  readonly takeReads: () => readonly number[];
}

export function countRuleReads(rules: readonly Rule[]): RuleReads {
  let seen = new Set<number>();
  const watch = <T extends object>(thing: T, index: number): T =>
    new Proxy(thing, {
      get(target, key, proxy) {
        seen.add(index);
        const value = Reflect.get(target, key, proxy);
        return typeof value === 'object' && value !== null ? watch(value, index) : value;
      },
    });
  return {
    rules: rules.map((rule) => watch(rule, rule.index)),
    takeReads() {
      const places = [...seen];
      seen = new Set();
      return places;
    },
  };
}
