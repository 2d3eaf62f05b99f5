/** What rules ask and what questions tell, level by level, as a tree of rules has them. */

import type { Pattern } from '../resource-name.ts';
import { type OperationMetadata, type Rule, requiresMetadata } from './rule.ts';

/** What a rule accepts at one level: a text split at its stars. */
export type Glob = readonly string[];
const ANY: Glob = ['', ''];

/** What a question tells at one level, of which one must fit; undefined: not known, anything may. */
export type Told = readonly string[] | undefined;

/** A rule whose lists would multiply to more paths than this, and than they are long, has fewer levels. */
const MANY_PATHS = 64;

/**
 * Each way to the rule: what it accepts of caller, principal, project, location and operation, and
 * where it needs a reading of verb and target, whose project, pool and what is in it are looked at.
 */
export function* pathsOf(rule: Rule): Generator<Glob[]> {
  const { operations, callers, principals, verbs, targets = [{ segments: [] }] } = rule;
  const words = (list: readonly string[] | undefined) => list?.map((text) => [[text]]) ?? [[ANY]];
  const places = (patterns: readonly Pick<Pattern, 'segments'>[], at: readonly number[]) =>
    patterns.map(({ segments }) => at.map((place) => segments[place] ?? ANY));
  const reads = requiresMetadata(rule);
  const parts = {
    callers: words(callers),
    principals: words(principals),
    operations: places(operations, [1, 3, 5]),
    verbs: reads ? words(verbs) : [[]],
    targets: reads ? places(targets, [1, 5, 7]) : [[]],
  };
  // Whatever is left out here is looked at when the rule is found.
  const lengths = Object.values(parts).map(({ length }) => length);
  const most = Math.max(MANY_PATHS, 4 * lengths.reduce((sum, length) => sum + length));
  let paths = lengths.reduce((product, length) => product * length);
  for (const name of ['verbs', 'callers', 'principals', 'targets'] as const) {
    if (paths <= most) break;
    paths /= parts[name].length;
    parts[name] = parts[name].slice(0, 1).map((part) => part.map(() => ANY));
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
  const [, project, , location, , operation] = name.split('/');
  return [[caller], identities, known(project), known(location), known(operation)];
}

function known(segment: string | undefined): Told {
  return segment === undefined || segment === '-' ? undefined : [segment];
}

/** What is missing fits only a rule that asks nothing of it. */
export function toldOfFacts({ verb, target }: OperationMetadata): Told[] {
  const segments = target?.split('/');
  const texts = [verb, segments?.[1], segments?.[5], segments?.[7]];
  return texts.map((text) => (text === undefined ? [] : [text]));
}
