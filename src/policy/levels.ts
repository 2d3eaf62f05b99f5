/** What rules ask and what questions tell, level by level, as a tree of rules has them. */

import type { Facts, Rule } from './rule.ts';

/** What a rule accepts at one level: a text split at its stars. */
export type Glob = readonly string[];
const ANY: Glob = ['', ''];

/** What a question tells at one level, of which one must fit; undefined: not known, anything may. */
export type Told = readonly string[] | undefined;

/** The first levels of every tree, in their order. */
export const LEVELS = ['caller', 'principal', 'project', 'location', 'operation'] as const;

/** A rule whose lists would multiply to more paths than this, and than they are long, has fewer levels. */
const MANY_PATHS = 64;

/** Each way to the rule: what it accepts, level by level. */
export function* pathsOf(rule: Rule, withFacts: boolean): Generator<Glob[]> {
  const { operations, callers, principals, verbs, targets } = rule;
  const words = (list: readonly string[] | undefined) => list?.map((text) => [[text]]) ?? [[ANY]];
  const parts = {
    callers: words(callers),
    principals: words(principals),
    operations: operations.map(({ segments }) => [1, 3, 5].map((at) => segments[at] ?? ANY)),
    verbs: withFacts ? words(verbs) : [[]],
    targets: withFacts
      ? (targets ?? [{ segments: [] }]).map(({ segments }) =>
          [1, 5, 7].map((at) => segments[at] ?? ANY),
        )
      : [[]],
  };
  // Whatever is left out here is looked at when the rule is found.
  const lists = Object.values(parts);
  const most = Math.max(MANY_PATHS, 4 * lists.reduce((sum, list) => sum + list.length, 0));
  let paths = lists.reduce((product, list) => product * list.length, 1);
  for (const name of ['verbs', 'callers', 'principals', 'targets'] as const) {
    if (paths <= most) break;
    const [one = []] = parts[name];
    paths /= parts[name].length;
    parts[name] = [one.map(() => ANY)];
  }
  for (const caller of parts.callers) {
    for (const principal of parts.principals) {
      for (const operation of parts.operations) {
        for (const verb of parts.verbs) {
          for (const target of parts.targets) {
            yield [...caller, ...principal, ...operation, ...verb, ...target];
          }
        }
      }
    }
  }
}

/** @param name of an operation, or of a location, where `-` is any */
export function toldOf(caller: string, identities: readonly string[], name: string): Told[] {
  const [, project = '', , location = '', , operation] = name.split('/');
  return [
    [caller],
    identities,
    [project],
    location === '-' ? undefined : [location],
    operation === undefined ? undefined : [operation],
  ];
}

export function toldOfFacts({ verb, target }: Facts): Told[] {
  const segments = target?.split('/') ?? [];
  return [verb === undefined ? [] : [verb], ...[1, 5, 7].map((at) => [segments[at] ?? ''])];
}
