/**
 * Names of resources: parse them, and find the type that a name belongs to.
 *
 * The canonical text of a name is relative for Certificate Authority Service,
 * `projects/p/locations/l/operations/o`, and the full resource name for every other service,
 * `//dataproc.googleapis.com/projects/p/regions/r/jobs/j` (https://google.aip.dev/122#full-resource-names).
 * The path of a name that this file made is safe to put into a URL as it stands: every character is
 * unreserved (RFC 3986, 2.3) or a colon, no segment is empty or begins with a dot.
 */

import { resourceTypes } from './resources/index.ts';
import type { ResourceType } from './resources/resource-type.ts';

declare const nameBrand: unique symbol;

/** The canonical text of a resource's name; only this file makes one. */
export type ResourceName = string & { readonly [nameBrand]: 'resource' };

/**
 * What is listed and swept, as canonical text: `projects/p/locations/l`, or the collection as a full
 * name, `//dataproc.googleapis.com/projects/p/regions/r/jobs`. Where the type allows it, an ID is `-`
 * (all of them).
 */
export type ParentName = string & { readonly [nameBrand]: 'parent' };

/** The service that a relative name belongs to. */
export const DEFAULT_SERVICE = 'privateca.googleapis.com';
const DEFAULT_COLLECTION = 'operations';

const typesByService = new Map<string, ResourceType[]>();
for (const type of resourceTypes) {
  const types = typesByService.get(type.service);
  if (types) types.push(type);
  else typesByService.set(type.service, [type]);
}

export function knownServices(): string[] {
  return [...typesByService.keys()];
}

/** Returns the types of a service; none where the service is not in the table. */
export function typesOf(service: string): readonly ResourceType[] {
  return typesByService.get(service) ?? [];
}

/** Splits the text of a name or a pattern. The parts are not checked. */
export function splitName(text: string): { service: string; path: string } {
  if (!text.startsWith('//')) return { service: DEFAULT_SERVICE, path: text };
  const end = text.indexOf('/', 2);
  if (end < 0) return { service: text.slice(2), path: '' };
  return { service: text.slice(2, end), path: text.slice(end + 1) };
}

/** Returns the canonical text. */
export function joinName(service: string, path: string): string {
  return service === DEFAULT_SERVICE ? path : `//${service}/${path}`;
}

/** Parses the name of a resource, relative or full. Returns undefined if `text` names none. */
export function parseResourceName(text: string): ResourceName | undefined {
  const { service, path } = splitName(text);
  return findType(service, path, nameShape) && (joinName(service, path) as ResourceName);
}

/** Parses the name of a parent. Returns undefined if `text` names none. */
export function parseParentName(text: string): ParentName | undefined {
  const { service, path } = splitName(text);
  if (service !== DEFAULT_SERVICE) {
    return findType(service, path, parentShape) && (joinName(service, path) as ParentName);
  }
  const suffix = `/${DEFAULT_COLLECTION}`;
  if (findType(service, path + suffix, parentShape)) return path as ParentName;
  // In full, the collection is a parent like those of other services.
  const isCollection = path !== text && findType(service, path, parentShape);
  return isCollection ? (path.slice(0, -suffix.length) as ParentName) : undefined;
}

export function resourceTypeOf(name: ResourceName): ResourceType {
  const { service, path } = splitName(name);
  return known(findType(service, path, nameShape), name);
}

/** Returns the type of a parent's resources, and the relative name of their collection. */
export function collectionOf(parent: ParentName): { type: ResourceType; collection: string } {
  const { service, path } = splitName(parent);
  const collection = service === DEFAULT_SERVICE ? `${path}/${DEFAULT_COLLECTION}` : path;
  return { type: known(findType(service, collection, parentShape), parent), collection };
}

function known(type: ResourceType | undefined, name: string): ResourceType {
  if (!type) throw new Error(`${name} has no type`);
  return type;
}

/**
 * Splits a name, or the names under a parent, into service and segments.
 *
 * @returns undefined in place of a segment that may be any
 */
export function segmentsOf(name: string): {
  service: string;
  segments: readonly (string | undefined)[];
} {
  const { service, path } = splitName(name);
  const given = path.split('/').map((segment) => (segment === '-' ? undefined : segment));
  if (given.length % 2 === 1) return { service, segments: [...given, undefined] };
  const isDefaultParent = service === DEFAULT_SERVICE && given.length === 4;
  return {
    service,
    segments: isDefaultParent ? [...given, DEFAULT_COLLECTION, undefined] : given,
  };
}

/** Returns what people call a resource: `operation`, `job`, `build`, `execution`, `pipeline`. */
export function nounOf(name: string): string {
  const [noun] = /[A-Z]?[a-z]+(?=s\/[^/]+$)/.exec(splitName(name).path) ?? ['resource'];
  return noun.toLowerCase();
}

/** Returns the shapes of a service's names, for people. */
export function shapesOf(service: string): string {
  return typesOf(service)
    .map(({ shape }) => joinName(service, shape))
    .join(', ');
}

/** Describes the form that a resource's name must have. Does not quote the text. */
export function describeNameForm(text: string): string {
  const { service } = splitName(text);
  if (service === DEFAULT_SERVICE) return NAME_SHAPE;
  const types = typesOf(service);
  if (types.length === 0) return UNKNOWN_SERVICE;
  const place = types.some(({ locations }) => locations)
    ? ', in a location that has an endpoint'
    : '';
  return `must have a shape of this service's names: ${shapesOf(service)}${place}`;
}

/** Describes the form that a parent's name must have. Does not quote the text. */
export function describeParentForm(text: string): string {
  const { service } = splitName(text);
  if (service === DEFAULT_SERVICE) {
    return 'must be projects/{project}/locations/{location}, or locations/- for all';
  }
  const types = typesOf(service);
  if (types.length === 0) return UNKNOWN_SERVICE;
  const collections = types.map(({ shape }) => joinName(service, shape.slice(0, -2)));
  return `must be a collection of this service: ${collections.join(', ')}`;
}

export const UNKNOWN_SERVICE = 'names a service whose resources cannot be cancelled here';
const NAME_SHAPE =
  'must be projects/{project}/locations/{location}/operations/{operation}, each part 1 to 128 of A-Z a-z 0-9 . _ - beginning with a letter or digit';

function findType(
  service: string,
  path: string,
  shapeOf: (type: ResourceType) => RegExp,
): ResourceType | undefined {
  return typesOf(service).find((type) => {
    const { locations } = type;
    return shapeOf(type).test(path) && (!locations || locations.includes(path.split('/')[3] ?? ''));
  });
}

const SEGMENT = '[A-Za-z0-9][A-Za-z0-9._-]{0,127}';
/** A project's id may carry a domain: https://cloud.google.com/resource-manager/docs/creating-managing-projects */
const PROJECT = '(?=[^/]{1,128}/)(?:[A-Za-z0-9][A-Za-z0-9._-]*:)?[A-Za-z0-9][A-Za-z0-9._-]*';

const nameShape = createShapes(({ lastId = SEGMENT }, _, isLast) => (isLast ? lastId : SEGMENT));
const parentShape = createShapes(
  ({ list }, collection) => (list.wildcards.includes(collection) ? `-|${SEGMENT}` : SEGMENT),
  true,
);

/** Compiles a type's expression when a name of its service is first read. */
function createShapes(
  idOf: (type: ResourceType, collection: string, isLast: boolean) => string,
  ofParents = false,
): (type: ResourceType) => RegExp {
  const compiled = new Map<ResourceType, RegExp>();
  return (type) => {
    let shape = compiled.get(type);
    if (!shape) {
      const segments = type.shape.split('/').map((segment, index, all) => {
        if (segment !== '*') return segment;
        if (index === 1) return PROJECT;
        return `(?:${idOf(type, all[index - 1] ?? '', index === all.length - 1)})`;
      });
      shape = new RegExp(`^${(ofParents ? segments.slice(0, -1) : segments).join('/')}$`);
      compiled.set(type, shape);
    }
    return shape;
  };
}
