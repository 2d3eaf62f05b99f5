/** Names and patterns by chance, for properties. */

import fc from 'fast-check';

const ALNUM = [...'ABCXYZabcxyz0129'];
const first = fc.constantFrom(...ALNUM);
const later = (most: number, letters: readonly string[]) =>
  fc.string({ unit: fc.constantFrom(...letters), maxLength: most });

/** A segment of a name; short ones often, so that patterns find something to match. */
export const segments: fc.Arbitrary<string> = fc
  .tuple(first, fc.oneof(later(3, ['a', 'b', '-']), later(127, [...ALNUM, '.', '_', '-'])))
  .map(([head, tail]) => head + tail);

const projects = fc.oneof(
  { weight: 4, arbitrary: segments },
  {
    weight: 1,
    arbitrary: fc
      .tuple(segments, segments)
      .map(([domain, id]) => `${domain.slice(0, 60)}:${id.slice(0, 60)}`),
  },
);

/** What the contract's grammar accepts. */
export const names: fc.Arbitrary<string> = fc
  .tuple(projects, segments, segments)
  .map(([p, l, o]) => `projects/${p}/locations/${l}/operations/${o}`);

const odd = fc.constantFrom(
  ...['..', '.', '', '%2f', '%2e%2e', '%00', '?', '#', '\\', ';', '@', ' ', '\t', '\r\n', '\0'],
  ...[
    '\u2028',
    'ü',
    'а',
    '／',
    '﹒',
    '😀',
    '\ud800',
    ':',
    '::',
    '*',
    '/',
    '//',
    '/../',
    ':cancel',
    '+',
  ],
);

/** Names with something odd somewhere; a few of them are names all the same. */
export const hostileNames: fc.Arbitrary<string> = fc.oneof(
  fc.tuple(names, odd, fc.nat()).map(([name, what, at]) => {
    const place = at % (name.length + 1);
    return name.slice(0, place) + what + name.slice(place);
  }),
  fc.tuple(names, odd, fc.nat({ max: 5 })).map(([name, what, at]) =>
    name
      .split('/')
      .map((segment, i) => (i === at ? what : segment))
      .join('/'),
  ),
  fc.tuple(names, fc.nat()).map(([name, at]) => name.slice(0, at % name.length)),
  fc.string({ unit: 'binary' }),
);

const starred = fc
  .oneof(
    fc.constant('*'),
    fc.string({ unit: fc.constantFrom('a', 'b', '-', '*', 'X'), minLength: 1, maxLength: 5 }),
    segments,
  )
  .filter((text) => /^[A-Za-z0-9*]/.test(text) && !text.includes('**'));

/** Patterns that the configuration accepts. */
export const patterns: fc.Arbitrary<string> = fc
  .tuple(starred, starred, starred)
  .map(([p, l, o]) => `projects/${p}/locations/${l}/operations/${o}`);
