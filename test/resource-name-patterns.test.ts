/** Patterns that are refused, and in which words; the places under which operations lie. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseParentName, parseResourceName } from '../src/resource-name.ts';
import {
  matchPattern,
  matchSegment,
  parseNamePattern,
  parseTargetPattern,
} from '../src/resource-pattern.ts';

const LONG = 'a'.repeat(128);

describe('a pattern that could never match is refused, and told by its segment', () => {
  const unreadable = (at: number) =>
    `can never match: segment ${at} is empty or has a character that no name has`;
  const other = (at: number, name: string) =>
    `can never match: segment ${at} of a name is "${name}"`;
  const six = 'must have the 6 segments of projects/*/locations/*/operations/*';
  const doubled = '** can only be the whole last segment of a target';

  const rows: [pattern: string, fault: string][] = [
    ['projects/p/locations/l/operations', six],
    ['projects/p/locations/l/operations/o/more', six],
    ['projects/p/locations/l/operations/o/**', six],
    ['projects/p/locations/l/operations/**', six],
    ['projects/p/locations/**', six],
    ['**', six],
    ['project/p/locations/l/operations/o', other(1, 'projects')],
    ['projects/p/location/l/operations/o', other(3, 'locations')],
    ['projects/p/locations/l/operation*x/o', other(5, 'operations')],
    ['projects/p/locations/l/operations/', unreadable(6)],
    ['/p/locations/l/operations/o', unreadable(1)],
    ['projects//locations/l/operations/o', unreadable(2)],
    ['', unreadable(1)],
    ['projects/p/locations/l/operations/-o', unreadable(6)],
    ['projects/p/locations/.l/operations/o', unreadable(4)],
    ['projects/p/locations/l/operations/a:b', unreadable(6)],
    ['projects/p/locations/l/operations/a b', unreadable(6)],
    ['projects/p/locations/l/operations/a%2f', unreadable(6)],
    ['projects/p/locations/l/operations/ä', unreadable(6)],
    ['projects/p/locations/l/operations/o\n', unreadable(6)],
    ['projects/p/locations/ l/operations/o', unreadable(4)],
    ['projects/a:b:c/locations/l/operations/o', unreadable(2)],
    ['projects/:p/locations/l/operations/o', unreadable(2)],
    ['projects/a:/locations/l/operations/o', unreadable(2)],
    ['projects/-p/locations/l/operations/o', unreadable(2)],
    ['projects/a:-p/locations/l/operations/o', unreadable(2)],
    ['projects/ p/locations/l/operations/o', unreadable(2)],
    ['projects/p?/locations/l/operations/o', unreadable(2)],
    ['projects/p**/locations/l/operations/o', doubled],
    ['projects/**/locations/l/operations/o', doubled],
    [
      `projects/p/locations/l/operations/${LONG}a`,
      'can never match: segment 6 is longer than 128 characters',
    ],
    [
      `projects/${LONG}*a/locations/l/operations/o`,
      'can never match: segment 2 is longer than 128 characters',
    ],
  ];
  for (const [pattern, fault] of rows) {
    test(JSON.stringify(pattern.slice(0, 60)), () =>
      assert.equal(parseNamePattern(pattern), fault),
    );
  }

  test('and the same words for targets, which have as many segments as they like', () => {
    assert.equal(parseTargetPattern('a/b:c/d:e'), unreadable(3));
    assert.equal(parseTargetPattern('a//b'), unreadable(2));
    assert.equal(parseTargetPattern('a/**/b'), doubled);
    for (const text of [
      '**',
      '*/a/b',
      'pro*/**',
      'projects/b:c/*/d',
      'organizations/1/x',
      `folders/${LONG}*/b`,
    ]) {
      assert.equal(typeof parseTargetPattern(text), 'object', text);
    }
  });

  test('and a target that cannot begin a full name', () => {
    for (const text of ['dev-*', '*', 'projects', 'caPools/dev-*', 'a/**', `${LONG}*/b`]) {
      assert.match(String(parseTargetPattern(text)), /^can match no target: /, text);
    }
  });
});

describe('a pattern that can match', () => {
  for (const [pattern, name] of [
    ['*/*/*/*/*/*', 'projects/p/locations/l/operations/o'],
    ['projects/*:p/locations/l/operations/o', 'projects/example.com:p/locations/l/operations/o'],
    ['projects/e*:*p/locations/l/operations/o', 'projects/example.com:p/locations/l/operations/o'],
    ['projects/*/locations/l/operations/o', 'projects/example.com:p/locations/l/operations/o'],
    ['p*s/p/*cat*/l/operations*/o', 'projects/p/locations/l/operations/o'],
    [`projects/*${LONG}*/locations/l/operations/o`, `projects/${LONG}/locations/l/operations/o`],
    ['projects/0.a_b-c/locations/1/operations/A', 'projects/0.a_b-c/locations/1/operations/A'],
  ] as const) {
    test(`${pattern.slice(0, 60)} does`, () => {
      const parsed = parseNamePattern(pattern);
      assert.ok(typeof parsed !== 'string', String(parsed));
      assert.equal(parsed.text, pattern);
      assert.ok(parseResourceName(name) && matchPattern(parsed, name));
      assert.ok(!matchPattern(parsed, `${name}/x`) && !matchPattern(parsed, name.slice(0, -2)));
    });
  }

  test('matches no name that has an empty segment, not even with stars or an open end', () => {
    for (const [pattern, name] of [
      ['projects/*/c', 'projects//c'],
      ['projects/*', 'projects/'],
      ['projects/*', 'projects/p/'],
      ['projects/**', 'projects/b//c'],
      ['projects/**', 'projects/b/'],
      ['**', ''],
    ] as const) {
      const parsed = parseTargetPattern(pattern);
      assert.ok(typeof parsed !== 'string' && !matchPattern(parsed, name), `${pattern} ${name}`);
    }
  });

  test('finds the text between its stars in order, and never twice the same', () => {
    for (const [glob, text, fits] of [
      ['a*b*c', 'abc', true],
      ['a*b*c', 'axbxc', true],
      ['a*b*c', 'acb', false],
      ['a*b*c', 'ac', false],
      ['a*bb*c', 'abc', false],
      ['a*a', 'a', false],
      ['a*a', 'aa', true],
      ['*ab*ab*', 'ab', false],
      ['*ab*ab*', 'abab', true],
      ['*aba*aba*', 'ababa', false],
      ['a*c*c', 'abc', false],
      ['*b', 'ab', true],
      ['*b', 'ba', false],
      ['b*', 'ba', true],
      ['b*', 'ab', false],
      ['a*b*bc', 'abc', false],
      ['a*b*bc', 'abbc', true],
      ['ab', 'ab', true],
      ['ab', 'abc', false],
      ['*', '', true],
    ] as const) {
      assert.equal(matchSegment(glob.split('*'), text), fits, `${glob} ${text}`);
    }
  });
});

describe('the parent of operations', () => {
  const parent = 'projects/p/locations/l';

  test('is a project and a location, or all of them, also as a full resource name', () => {
    for (const text of [
      ...[parent, 'projects/p/locations/-', 'projects/example.com:p/locations/us-central1'],
      ...[`projects/${LONG}/locations/${LONG}`, 'projects/0/locations/A_b.c-d'],
    ]) {
      assert.equal(parseParentName(text), text);
      assert.equal(parseParentName(`//privateca.googleapis.com/${text}`), text);
      const name = `${text}/operations/o`;
      assert.equal(parseResourceName(name), text.endsWith('/-') ? undefined : name);
    }
  });

  for (const text of [
    ...['', 'projects/p', 'projects/p/locations', 'projects/p/locations/', 'projects//locations/l'],
    ...[
      `${parent}/`,
      `${parent}/operations`,
      `/${parent}`,
      ` ${parent}`,
      `${parent}\n`,
      `x${parent}`,
    ],
    ...[
      'project/p/locations/l',
      'projects/p/location/l',
      'projects/-/locations/l',
      'projects/p/l/l',
    ],
    ...['projects/p/locations/--', 'projects/p/locations/-l', 'projects/p/locations/l:x', '-'],
    ...[
      `projects/${LONG}a/locations/l`,
      `projects/p/locations/${LONG}a`,
      `${parent}%2f`,
      `${parent}?`,
    ],
    ...[
      `projects/a:${LONG.slice(2)}a/locations/l`,
      'projects/a:b:c/locations/l',
      'projects/a:/locations/l',
    ],
    ...['projects/:a/locations/l', 'projects/.a/locations/l', 'projects/a:.b/locations/l'],
    ...[`//compute.googleapis.com/${parent}`, `${parent}//privateca.googleapis.com/`],
  ]) {
    test(`is not ${JSON.stringify(text.slice(0, 50))}`, () => {
      assert.equal(parseParentName(text), undefined);
      assert.equal(parseResourceName(`${text}/operations/o`), undefined);
    });
  }

  test('has a project of 128 characters at most, its domain among them', () => {
    const most = `projects/a:${LONG.slice(2)}/locations/l`;
    assert.equal(parseParentName(most), most);
    assert.equal(parseResourceName(`${most}/operations/o`), `${most}/operations/o`);
  });
});
