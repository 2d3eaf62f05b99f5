/** Patterns of the allowlist, for names and for targets: parse, match, and find the closest. */

import {
  DEFAULT_SERVICE,
  type ParentName,
  segmentsOf,
  shapesOf,
  splitName,
  typesOf,
  UNKNOWN_SERVICE,
} from './resource-name.ts';
import type { ResourceType } from './resources/resource-type.ts';

/** A parsed pattern: its segments, each split at its stars, and whether it ends in `**`. */
export interface Pattern {
  readonly text: string;
  readonly segments: readonly (readonly string[])[];
  readonly trailingWildcard: boolean;
}

/** A pattern for names of resources of one service. */
export interface NamePattern extends Pattern {
  readonly service: string;
  /** The types of resources that it can match. */
  readonly types: readonly ResourceType[];
}

const PATTERN_SEGMENT = /^[A-Za-z0-9*][A-Za-z0-9._*-]*$/;
const PATTERN_PROJECT = /^[A-Za-z0-9*][A-Za-z0-9._*-]*(?::[A-Za-z0-9*][A-Za-z0-9._*-]*)?$/;
/** For the last segment of names whose last ID has other characters. */
const WIDE_SEGMENT = /^[^/?#%\\\s\p{Cc}]+$/u;
const MAX_SEGMENT = 128;
const MAX_WIDE_SEGMENT = 1_024;

/** Parses a pattern for names. Returns an error message if it is malformed or can never match. */
export function parseNamePattern(text: string): NamePattern | string {
  const { service, path } = splitName(text);
  const known = typesOf(service);
  if (service.includes('*')) return 'must name one service: a star cannot stand for services';
  if (known.length === 0) return UNKNOWN_SERVICE;
  const pattern = parseSegments(path, (count) =>
    known.some(({ shape, lastId }) => lastId !== undefined && shape.split('/').length === count),
  );
  if (typeof pattern === 'string') return pattern;
  const misfits = known.map((type) => findMisfit(pattern, type));
  const types = known.filter((_, index) => misfits[index] === undefined);
  if (types.length > 0) return { ...pattern, text, service, types };
  if (misfits.includes(NO_ENDPOINT)) return NO_ENDPOINT;
  return known.length === 1
    ? String(misfits[0])
    : `can never match: a name of this service has one of the shapes ${shapesOf(service)}`;
}

const NO_ENDPOINT = 'can never match: the service has no endpoint in this location';

/** Returns why a pattern matches no name of a type; undefined if it can match. */
function findMisfit(
  { segments, trailingWildcard }: Pattern,
  { shape, locations }: ResourceType,
): string | undefined {
  const literals = shape.split('/');
  if (trailingWildcard || segments.length !== literals.length) {
    return `must have the ${literals.length} segments of ${shape}`;
  }
  const index = segments.findIndex((segment, at) => {
    const literal = literals[at] ?? '*';
    return literal !== '*' && !matchSegment(segment, literal);
  });
  if (index >= 0) {
    return `can never match: segment ${index + 1} of a name is "${literals[index]}"`;
  }
  const hasEndpoint = locations?.some((location) => matchSegment(segments[3] ?? [], location));
  return hasEndpoint === false ? NO_ENDPOINT : undefined;
}

/** Parses a pattern for targets, which are names of any length. A last segment `**` matches one or more. */
export function parseTargetPattern(text: string): Pattern | string {
  const pattern = parseSegments(text);
  if (typeof pattern === 'string') return pattern;
  const [first, ...others] = pattern.segments;
  const canBegin = first === undefined || TARGET_STARTS.some((start) => matchSegment(first, start));
  if (canBegin && (others.length > 0 || pattern.trailingWildcard)) return pattern;
  return 'can match no target: a target is a full name, such as projects/{project}/locations/{location}/caPools/{pool}';
}

const TARGET_STARTS = ['projects', 'folders', 'organizations'];

/** @param isWide whether the last segment may have other characters, and be longer */
function parseSegments(text: string, isWide?: (count: number) => boolean): Pattern | string {
  const segments = text.split('/');
  const trailingWildcard = segments.at(-1) === '**';
  if (trailingWildcard) segments.pop();
  for (const [index, segment] of segments.entries()) {
    if (segment.includes('**')) return '** can only be the whole last segment of a target';
    const wide = index === segments.length - 1 && isWide?.(segments.length);
    const shape = wide ? WIDE_SEGMENT : index === 1 ? PATTERN_PROJECT : PATTERN_SEGMENT;
    if (!shape.test(segment)) {
      return `can never match: segment ${index + 1} is empty or has a character that no name has`;
    }
    const longest = wide ? MAX_WIDE_SEGMENT : MAX_SEGMENT;
    if (segment.replaceAll('*', '').length > longest) {
      return `can never match: segment ${index + 1} is longer than ${longest} characters`;
    }
  }
  return {
    text,
    trailingWildcard,
    segments: segments.map((segment) => segment.split('*')),
  };
}

/** Whether a resource's name fits a pattern. */
export function matchName(pattern: NamePattern, name: string): boolean {
  // A full name begins with an empty segment, which no pattern matches.
  if (pattern.service === DEFAULT_SERVICE) return matchPattern(pattern, name);
  const { service, path } = splitName(name);
  return service === pattern.service && matchPattern(pattern, path);
}

/**
 * Returns whether a text matches a pattern, segment by segment; `*` never matches a slash. Reads the text no
 * further than the first segment that does not match, because a sweep checks every rule.
 */
export function matchPattern({ segments, trailingWildcard }: Pattern, text: string): boolean {
  let from = 0;
  for (const parts of segments) {
    if (from > text.length) return false;
    const slash = text.indexOf('/', from);
    const end = slash < 0 ? text.length : slash;
    if (end === from || !matchSegment(parts, text.slice(from, end))) return false;
    from = end + 1;
  }
  if (!trailingWildcard) return from > text.length;
  return !text.slice(from).split('/').includes('');
}

/** Returns whether a pattern can match the name of a resource under `parent`. */
export function matchParent(pattern: NamePattern, parent: ParentName): boolean {
  const { service, segments } = segmentsOf(parent);
  return (
    service === pattern.service &&
    segments.length === pattern.segments.length &&
    segments.every(
      (segment, index) =>
        segment === undefined || matchSegment(pattern.segments[index] ?? [], segment),
    )
  );
}

/** Returns whether a name's segment matches a pattern's segment. Takes linear time for every pattern. */
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

/** The part of a name in which a rule's closest pattern differs. */
export type NamePart = 'project' | 'location' | 'operation';

/** Finds the pattern that is closest to a name, and the part of the name that it does not match. */
export function closestName(patterns: readonly NamePattern[], name: string) {
  const { service, segments } = segmentsOf(name);
  const own = patterns.filter((pattern) => pattern.service === service);
  const [first] = patterns;
  const closest =
    own.length === 0 && first
      ? { pattern: first, mismatchIndex: -1 }
      : closestPattern(own, segments, true);
  const index = closest.mismatchIndex;
  const part: NamePart | undefined =
    index === Number.POSITIVE_INFINITY ? undefined : partAt(index, segments.length);
  return { closest, service, part, segment: segments[index] };
}

/** After the project comes the location, and the last ID is that of the operation. */
function partAt(index: number, length: number): NamePart {
  if (index < 2) return 'project';
  return index < 4 && length > 4 ? 'location' : 'operation';
}

export interface ComparedPattern {
  readonly pattern: Pattern;
  /** The first segment that does not match; infinite if each segment matches. */
  readonly mismatchIndex: number;
}

/**
 * Finds the pattern with the most matching segments. A segment that is undefined matches.
 *
 * @param whole whether a pattern with another number of segments fails where the shorter of both ends
 */
export function closestPattern(
  patterns: readonly Pattern[],
  segments: readonly (string | undefined)[],
  whole = false,
): ComparedPattern {
  return patterns
    .map((pattern) => {
      const { length } = pattern.segments;
      const index = pattern.segments.findIndex((parts, at) => {
        const segment = segments[at];
        return segment !== undefined && !matchSegment(parts, segment);
      });
      if (index >= 0) return { pattern, mismatchIndex: index };
      const end =
        whole && length !== segments.length ? Math.min(length, segments.length) : undefined;
      return { pattern, mismatchIndex: end ?? Number.POSITIVE_INFINITY };
    })
    .reduce((best, one) => (one.mismatchIndex > best.mismatchIndex ? one : best));
}
