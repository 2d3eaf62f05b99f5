/** What a text must look like to hold the name of a resource, whole or altered. */

import { typesOf } from '../resource-name.ts';
import type { ResourceType } from '../resources/resource-type.ts';

/** A name's outline: its collections, whatever the other parts hold. */
export interface Outline {
  readonly type: ResourceType;
  readonly text: string;
  /** Whether each collection is spelt as the type has it. */
  readonly isExact: boolean;
}

/** @returns undefined where there is no name, or that of another kind of resource */
export function findOutline(rest: string, service: string): Outline | undefined {
  const outlines = typesOf(service).flatMap((type) => matchOutline(rest, type) ?? []);
  return outlines.find(({ isExact }) => isExact) ?? outlines[0];
}

function matchOutline(rest: string, type: ResourceType): Outline | undefined {
  const [, ...collections] = type.shape.split('/').filter((segment) => segment !== '*');
  const [text = '', ...words] = outlineOf(collections.length).exec(rest) ?? [];
  const altered = words.filter((word, index) => word !== collections[index]);
  const isOther =
    altered.length === words.length || altered.some((word) => /^[A-Za-z]+$/.test(word));
  return isOther ? undefined : { type, text, isExact: altered.length === 0 };
}

/** @param count of collections after `projects` */
const outlineOf = memoize(
  (count: number) =>
    new RegExp(`^projects${String.raw`/[^\s/]{1,400}/([^\s/]{1,99})`.repeat(count)}/`),
);

/** What can be a name of a type. `%` counts in a URL only. */
export const candidateOf = memoize(({ shape }: ResourceType) => {
  const [project, ...others] = shape.split('/*');
  const rest = others
    .slice(0, -1)
    .map((collection) => `${collection}/[\\w.%-]+`)
    .join('');
  return new RegExp(`^${project}/[\\w.:%-]+${rest.slice(0, -1)}*`);
});

function memoize<K, V>(create: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>();
  return (key) => {
    const value = known.get(key) ?? create(key);
    known.set(key, value);
    return value;
  };
}
