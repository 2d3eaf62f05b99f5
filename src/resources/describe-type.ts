/** What most rows have in common: methods of Google's standard form, names, states. */

import { isRecord } from '../validation/values.ts';
import type { EndState, Resource, ResourceState, ResourceType } from './resource-type.ts';

type Given = Pick<
  ResourceType,
  'service' | 'shape' | 'list' | 'toState' | 'permissions' | 'example'
> &
  Partial<ResourceType> & { readonly version: string };

/**
 * Returns a row whose methods have the standard paths unless it gives its own:
 * `POST /{version}/{name}:cancel` without a body, `GET /{version}/{name}`, `GET /{version}/{parent}`
 * (https://google.aip.dev/127, https://google.aip.dev/136).
 */
export function describeType({ version, ...given }: Given): ResourceType {
  const { nameOf = ({ name }, parent) => nameUnder(parent, name), toState } = given;
  return {
    origin: `https://${given.service}`,
    cancel: (name) => ({ path: `/${version}/${name}:cancel` }),
    get: (name) => `/${version}/${name}`,
    listPath: (parent) => `/${version}/${parent}`,
    hasMetadata: false,
    ...given,
    nameOf: (resource, parent) => nameOf(recordOrEmpty(resource), parent),
    toState: (resource) => toState(recordOrEmpty(resource)),
  };
}

/** Returns the permissions of methods: `jobs` of `batch` gives `batch.jobs.cancel`, `.get` and `.list`. */
export function permissionsOf(
  collection: string,
  methods: readonly string[] = ['cancel', 'get', 'list'],
): readonly string[] {
  return methods.map((method) => `${collection}.${method}`);
}

/**
 * Returns `name` with the project of `parent`, which may say a project's number where the other says its
 * ID. An ID `-` of the parent takes what the name says. Undefined where `name` is not under `parent`.
 * The result still has to be parsed: its segments may hold anything but a slash.
 */
export function nameUnder(parent: string, name: unknown): string | undefined {
  if (typeof name !== 'string') return undefined;
  const asked = parent.split('/');
  const given = name.split('/');
  if (given.length !== asked.length + 1) return undefined;
  const isUnder = asked.every((segment, index) => {
    const other = given[index] ?? '';
    if (index === 1) return canBeSameProject(segment, other);
    return segment === other || (segment === '-' && other !== '');
  });
  return isUnder ? ['projects', asked[1], ...given.slice(2)].join('/') : undefined;
}

/** Whether two texts can name one project: they are equal, or one is a number and the other an ID. */
export function canBeSameProject(asked: unknown, returned: unknown): boolean {
  if (typeof asked !== 'string' || typeof returned !== 'string' || returned === '') return false;
  return asked === returned || isProjectNumber(asked) !== isProjectNumber(returned);
}

/** An ID begins with a letter: https://cloud.google.com/resource-manager/docs/creating-managing-projects */
function isProjectNumber(text: string): boolean {
  return /^\d+$/.test(text);
}

/** Reads one word of state. A word that the row does not know is no proof of an end. */
export function readState(
  word: unknown,
  ends: ReadonlyMap<unknown, EndState>,
  cancelling: readonly unknown[],
): ResourceState {
  return { ended: ends.get(word), cancelRequested: cancelling.includes(word) };
}

/** The text where it is a time, else undefined. */
export function timeOrUndefined(value: unknown): string | undefined {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? value : undefined;
}

export function textOrUndefined(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function recordOrEmpty(value: unknown): Resource {
  return isRecord(value) ? value : {};
}
