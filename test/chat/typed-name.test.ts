import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  mentionsOperation,
  parseTypedName,
  splitWords,
  unwrap,
} from '../../src/chat/typed-name.ts';

const NAME = 'projects/my-project/locations/us-central1/operations/restore-prod_2';

describe('a name is understood', () => {
  const forms = {
    'as it is': NAME,
    'as a full resource name': `//privateca.googleapis.com/${NAME}`,
    'in backticks': `\`${NAME}\``,
    'in three backticks': `\`\`\`${NAME}\`\`\``,
    'in straight quotes': `"${NAME}"`,
    'in single quotes': `'${NAME}'`,
    'in curly quotes': `“${NAME}”`,
    'in single curly quotes': `‘${NAME}’`,
    'in German quotes': `„${NAME}“`,
    'in guillemets': `«${NAME}»`,
    'in corner brackets': `「${NAME}」`,
    'in full-width quotes': `＂${NAME}＂`,
    'in primes': `″${NAME}″`,
    'in ornamental quotes': `❝${NAME}❞`,
    'in round brackets': `(${NAME})`,
    'in square brackets': `[${NAME}]`,
    'in curly brackets': `{${NAME}}`,
    'in angle brackets': `<${NAME}>`,
    'in escaped angle brackets': `&lt;${NAME}&gt;`,
    'in angle brackets that are escaped twice': `&amp;lt;${NAME}&amp;gt;`,
    'in bold type': `*${NAME}*`,
    'in italics': `_${NAME}_`,
    'in bold italics': `__*${NAME}*__`,
    'in a table': `|${NAME}|`,
    'before a comma': `${NAME},`,
    'before a full stop': `${NAME}.`,
    'before a colon': `${NAME}:`,
    'before a question mark': `${NAME}?`,
    'in brackets and quotes, at the end of a sentence': `("${NAME}".)`,
    'in a URL': `https://privateca.googleapis.com/v1/${NAME}`,
    'in a link that Slack made': `<https://privateca.googleapis.com/v1/${NAME}>`,
    'in a link with its address as label': `<https://privateca.googleapis.com/v1/${NAME}|privateca.googleapis.com/v1/${NAME}>`,
    'in a link with another label': `<https://privateca.googleapis.com/v1/${NAME}|the-job>`,
    'as the label of a link': `<https://example.com/x|${NAME}>`,
  };
  for (const [form, word] of Object.entries(forms)) {
    test(form, () => assert.equal(parseTypedName(splitWords(word)[0] ?? ''), NAME));
  }

  const invisible = {
    'a zero-width space': '\u200b',
    'a zero-width joiner': '\u200d',
    'a word joiner': '\u2060',
    'a byte order mark': '\ufeff',
    'a soft hyphen': '\u00ad',
    'a direction mark': '\u200e',
    'a direction override': '\u202e',
    'an isolate': '\u2068',
    'a variation selector': '\ufe0f',
    'a tag character': '\u{e0020}',
  };
  for (const [what, character] of Object.entries(invisible)) {
    test(`with ${what} before, inside and after it`, () => {
      const typed = `${character}${NAME.slice(0, 20)}${character}${NAME.slice(20)}${character}`;
      assert.deepEqual(splitWords(typed), [NAME]);
    });
  }
});

describe('a name that was cut or altered is refused', () => {
  for (const word of [
    '',
    'restore-prod_2',
    `${NAME}…`,
    `${NAME}...`,
    `${NAME}..`,
    `${NAME}-`,
    `${NAME}_`,
    `${NAME}__`,
    `_${NAME}__`,
    `${NAME}\\_x`,
    `${NAME}\\`,
    `${NAME}%5Fx`,
    `${NAME}%`,
    `${NAME}&#95;x`,
    `${NAME}<wbr>_x`,
    `${NAME}<wbr>`,
    `${NAME}[truncated]`,
    `${NAME}\u2011x`,
    `${NAME}\u2013`,
    `${NAME}\u0430`,
    `${NAME}é`,
    `${NAME}ｘ`,
    `${NAME}/more`,
    `${NAME}:cancel`,
    `${NAME}?x=1`,
    `${NAME}"x`,
    `x${NAME}`,
    `…${NAME}`,
    `-${NAME}`,
    NAME.replace('my-project', '..'),
    NAME.replace('restore', 'rest"ore'),
    NAME.replace('restore', 'rest\u0456re'),
    `${NAME}|${NAME}x/`,
    `${NAME},${NAME}2`,
    `https://privateca.googleapis.com/v1/${NAME}?other=${NAME}2`,
    `<https://privateca.googleapis.com/v1/${NAME}|${NAME}2>`,
    `<https://privateca.googleapis.com/v1/${NAME}|${NAME}…>`,
    `<https://privateca.googleapis.com/v1/${NAME}|x|${NAME}>`,
  ]) {
    test(JSON.stringify(word), () => assert.equal(parseTypedName(word), undefined));
  }
});

const inner = fc.string({ unit: fc.constantFrom(...'aZ5._-'), maxLength: 8 });
const segment = inner.map((text) => `a${text}9`);
const names = fc
  .tuple(segment, segment, segment)
  .map(([p, l, o]) => `projects/${p}/locations/${l}/operations/${o}`);

test('any nesting of quotes and brackets around any name, and punctuation, is understood', () => {
  const pairs = fc.constantFrom(
    ...['``', '""', "''", '“”', '‘’', '„“', '«»', '»«', '()', '[]', '{}', '<>', '**', '__', '「」'],
  );
  const ends = fc.constantFrom('', ',', '.', ';', ':', '!', '?', '?!', '.)', '".');
  fc.assert(
    fc.property(names, fc.array(pairs, { maxLength: 4 }), ends, (name, wraps, end) => {
      const open = wraps.map(([first]) => first).join('');
      const close = wraps
        .map(([, last]) => last)
        .toReversed()
        .join('');
      assert.equal(parseTypedName(`${open}${name}${close}${end}`), name);
    }),
  );
});

test('no alteration inside a name or right behind it makes it the name of another operation', () => {
  const text = fc.oneof(
    fc.integer({ min: 0, max: 0x30ff }).map((code) => String.fromCodePoint(code)),
    fc.constantFrom(
      ...[
        '\\_',
        '%5F',
        '&#95;',
        '<wbr>',
        '\u2011',
        '\u2013',
        '…',
        '...',
        '[truncated]',
        '&lt;',
        '"',
        '`',
      ],
    ),
  );
  fc.assert(
    fc.property(names, text, fc.nat(), fc.nat(1), (name, inserted, at, replaced) => {
      const index = 'projects/'.length + (at % (name.length - 'projects/'.length + 1));
      const typed = name.slice(0, index) + inserted + name.slice(index + replaced);
      const [word = '', ...more] = splitWords(typed);
      // White space ends a name, and what nobody sees alters none.
      const found = more.length === 0 ? parseTypedName(word) : undefined;
      if (found === undefined) return;
      assert.ok(word.includes(found), `${word} → ${found}`);
      assert.match(word.replace(found, ''), /^[^\p{L}\p{N}]*$/u);
    }),
    { numRuns: 1_000 },
  );
});

test('a word of punctuation is dropped, and other words stay as they are', () => {
  assert.deepEqual(splitWords(' ``` cancel\t\u00a0( x ) \n"'), ['cancel', 'x']);
  assert.equal(unwrap('«help!»'), 'help');
  assert.equal(unwrap('...'), '...');
  assert.equal(unwrap('projects/p/locations/-'), 'projects/p/locations/-');
});

test('a text seems to hold a name where the path of one is in it, in any encoding', () => {
  assert.ok(mentionsOperation(`see ${NAME}…`));
  assert.ok(mentionsOperation(`https://x/?n=${encodeURIComponent(NAME)}`));
  assert.ok(!mentionsOperation('projects/my-project/locations/us-central1'));
  assert.ok(!mentionsOperation('https://wiki.example.com/operations/restore'));
});
