/** What is found in the trees of rules, against a search of the rules one by one. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Told } from '../../src/policy/levels.ts';
import { type Rule, requiresMetadata } from '../../src/policy/rule.ts';
import { findRule, nearestRule, treeOf } from '../../src/policy/rule-tree.ts';
import type { Pattern } from '../../src/resource-name.ts';
import { parseRules } from '../support/fakes.ts';
import { rules as anyRules, formatName, word } from '../support/rules.ts';

/** Each way to a rule, as a regular expression for each thing that can be told. */
function waysTo({ callers, principals, operations, verbs, targets }: Rule): RegExp[][] {
  const literal = (text: string) => text.replace(/[.]/g, '\\.');
  const regex = (glob = '*') => new RegExp(`^${glob.split(/[*]+/).map(literal).join('.*')}$`);
  const words = (list: readonly string[] = ['*']) => list.map((text) => [regex(text)]);
  const parts = (patterns: readonly Pick<Pattern, 'text'>[], at: number[]) =>
    patterns.map(({ text }) => at.map((place) => regex(text.split('/')[place])));
  const lists = [words(callers), words(principals), parts(operations, [1, 3, 5])];
  if (verbs || targets) lists.push(words(verbs), parts(targets ?? [{ text: '*' }], [1, 5, 7]));
  let ways: RegExp[][] = [[]];
  for (const list of lists) ways = ways.flatMap((way) => list.map((part) => [...way, ...part]));
  return ways;
}

/** How many of the things that are told fit, in their order: as many as there are where it fits. */
function reachOf(rule: Rule, told: readonly Told[]): number {
  const reaches = waysTo(rule).map((way) => {
    const isAny = (level: number) => way[level]?.source === '^.*$';
    const stop = way.findIndex((regex, level) => {
      const texts = told[level];
      return texts !== undefined && !isAny(level) && !texts.some((text) => regex.test(text));
    });
    return stop < 0 ? way.length : stop;
  });
  return Math.min(Math.max(...reaches), told.length);
}

const fits = (rule: Rule, told: readonly Told[]) =>
  reachOf(rule, told) === Math.min(told.length, requiresMetadata(rule) ? 9 : 5);

const treesOf = (rules: readonly Rule[]) =>
  [false, true].map((needing) =>
    treeOf(rules.filter((rule) => requiresMetadata(rule) === needing)),
  );

/** Such rules as are filed by all that they ask. */
const rules = anyRules.map((rules) => rules.filter((rule) => waysTo(rule).length <= 64));

const one = (...words: string[]) => fc.constantFrom(...words).map((word) => [word]);
const seldom = (told: fc.Arbitrary<string[]>) => fc.option(told, { nil: undefined, freq: 6 });
const names = seldom(word.map((text) => [text]));
const levels: fc.Arbitrary<Told[]> = fc.tuple(
  seldom(one('ops', 'slack', 'toString')),
  seldom(fc.subarray(['T1/U1', 'T1/C1', 'a@b.c'])),
  names,
  names,
  names,
  seldom(fc.oneof(one('create', 'toString'), fc.constant<string[]>([]))),
  seldom(fc.oneof(one('a', 'b', ''), fc.constant<string[]>([]))),
  seldom(fc.oneof(one('dev-1', ''), fc.constant<string[]>([]))),
  seldom(fc.oneof(one('x', 'y'), fc.constant<string[]>([]))),
);
/** A question, as far as it is known. */
const questions = fc
  .tuple(levels, fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 9))
  .map(([told, length]) => told.slice(0, length));

describe('the search of the trees', () => {
  for (const some of [false, true]) {
    test(`${some ? 'for just one rule ' : ''}asks each that fits, and finds what a search one by one does`, () => {
      const seen = { found: 0, none: 0, refused: 0 };
      fc.assert(
        fc.property(rules, questions, fc.nat(1023), (rules, told, refuse) => {
          const refused = ({ index }: Rule) => ((refuse >> (index % 10)) & 1) === 1;
          const asked: Rule[] = [];
          let found: Rule | undefined;
          const first = findRule(
            treesOf(rules),
            told,
            (rule) => {
              assert.ok(fits(rule, told), 'none is asked that does not fit');
              const ahead = found === undefined || (!some && rule.index < found.index);
              assert.ok(ahead, 'none is asked that could not take the place of what was found');
              asked.push(rule);
              if (refused(rule)) return false;
              found = rule;
              return true;
            },
            some,
          );
          assert.equal(first, found);
          const expected = rules.find((rule) => fits(rule, told) && !refused(rule));
          if (some) assert.equal(first === undefined, expected === undefined);
          else assert.equal(first, expected);
          seen[expected ? 'found' : 'none'] += 1;
          if (asked.some(refused)) seen.refused += 1;
        }),
        { numRuns: 1_000 },
      );
      for (const count of Object.values(seen)) assert.ok(count > 100, JSON.stringify(seen));
    });
  }

  test('asks no further rule in the place where it has found one', () => {
    const asked: number[] = [];
    const found = findRule(treesOf(parseRules([{}, {}, {}])), [], ({ index }) => {
      asked.push(index);
      return index > 0;
    });
    assert.equal(found?.index, 1);
    assert.deepEqual(asked, [0, 1]);
  });

  test('asks a rule once, however often its patterns lead to one place', () => {
    const targets = ['projects/t/locations/a/**', 'projects/t/locations/b/**'];
    const operations = [formatName(['p', '*', '*']), formatName(['p', '*', '*'])];
    for (const text of [{ operations }, { targets }, { operations, targets }]) {
      const asked: number[] = [];
      findRule(treesOf(parseRules([text, text])), [], ({ index }) => {
        asked.push(index);
        return false;
      });
      assert.deepEqual(asked, [0, 1]);
    }
  });
});

test('the nearest rule is the first of those that fit the most of what is told, in its order', () => {
  const seen = new Map<number, number>();
  fc.assert(
    fc.property(rules, questions, (rules, all) => {
      // Of a target, one level alone is asked for: its parts count as one.
      const told = all.slice(0, 6);
      const nearest = nearestRule(treesOf(rules), told);
      const reaches = rules.map((rule) => reachOf(rule, told));
      const level = Math.max(...reaches);
      const rule = rules[reaches.indexOf(level)];
      assert.deepEqual(nearest, rule && { rule, level });
      seen.set(level, (seen.get(level) ?? 0) + 1);
    }),
    { numRuns: 2_000 },
  );
  for (const level of [Number.NEGATIVE_INFINITY, 0, 1, 2, 3, 4, 5, 6]) {
    assert.ok((seen.get(level) ?? 0) > 10, `${level}: ${seen.get(level)}`);
  }
});
