/** Names of operations in free text and URLs: whole or refused. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { findResourceNames } from '../../src/requests/find-resource-names.ts';
import { assertCpuTime } from '../support/cpu-time.ts';
import { names } from '../support/names.ts';

const ID = 'operation-1-a-b-c';
const NAME = `projects/my-project/locations/us-central1/operations/${ID}`;
const CONSOLE = 'https://console.cloud.google.com/security/cas/';

const find = (text: string, mayBeCut = false) => findResourceNames([{ text, mayBeCut }]);
const whole = { names: [NAME], fragments: [], hasOther: false };

/** A text, as the test's title. */
const shown = (text: string) => JSON.stringify(text).replace(NAME, 'NAME').slice(0, 90);

describe('a whole name is found', () => {
  const closings = ['', ' ', '\n', '.', '. Then', ',', ', and', ';', ':', '!', '?', '\u2028', '.)'];
  for (const before of [
    '',
    ' ',
    '\n',
    ': ',
    'operation=',
    '—',
    ',',
    '//privateca.googleapis.com/',
  ]) {
    test(`after ${JSON.stringify(before)}, before punctuation and white space`, () => {
      for (const after of closings)
        assert.deepEqual(find(`${before}${NAME}${after}`), whole, after);
    });
  }

  const pairs = [
    ['`', '`'],
    ['"', '"'],
    ["'", "'."],
    ['“', '”'],
    ['„', '“'],
    ['«', '»'],
    ['(', ')'],
    ['[', ']'],
    ['{', '}'],
    ['<', '>'],
    ['（', '）'],
    ['|', '|'],
    ['| ', ' | next |'],
    ['*', '*'],
    ['**', '**'],
    ['_', '_'],
    ['__', '__'],
    ['**_', '_**'],
    ['_The operation ', '_ is stuck'],
    ['(see ', ').'],
    ['<b>', '</b> is stuck'],
    ['[', '](https://runbooks.example/)'],
    ['{"operation":"', '","severity":"high"}'],
    ['{operation="', '",severity="high"}'],
    ['<', '|the operation>'],
  ] as const;
  for (const [before, after] of pairs) {
    test(`between ${before} and ${after}`, () => {
      assert.deepEqual(find(`${before}${NAME}${after}`), whole);
    });
  }

  for (const text of [
    `${CONSOLE}${NAME}`,
    `See ${CONSOLE}${NAME}.`,
    `${CONSOLE}${NAME}/details?project=p`,
    `${CONSOLE}${NAME}?project=p#top`,
    `[stuck](${CONSOLE}${NAME})`,
    `<${CONSOLE}${NAME}|stuck>`,
    `*${CONSOLE}${NAME}*`,
    `${CONSOLE}${NAME.replace('-1-', '%2D1%2d')}`,
    `https://console.cloud.google.com:443/${NAME}`,
    `https://privateca.googleapis.com/v1/${NAME}`,
    `HTTPS://privateca.us-east1.rep.googleapis.com/v1/${NAME}`,
    `https://runbooks.example//privateca.googleapis.com/${NAME}`,
  ]) {
    test(`in the URL ${shown(text)}`, () => assert.deepEqual(find(text), whole));
  }

  test('once, although it is there many times', () => {
    assert.deepEqual(find(`${NAME} ${NAME}, ${CONSOLE}${NAME}`), whole);
  });

  test('in the project of a domain', () => {
    const name = NAME.replace('my-project', 'example.com:my-project');
    assert.deepEqual(find(`It is ${name}.`).names, [name]);
  });

  test('beside another, in their order', () => {
    assert.deepEqual(find(`| ${NAME} | ${NAME}-2 |\n- ${NAME}`).names, [NAME, `${NAME}-2`]);
  });

  test('in each of several texts', () => {
    assert.deepEqual(findResourceNames([{ text: NAME }, { text: `${NAME}-2` }]).names, [
      NAME,
      `${NAME}-2`,
    ]);
  });
});

/** What an alteration or a cut leaves behind a name. */
const CUTS = [
  '…',
  '...',
  '..',
  '[truncated]',
  ' [truncated]',
  ' (truncated)',
  ' …',
  '\n...',
  '[…]',
  '-',
  '-\nprod-2',
];
const ALTERATIONS = [
  '\\_prod-2',
  '%5Fprod-2',
  '&#95;prod-2',
  '&lowbar;prod-2',
  '<wbr>prod-2',
  '<b>prod</b>',
  '</b>prod',
  '\u2010prod-2',
  '\u2011prod-2',
  '\u2013prod-2',
  '\u2014prod-2',
  '\u00adprod-2',
  '\u200bprod-2',
  '\u2060prod-2',
  '\ufeffprod-2',
  '\u0301',
  'оprod-2',
  'ｘprod-2',
  '＿prod-2',
  '．v2',
  '/more',
  '/',
  '@host',
  '=x',
  '#now',
  '~',
  '\\nprod',
  '"prod-2',
  ')prod-2',
  '*prod-2',
  '|prod-2',
  ',prod-2',
  ':cancel',
  '_',
  '__',
  '*_',
];

describe('a name that breaks off is no name', () => {
  for (const after of CUTS) {
    test(`before ${JSON.stringify(after)}, and is known to be cut`, () => {
      const { names: found, fragments } = find(`Stuck: ${NAME}${after}`);
      assert.deepEqual(found, []);
      assert.deepEqual(fragments[0]?.prefix, NAME);
    });
  }

  for (const after of ALTERATIONS) {
    test(`before ${JSON.stringify(after)}`, () => {
      const { names: found, fragments } = find(`Stuck: ${NAME}${after}`);
      assert.deepEqual([found, fragments.map(({ prefix }) => prefix)], [[], [NAME]]);
    });
  }

  test('in its project, its location, its collections and its operation alike', () => {
    for (const part of ['my', 'us', 'loc', 'operat', 'operation-1']) {
      const altered = NAME.replace(part, `${part}\u00ad`);
      const { names: found, fragments } = find(altered);
      assert.deepEqual([found, fragments.length], [[], 1], part);
    }
  });

  test('in a URL of Google Cloud', () => {
    for (const after of [
      '%5F',
      '%',
      '%zz',
      '\\_prod',
      ';x=1',
      ':cancel',
      '/../other',
      '/%2e%2e/o',
      '…',
      '-',
    ]) {
      const { names: found, fragments } = find(`${CONSOLE}${NAME}${after}`);
      assert.deepEqual([found, fragments.length], [[], 1], after);
    }
    assert.deepEqual(find(`${CONSOLE}${NAME.replace('/locations', '%2Flocations')}`).names, []);
  });

  test('at the hard end of a text that the sender cuts, and is one before it', () => {
    for (const text of [NAME, `${NAME}.`, `_${NAME}_`, `${CONSOLE}${NAME}`]) {
      assert.deepEqual(find(text, true).names, [], text);
      assert.deepEqual(find(text, true).fragments.length, 1, text);
    }
    for (const after of [' ', ',', ')', '`', ' and more', '\n']) {
      assert.deepEqual(find(`${NAME}${after}`, true), whole, after);
    }
  });

  test('with a part that no name has', () => {
    for (const text of [
      'projects/p/locations/l/operations/-x',
      'projects/p/locations/../operations/o',
      'projects/a:b:c/locations/l/operations/o',
      `projects/p/locations/l/operations/${'o'.repeat(129)}`,
    ]) {
      const { names: found, fragments } = find(text);
      assert.deepEqual([found, fragments.length], [[], 1], text);
    }
  });
});

describe('what names something else is no name, and is told', () => {
  for (const text of [
    `x${NAME}`,
    `é${NAME}`,
    `-${NAME}`,
    `\u200b${NAME}`,
    `folders/f/${NAME}`,
    `./${NAME}`,
    `/${NAME}`,
    `//compute.googleapis.com/${NAME}`,
    `//privateca.googleapis.com/v1/${NAME}`,
    `x//privateca.googleapis.com/${NAME}`,
    `ftp://a.example/${NAME}`,
    `https://console.example/${NAME}`,
    `https://compute.googleapis.com/v1/${NAME}`,
    `https://www.googleapis.com/privateca/v1/${NAME}`,
    `https://privateca.googleapis.com.example/v1/${NAME}`,
    `https://console.cloud.google.com@a.example/${NAME}`,
    `https://a.example/?u=https://console.cloud.google.com/${NAME}`,
    `https://a.example/https://console.cloud.google.com/${NAME}`,
    `${CONSOLE}?name=${NAME}`,
    `${CONSOLE}#/${NAME}`,
    `https://a.example/${'a'.repeat(600)}/${NAME}`,
    'projects/p/regions/r/operations/o',
    'projects%2Fp%2Flocations%2Fl%2Foperations%2Fo',
    'projects／p／locations／l／operations／o',
    'рrojects/p/locations/l/operations/o',
    'Projects/p/locations/l/operations/o',
    'projects/my-project/locations/us-cen…',
    'projects/my-proj...',
  ]) {
    test(shown(text), () => {
      assert.deepEqual(find(text), { names: [], fragments: [], hasOther: true });
    });
  }

  test('at a hard end before its operation', () => {
    for (const length of [20, 40, NAME.length - ID.length - 1]) {
      assert.equal(find(`Stuck: ${NAME.slice(0, length)}`, true).hasOther, true, `${length}`);
      assert.equal(find(`Stuck: ${NAME.slice(0, length)} `, true).names.length, 0);
    }
  });
});

test('a text without the name of an operation tells nothing', () => {
  for (const text of [
    '',
    'A certificate authority operation is stuck.',
    '1,000 operations/s in all locations',
    'projects/p/alertPolicies/1/conditions/2',
    'CA pool projects/p/locations/l/caPools/pool is stuck',
    'https://console.cloud.google.com/monitoring/alerting/incidents/0.abc?project=p',
  ]) {
    assert.deepEqual(find(text), { names: [], fragments: [], hasOther: false }, text);
  }
});

describe('whatever the text', () => {
  const prefixLength = 'projects/'.length;
  const wholeNames = names.filter((name) => /[A-Za-z0-9]$/.test(name));
  const wraps = fc.constantFrom(
    ...([
      ['', ''],
      ['`', '`'],
      ['_', '_'],
      ['**', '**'],
      ['(', ')'],
      [`${CONSOLE}`, ' '],
    ] as const),
  );
  /** No white space, which ends a name, and no character of a name, which makes another one. */
  const foreign = fc
    .oneof(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 3 }),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 3 }),
      fc.constantFrom(...ALTERATIONS.map((after) => after.replace(/[\w.-]+$/, '') || after)),
    )
    .filter((text) => !/^[\w.:-]*$|[\s/?#%]/.test(text.replaceAll('\ufeff', '\u200b')))
    // What stands in JSON, and a link's end, is a name's end.
    .filter((text) => !/["'][,:;)\]}]|\][([]/.test(text));

  test('an alteration inside a name never makes another name', () => {
    fc.assert(
      fc.property(wholeNames, foreign, fc.nat(), wraps, (name, what, at, [before, after]) => {
        const place = prefixLength + (at % (name.length - prefixLength));
        const altered = name.slice(0, place) + what + name.slice(place);
        const found = find(`${before}${altered}${after}`).names;
        assert.deepEqual(
          found.filter((one) => one !== name),
          [],
          altered,
        );
      }),
      { numRuns: 2_000 },
    );
  });

  test('no cut of a name makes another name where the cut shows', () => {
    const marks = fc.constantFrom(...CUTS, ...ALTERATIONS.slice(0, 20));
    fc.assert(
      fc.property(names, marks, fc.nat(), wraps, (name, mark, at, [before]) => {
        const cut = name.slice(0, at % name.length);
        // In a URL this is an underscore.
        fc.pre(!(before === CONSOLE && mark.includes('%5F')));
        assert.deepEqual(find(`${before}${cut}${mark}`).names, []);
        assert.deepEqual(find(`${before}${cut}`, true).names, []);
      }),
      { numRuns: 2_000 },
    );
  });

  test('names between words are found, each once, in their order', () => {
    const plain = fc.stringMatching(/^[A-Za-zäöü ,!?]{0,30}$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(plain, wholeNames), { maxLength: 5 }), (parts) => {
        const text = parts.map(([words, name]) => `${words} ${name} `).join('');
        assert.deepEqual(find(text).names, [...new Set(parts.map(([, name]) => name))]);
      }),
    );
  });
});

test('a text of 1 MiB takes less than 100 ms, however it is made', () => {
  for (const piece of [
    'projects/',
    'projects/p/locations/',
    `${NAME}/`,
    `${NAME} `,
    `${NAME}_`,
    `${CONSOLE}${NAME} `,
    `"projects/a/locations/a/operations/a"x`,
    `projects/${'é'.repeat(390)}/locations/a/operations/`,
    'operations/',
    'a',
    '.',
    '(',
    ' ',
    '\ufeff',
    'https://',
  ]) {
    const text = piece.repeat(Math.ceil(1_048_576 / Buffer.byteLength(piece)));
    assertCpuTime(() => find(text, true), 100, piece);
  }
});
