/**
 * An operation, its name, and the patterns of the allowlist: parse and match.
 *
 * A name that this file made is safe to put into a URL's path as it stands: every character is
 * unreserved (RFC 3986, 2.3) or a colon, no segment is empty or begins with a dot.
 */

declare const resourceNameBrand: unique symbol;

/** `projects/{project}/locations/{location}/operations/{operation}`; only this file makes one. */
export type OperationName = string & { readonly [resourceNameBrand]: 'operation' };

/** `projects/{project}/locations/{location}`, where the location may be `-` (all of them). */
export type LocationName = string & { readonly [resourceNameBrand]: 'location' };

/** The service that a full resource name begins with: https://google.aip.dev/122#full-resource-names */
const SERVICE = '//privateca.googleapis.com/';

const SEGMENT = '[A-Za-z0-9][A-Za-z0-9._-]{0,127}';
/** A project's id may carry a domain: https://cloud.google.com/resource-manager/docs/creating-managing-projects */
const PROJECT = '(?=[^/]{1,128}/)(?:[A-Za-z0-9][A-Za-z0-9._-]*:)?[A-Za-z0-9][A-Za-z0-9._-]*';
const OPERATION = new RegExp(`^projects/${PROJECT}/locations/${SEGMENT}/operations/${SEGMENT}$`);
const LOCATION = new RegExp(`^projects/${PROJECT}/locations/(?:-|${SEGMENT})$`);

/** The name in `text`, relative or as a full resource name; undefined where it is none. */
export function parseOperationName(text: string): OperationName | undefined {
  const name = stripServiceName(text);
  return OPERATION.test(name) ? (name as OperationName) : undefined;
}

/** The parent of operations in `text`; undefined where it is none. */
export function parseLocationName(text: string): LocationName | undefined {
  const name = stripServiceName(text);
  return LOCATION.test(name) ? (name as LocationName) : undefined;
}

function stripServiceName(name: string): string {
  return name.startsWith(SERVICE) ? name.slice(SERVICE.length) : name;
}

/** A parsed pattern: its segments, each split at its stars, and whether it ends in `**`. */
export interface Pattern {
  readonly text: string;
  readonly segments: readonly (readonly string[])[];
  readonly trailingWildcard: boolean;
}

const NAME_SHAPE = ['projects', undefined, 'locations', undefined, 'operations', undefined];
const PATTERN_SEGMENT = /^[A-Za-z0-9*][A-Za-z0-9._*-]*$/;
const PATTERN_PROJECT = /^[A-Za-z0-9*][A-Za-z0-9._*-]*(?::[A-Za-z0-9*][A-Za-z0-9._*-]*)?$/;

/** Why a pattern for operations' names could never match or cannot be read; else the pattern. */
export function parseOperationPattern(text: string): Pattern | string {
  const pattern = parseSegments(text);
  if (typeof pattern === 'string') return pattern;
  if (pattern.trailingWildcard || pattern.segments.length !== NAME_SHAPE.length) {
    return 'must have the six segments of projects/*/locations/*/operations/*';
  }
  for (const [index, segment] of pattern.segments.entries()) {
    const literal = NAME_SHAPE[index];
    if (literal && !matchSegment(segment, literal)) {
      return `can never match: segment ${index + 1} of a name is "${literal}"`;
    }
  }
  return pattern;
}

/** The same for targets, resource names of any length; a last segment `**` stands for one or more. */
export function parseTargetPattern(text: string): Pattern | string {
  const pattern = parseSegments(text);
  if (typeof pattern === 'string') return pattern;
  const [first, ...others] = pattern.segments;
  const canBegin = first === undefined || TARGET_STARTS.some((start) => matchSegment(first, start));
  if (canBegin && (others.length > 0 || pattern.trailingWildcard)) return pattern;
  return 'can match no target: a target is a full name, such as projects/{project}/locations/{location}/caPools/{pool}';
}

const TARGET_STARTS = ['projects', 'folders', 'organizations'];

function parseSegments(text: string): Pattern | string {
  const segments = text.split('/');
  const trailingWildcard = segments.at(-1) === '**';
  if (trailingWildcard) segments.pop();
  for (const [index, segment] of segments.entries()) {
    if (segment.includes('**')) return '** can only be the whole last segment of a target';
    const shape = index === 1 ? PATTERN_PROJECT : PATTERN_SEGMENT;
    if (!shape.test(segment)) {
      return `can never match: segment ${index + 1} is empty or has a character that no name has`;
    }
    if (segment.replaceAll('*', '').length > 128) {
      return `can never match: segment ${index + 1} is longer than 128 characters`;
    }
  }
  return {
    text,
    trailingWildcard,
    segments: segments.map((segment) => segment.split('*')),
  };
}

/**
 * Whether a resource name fits a pattern, segment by segment; a star never stands for a slash. Reads
 * the name no further than the first segment that does not fit: a sweep asks this of every rule.
 */
export function matchPattern({ segments, trailingWildcard }: Pattern, name: string): boolean {
  let from = 0;
  for (const parts of segments) {
    if (from > name.length) return false;
    const slash = name.indexOf('/', from);
    const end = slash < 0 ? name.length : slash;
    if (end === from || !matchSegment(parts, name.slice(from, end))) return false;
    from = end + 1;
  }
  if (!trailingWildcard) return from > name.length;
  return from <= name.length && !name.slice(from).split('/').includes('');
}

/**
 * Returns whether a pattern can match an operation's name under `parent`: compares project and
 * location, where the parent's location `-` is any.
 */
export function matchParent({ segments }: Pattern, parent: LocationName): boolean {
  return parent
    .split('/')
    .every((segment, index) => segment === '-' || matchSegment(segments[index] ?? [], segment));
}

/** Whether a segment fits one of a pattern. Linear in its length: no pattern, however written, can make the hook think for long. */
export function matchSegment(parts: readonly string[], segment: string): boolean {
  const first = parts[0] ?? '';
  if (parts.length === 1) return segment === first;
  const last = parts.at(-1) ?? '';
  const end = segment.length - last.length;
  if (end < first.length || !segment.startsWith(first) || !segment.endsWith(last)) return false;
  let from = first.length;
  for (let index = 1; index < parts.length - 1; index++) {
    const part = parts[index] ?? '';
    const at = segment.indexOf(part, from);
    if (at < 0 || at + part.length > end) return false;
    from = at + part.length;
  }
  return true;
}
