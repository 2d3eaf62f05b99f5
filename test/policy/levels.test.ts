/** What rules ask and what questions tell, level by level. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pathsOf, toldOf, toldOfFacts } from '../../src/policy/levels.ts';
import { parseRules, type RuleInput } from '../support/fakes.ts';
import { formatName } from '../support/rules.ts';

/** A line for each way: its levels, as they stand in patterns. */
function waysTo(text: RuleInput): string[] {
  const [rule = assert.fail()] = parseRules([text]);
  return [...pathsOf(rule)].map((path) => path.map((glob) => glob.join('*')).join(' '));
}

const many = (length: number, prefix: string) =>
  Array.from({ length }, (_, at) => `${prefix}${at}`);

describe('the ways to a rule', () => {
  const rows: [string, RuleInput, string[]][] = [
    ['are one where it asks nothing', {}, ['* * * * *']],
    [
      'are one for each caller, principal and pattern',
      {
        callers: ['a', 'b'],
        principals: ['p'],
        operations: [formatName(['x*', 'l', '*']), formatName(['y', '*', 'o-*-1'])],
      },
      ['a p x* l *', 'a p y * o-*-1', 'b p x* l *', 'b p y * o-*-1'],
    ],
    [
      'go on where it asks for verbs',
      { verbs: ['v', 'w'] },
      [0, 1].map((at) => `* * * * * ${'vw'[at]} * * *`),
    ],
    [
      'and where it asks for targets: their project, pool, and what is in it',
      {
        targets: ['projects/t/**', 'projects/t/locations/l/caPools/c-*/certificateAuthorities/k/x'],
      },
      ['* * * * * * t * *', '* * * * * * t c-* k'],
    ],
  ];
  for (const [what, text, ways] of rows) test(what, () => assert.deepEqual(waysTo(text), ways));
});

describe('a rule is filed by all its lists', () => {
  const rows: [string, RuleInput, number][] = [
    [
      'where they multiply to 64 ways, however short they are',
      { callers: many(4, 'c'), principals: many(4, 'p'), verbs: many(4, 'v') },
      64,
    ],
    [
      'or to four times as many as they have words',
      { callers: many(11, 'c'), principals: many(8, 'p') },
      88,
    ],
  ];
  for (const [what, text, count] of rows) {
    test(what, () => {
      const ways = waysTo(text);
      assert.equal(new Set(ways).size, count);
      for (const way of ways) assert.match(way, /^c\d+ p\d+ \* \* \*( v\d \* \* \*)?$/);
    });
  }
});

describe('where the lists of a rule multiply to more ways, it is filed', () => {
  const rows: [string, RuleInput, number, RegExp][] = [
    [
      'without its verbs',
      { callers: many(4, 'c'), principals: many(4, 'p'), verbs: many(5, 'v') },
      16,
      /^c\d p\d \* \* \* \* \* \* \*$/,
    ],
    [
      'or its callers, where it asks for no verbs',
      { callers: many(11, 'c'), principals: many(9, 'p') },
      9,
      /^\* p\d \* \* \*$/,
    ],
    [
      'without verbs and callers, where that is enough',
      {
        callers: many(20, 'c'),
        principals: many(5, 'p'),
        verbs: many(20, 'v'),
        targets: many(5, 'projects/t'),
      },
      25,
      /^\* p\d \* \* \* \* t\d \* \*$/,
    ],
    [
      'without principals, too',
      {
        callers: many(40, 'c'),
        principals: many(40, 'p'),
        verbs: many(40, 'v'),
        targets: many(40, 'projects/t'),
      },
      40,
      /^\* \* \* \* \* \* t\d+ \* \*$/,
    ],
    [
      'at last by its operations alone',
      {
        callers: many(20, 'c'),
        principals: many(20, 'p'),
        verbs: many(20, 'v'),
        targets: many(20, 'projects/t'),
        operations: many(100, 'x').map((project) => formatName([project, '*', '*'])),
      },
      100,
      /^\* \* x\d+ \* \* \* \* \* \*$/,
    ],
  ];
  for (const [what, text, count, form] of rows) {
    test(what, () => {
      const ways = waysTo(text);
      assert.equal(new Set(ways).size, count);
      assert.equal(ways.length, count);
      for (const way of ways) assert.match(way, form);
    });
  }
});

test('a question tells its caller, its identities, and the parts of a name', () => {
  const told = toldOf('ops', ['a', 'b'], formatName(['p', 'l', 'o']));
  assert.deepEqual(told, [['ops'], ['a', 'b'], ['p'], ['l'], ['o']]);
});

test('of a place it tells no operation, and of any location none', () => {
  const { length, ...told } = toldOf('ops', [], 'projects/p/locations/l');
  assert.deepEqual({ ...told }, { 0: ['ops'], 1: [], 2: ['p'], 3: ['l'], 4: undefined });
  assert.equal(length, 5);
  assert.deepEqual(toldOf('ops', [], 'projects/p/locations/-').slice(2), [
    ['p'],
    undefined,
    undefined,
  ]);
});

test('facts tell the verb and three parts of the target; what they do not have fits nothing', () => {
  const target = 'projects/t/locations/l/caPools/c/certificateAuthorities/k';
  assert.deepEqual(toldOfFacts({ verb: 'create', target }), [['create'], ['t'], ['c'], ['k']]);
  assert.deepEqual(toldOfFacts({ target: 'projects/t' }), [[], ['t'], [], []]);
  assert.deepEqual(toldOfFacts({ verb: 'create' }), [['create'], [], [], []]);
});
