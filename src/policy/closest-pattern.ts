/** Which pattern of a rule is the closest to a name, and where the two differ. */

import { segmentsOf } from '../resource-name.ts';
import { matchSegment, type NamePattern, type Pattern } from '../resource-pattern.ts';

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

interface ComparedPattern {
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

export function describeMismatch(
  { pattern, mismatchIndex }: ComparedPattern,
  count: number,
): string {
  const parts = pattern.segments[mismatchIndex];
  const more = count === 1 ? '' : `, the closest of ${count} patterns`;
  if (!parts) return `has another number of segments than ${truncate(pattern.text)}${more}`;
  const verb = parts.length > 1 ? 'does not match' : 'is not';
  return `${verb} ${quote([parts.join('*')])} in ${truncate(pattern.text)}${more}`;
}

const MAX_QUOTED_VALUES = 5;
const MAX_QUOTED_CHARACTERS = 150;

/** Returns at most five values, each in double quotes, and how many more there are. */
export function quote(values: readonly string[]): string {
  const quoted = values.slice(0, MAX_QUOTED_VALUES).map((value) => JSON.stringify(truncate(value)));
  const more = values.length - quoted.length;
  return `${quoted.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

export function truncate(text: string, maxCharacters = MAX_QUOTED_CHARACTERS): string {
  return text.length > maxCharacters ? `${text.slice(0, maxCharacters)}…` : text;
}
