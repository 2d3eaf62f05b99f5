/** What names, patterns and durations are, against what the contract says that they are. */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseParentName, parseResourceName } from '../../src/resource-name.ts';
import { matchPattern, parseNamePattern, parseTargetPattern } from '../../src/resource-pattern.ts';
import { parseDuration } from '../../src/validation/values.ts';
import { isName, matchesPattern } from '../support/grammar.ts';
import { hostileNames, names, patterns, segments } from '../support/names.ts';
import type { FuzzProperty } from './property.ts';
import { texts, trickedNames } from './texts.ts';

const SERVICE = '//privateca.googleapis.com/';

export function operationNames(): FuzzProperty {
  const seen = { accepted: 0, refused: 0 };
  const any = fc.oneof(names, hostileNames, trickedNames, texts);
  return {
    name: 'names',
    property: fc.property(any, fc.boolean(), (text, full) => {
      const given = full ? SERVICE + text : text;
      const relative = given.startsWith(SERVICE) ? given.slice(SERVICE.length) : given;
      const name = parseResourceName(given);
      assert.equal(name, isName(relative) ? relative : undefined);
      if (name === undefined) {
        seen.refused += 1;
        return;
      }
      seen.accepted += 1;
      const url = new URL(`https://privateca.googleapis.com/v1/${name}:cancel`);
      assert.equal(url.pathname, `/v1/${name}:cancel`, 'the template filled in literally');
      assert.equal(url.host + url.search + url.hash, 'privateca.googleapis.com');
      const parent = relative.split('/').slice(0, 4).join('/');
      assert.equal(parseParentName(parent), parent);
      assert.equal(parseParentName(relative), undefined);
    }),
    assertSeen: (runs) => assert.ok(Math.min(seen.accepted, seen.refused) > runs / 20),
    figures: () => JSON.stringify(seen),
  };
}

const patternTexts = fc.oneof(
  patterns,
  fc.tuple(patterns, texts, fc.nat()).map(([pattern, text, at]) => {
    const place = at % (pattern.length + 1);
    return pattern.slice(0, place) + text + pattern.slice(place);
  }),
  fc.string({ unit: fc.constantFrom('*', 'a', '/', '.', ':', '-', 'projects/'), maxLength: 30 }),
  names,
);

/** A name, and a text that is a pattern, would be one, or even fits. */
const patternsAndNames = fc.oneof(
  fc.tuple(patternTexts, names),
  fc.tuple(patterns, segments).map(([pattern, star]) => [pattern, pattern.replaceAll('*', star)]),
  fc.tuple(patterns, names).map(([pattern, name]) => [pattern, mixed(pattern, name)]),
);

/** A name that has what the pattern asks for, in all segments but one. */
function mixed(pattern: string, name: string): string {
  const given = name.split('/');
  const wanted = pattern.replaceAll('*', 'a').split('/');
  return wanted
    .map((segment, at) => (at === name.length % 6 ? (given[at] ?? '') : segment))
    .join('/');
}

export function patternsOfNames(): FuzzProperty {
  const seen = { patterns: 0, matched: 0, faults: 0 };
  return {
    name: 'patterns',
    property: fc.property(patternsAndNames, ([text = '', name = '']) => {
      const pattern = parseNamePattern(text);
      if (typeof pattern === 'string') {
        seen.faults += 1;
        assert.ok(pattern.length < 200, 'a fault does not repeat the pattern');
        // What is refused as never matching had better never match.
        if (/never match/.test(pattern)) assert.ok(!matchesPattern(text, name), text);
        return;
      }
      seen.patterns += 1;
      const expected = matchesPattern(text, name);
      if (expected) seen.matched += 1;
      assert.equal(matchPattern(pattern, name), expected, `${text} on ${name}`);
      const target = parseTargetPattern(text);
      assert.ok(typeof target !== 'string' && matchPattern(target, name) === expected);
    }),
    assertSeen: (runs) => assert.ok(seen.matched > runs / 20 && seen.faults > runs / 50),
    figures: () => JSON.stringify(seen),
  };
}

const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: 12 });
const durations = fc.oneof(
  fc
    .tuple(
      digits,
      fc.constantFrom('', '.'),
      digits,
      fc.constantFrom('s', 'm', 'h', 'd', 'ms', 'w', ''),
    )
    .map((parts) => parts.join('')),
  texts,
  fc.string(),
);
const NANOSECONDS: Readonly<Record<string, bigint>> = {
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
  d: 86_400_000_000_000n,
};

/** A number of up to nine digits, up to nine more behind a point, and a unit; in milliseconds. */
function millisecondsIn(text: string): number | undefined {
  const unit = NANOSECONDS[text.slice(-1)];
  const [whole = '', fraction, ...more] = text.slice(0, -1).split('.');
  const isDigits = (part: string) =>
    part.length >= 1 && part.length <= 9 && [...part].every((one) => '0123456789'.includes(one));
  if (unit === undefined || more.length > 0 || !isDigits(whole)) return undefined;
  if (fraction !== undefined && !isDigits(fraction)) return undefined;
  const billionths = BigInt(whole) * 1_000_000_000n + BigInt((fraction ?? '').padEnd(9, '0'));
  return Number((billionths * unit) / 1_000_000_000n) / 1e6;
}

export function durationTexts(): FuzzProperty {
  const seen = { read: 0, refused: 0 };
  return {
    name: 'durations',
    property: fc.property(durations, (text) => {
      const [given, expected] = [parseDuration(text), millisecondsIn(text)];
      assert.equal(given === undefined, expected === undefined, text);
      seen[given === undefined ? 'refused' : 'read'] += 1;
      if (given === undefined || expected === undefined) return;
      assert.ok(Math.abs(given - expected) <= 1e-6 + expected * 1e-12, `${given} ${expected}`);
    }),
    assertSeen: (runs) => assert.ok(seen.read > runs / 50 && seen.refused > runs / 20),
    figures: () => JSON.stringify(seen),
  };
}
