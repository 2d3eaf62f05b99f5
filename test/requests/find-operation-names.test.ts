/** Operations' names within prose and URLs, as people and alerting systems write them. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { findOperationNames } from '../../src/requests/find-operation-names.ts';
import { parseOperationName } from '../../src/resource-name.ts';
import { names } from '../support/names.ts';

const NAME = 'projects/my-project/locations/us-central1/operations/operation-1-a-b-c';

/** What a name cannot hold ends it; a full stop at its end is punctuation. */
const endings = ['', '.', '...', ',', ', and', '. Then', ' ', '\n', '`', '*', '**', '>', ')', ']'];
const more = [
  ':',
  ';',
  '?x=1',
  '#now',
  '|',
  '"',
  "'",
  '!',
  '…',
  '%20',
  '@',
  '\\',
  '=',
  '&',
  '\u2028',
];
const beginnings = ['', ' ', '\n', '`', '<', '(', '[', '"', "'", '*', '|', ':', '=', '>', '“', '—'];
const urls = [
  'https://console.example/',
  'http://localhost:8080/v1/',
  'see https://a.example/b/c/',
];

describe('a name in a text is found', () => {
  for (const before of [...beginnings, ...urls, '//privateca.googleapis.com/']) {
    test(`after ${JSON.stringify(before)}`, () => {
      for (const after of [...endings, ...more]) {
        assert.deepEqual(findOperationNames(`${before}${NAME}${after}`), [NAME], after);
      }
    });
  }

  test('in each cell of a table, in a list, in a link of Markdown', () => {
    assert.deepEqual(findOperationNames(`| ${NAME} | ${NAME}-2 |\n- ${NAME}`), [NAME, `${NAME}-2`]);
    assert.deepEqual(findOperationNames(`[stuck](https://a.example/${NAME})`), [NAME]);
    assert.deepEqual(findOperationNames(`<https://a.example/${NAME}|stuck>`), [NAME]);
  });

  test('in a project of a domain', () => {
    const name = NAME.replace('my-project', 'example.com:my-project');
    assert.deepEqual(findOperationNames(`It is ${name}.`), [name]);
  });
});

describe('nothing but a whole name is one', () => {
  for (const text of [
    `${NAME}/more`,
    `${NAME}/`,
    `x${NAME}`,
    `-${NAME}`,
    `_${NAME}`,
    `folders/f/${NAME}`,
    `./${NAME}`,
    `/${NAME}`,
    `//compute.googleapis.com/${NAME}`,
    `//privateca.googleapis.com/v1/${NAME}`,
    `ftp://a.example/${NAME}`,
    'projects/p/locations/l/operations/',
    'projects/p/locations/l/operations/.',
    'projects/p/locations/l/operations/-x',
    'projects/p/locations/l/operations',
    'projects/p/locations//operations/o',
    'projects/p/locations/../operations/o',
    'projects/a:b:c/locations/l/operations/o',
    'projects/p/alertPolicies/1/conditions/2',
    'Projects/p/locations/l/operations/o',
    `projects/p/locations/l/operations/${'o'.repeat(129)}`,
  ]) {
    test(text.slice(0, 70), () => assert.deepEqual(findOperationNames(text), []));
  }
});

describe('whatever the text', () => {
  const noise = fc.string({ unit: 'binary', maxLength: 40 });
  const separator = fc.constantFrom(' ', '\n', ' `', '> ', ' ("', ') ', ', ');

  test('names between words are found, each once, in their order', () => {
    const plain = fc.stringMatching(/^[A-Za-zäöü .,!?]{0,30}$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(plain, names), { maxLength: 5 }), (parts) => {
        const wanted = parts.map(([, name]) => name.replace(/\.+$/, ''));
        const text = parts.map(([words, name]) => `${words} ${name} `).join('');
        assert.deepEqual(findOperationNames(text), [...new Set(wanted)]);
      }),
    );
  });

  test('what is found is a name, and stands there', () => {
    const pieces = fc.array(fc.oneof(noise, names, separator), { maxLength: 8 });
    fc.assert(
      fc.property(pieces, (parts) => {
        const text = parts.join('');
        const found = findOperationNames(text);
        assert.equal(new Set(found).size, found.length);
        for (const name of found) {
          assert.equal(parseOperationName(name), name);
          // Whole: wherever it stands alone, no character of a name follows or goes before.
          const whole = [...text.matchAll(new RegExp(name.replaceAll('.', '\\.'), 'g'))].some(
            ({ index }) =>
              !/[A-Za-z0-9_-]/.test(text[index - 1] ?? ' ') &&
              !/^\.*[A-Za-z0-9_/-]/.test(text.slice(index + name.length)),
          );
          assert.ok(whole, `${name} in ${JSON.stringify(text)}`);
        }
      }),
    );
  });

  test('its time grows with its length alone, however nasty it is', () => {
    const long = 1_000_000;
    for (const piece of [
      'projects/',
      'projects/p/locations/',
      `${NAME}/`,
      'a',
      '.',
      '(',
      'https://',
    ]) {
      const text = piece.repeat(Math.ceil(long / piece.length));
      const started = performance.now();
      findOperationNames(text);
      const took = performance.now() - started;
      assert.ok(took < 1_000, `${piece}: ${took} ms`);
    }
  });
});
