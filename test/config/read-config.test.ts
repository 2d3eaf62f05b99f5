import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import yaml from 'yaml';

import {
  createPositionFinder,
  parseConfigText,
  readConfigText,
} from '../../src/config/read-config.ts';
import { ConfigError, formatIssue } from '../../src/validation/validator.ts';

const parse = (text: string) => parseConfigText(text, () => yaml);

/** Returns the formatted issues of a text that is refused. */
function errorsOf(run: () => unknown): string[] {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.issues.map(formatIssue);
  }
  return assert.fail('nothing was refused');
}

describe('the value of CANCEL_HOOK_CONFIG', () => {
  const read = (given: string | undefined) =>
    readConfigText(given, (path) => Buffer.from(`the file ${path}`));

  for (const text of [
    '{"callers": {}}',
    ' {a: 1}',
    '\uFEFF{}',
    'callers:\n  a: 1',
    '\n\n x: 1\ny: 2',
    'a\rb',
  ]) {
    test(`${JSON.stringify(text)} is the text itself`, () => {
      assert.deepEqual(read(text), { text });
    });
  }

  for (const path of ['hook.yaml', '/etc/hook.json', 'callers: {}', '[]', ' hook.yaml\n']) {
    test(`${JSON.stringify(path)} is the path of a file`, () => {
      const file = path.trim();
      assert.deepEqual(read(path), { text: `the file ${file}`, file });
    });
  }

  for (const nothing of [undefined, '', ' \n ']) {
    test(`${JSON.stringify(nothing)} is missing`, () => {
      assert.match(
        errorsOf(() => read(nothing))[0] ?? '',
        /^\$ is missing: set CANCEL_HOOK_CONFIG/,
      );
    });
  }

  test('a file loses its byte-order mark, and must be UTF-8', () => {
    const of = (bytes: Buffer) => readConfigText('file', () => bytes);
    assert.equal(of(Buffer.from('\uFEFFa: ü')).text, 'a: ü');
    for (const bytes of [Buffer.from('\uFEFFa: 1', 'utf16le'), Buffer.from([0x61, 0xfc])]) {
      assert.deepEqual(
        errorsOf(() => of(bytes)),
        ['$ is not UTF-8 text'],
      );
    }
  });
});

const key = fc.oneof(
  fc.string({ maxLength: 70 }),
  fc.constantFrom('a', 'toString', '__proto__', '"', '\\', '<<', '1', 'null', '#', '- a', 'a: b'),
);
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string(),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((n) => !Object.is(n, -0)),
    fc.constantFrom(null, true, 'true', 'no', '1_0', '0o7', '2020-01-01', '{', '],', '\\"', '\n'),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4 }),
  ),
})).value;
const indents = fc.constantFrom('', ' ', '\t');

describe('JSON and YAML', () => {
  test('every JSON text has the value that JSON.parse gives it, and YAML is not loaded', () => {
    fc.assert(
      fc.property(json, indents, (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        const parsed = parseConfigText(text, () => assert.fail('YAML is loaded'));
        assert.deepEqual(parsed, { value: JSON.parse(text), duplicates: [] });
      }),
      { numRuns: 1_000 },
    );
  });

  test('a value written as YAML, as a block or in brackets, is the same as JSON', () => {
    const styles = fc.record({
      collectionStyle: fc.constantFrom('block', 'flow', 'any'),
      indent: fc.constantFrom(1, 2, 4),
      defaultStringType: fc.constantFrom('PLAIN', 'QUOTE_DOUBLE', 'QUOTE_SINGLE'),
    });
    fc.assert(
      fc.property(json, styles, (value, style) => {
        const text = yaml.stringify(value, { aliasDuplicateObjects: false, ...style } as object);
        assert.deepEqual(parse(text), { value: JSON.parse(JSON.stringify(value)), duplicates: [] });
      }),
      { numRuns: 1_000 },
    );
  });

  test('a word is true, false, null or a number only where YAML 1.2 says so', () => {
    const text =
      'a: yes\nb: no\nc: on\nd: 2020-01-01\ne: 1_0\nf: 12:30\ng: True\nh: 0o7\ni: ~\n<<: {z: 1}';
    assert.deepEqual(parse(text).value, {
      ...{ a: 'yes', b: 'no', c: 'on', d: '2020-01-01', e: '1_0', f: '12:30' },
      ...{ g: true, h: 7, i: null, '<<': { z: 1 } },
    });
    assert.deepEqual(parse(`%YAML 1.1\n---\n${text}`).value, parse(text).value);
  });

  test('an anchor is repeated by its aliases', () => {
    assert.deepEqual(parse('a: &x [1]\nb: *x').value, { a: [1], b: [1] });
  });
});

describe('a text that is neither is refused, and never quoted', () => {
  const rows: [what: string, text: string, error: RegExp][] = [
    [
      'JSON that ends too early',
      '{"a": {"b": "canary',
      /: a quote, a comma, .* is missing \(line 1, /,
    ],
    ['a quote that is not closed', "a: 'canary\n", /: a quote, .*missing/],
    [
      'a tab before a key',
      'a:\n\tcanary: 1',
      /: a tab is not indentation: .* \(line 2, column 1\)/,
    ],
    ['two keys in one line', 'a: canary: 1', /: two keys are in one line, .* \(line 1, column 4\)/],
    ['a path of Windows in double quotes', 'a: "C:\\secrets"', /: a backslash in double quotes/],
    ['two documents', 'a: 1\n---\ncanary: 2', /: only one document is accepted \(line 2/],
    ['a tag', 'a: !!js/function canary', /: tags are not accepted \(line 1, column 4\)/],
    ['a tag of YAML 1.1', 'a: !!binary canary', /: tags are not accepted/],
    ['a list as a key', '? [canary]\n: 1', /: a key must be a text/],
    [
      'a character with a meaning',
      'a: @canary',
      /: a text that begins with this character must be/,
    ],
    ['an alias of nothing', 'a: *canary', /^\$ has an alias without an anchor before it/],
    ['an alias of itself', 'a: &canary { b: *canary }', /^\$ has .*an alias of itself/],
    ['lists nested too deep for the parser', '- '.repeat(5_000), /: it is nested too deep/],
    [
      'a text after a list',
      '- canary\nb: c',
      /: the text is not understood here \(line 2, column 1\)/,
    ],
  ];
  for (const [what, text, error] of rows) {
    test(what, () => {
      const errors = errorsOf(() => parse(text));
      assert.match(errors[0] ?? '', error);
      assert.match(errors[0] ?? '', /^\$ (is neither JSON nor YAML: |has )/);
      assert.doesNotMatch(errors.join(), /canary/);
    });
  }

  for (const [what, text] of Object.entries({
    'brackets that are never closed': `a: ${'['.repeat(100_000)}`,
    'brackets in lines of their own': `a:\n${'  [\n'.repeat(100_000)}`,
    'maps that are never closed': '{a: '.repeat(100_000),
    'JSON of many brackets': `${'['.repeat(5_000)}${']'.repeat(5_000)}`,
  })) {
    test(`${what} are refused before YAML is parsed, which takes seconds`, () => {
      const refuse = () => parseConfigText(text, () => assert.fail('YAML is loaded'));
      assert.deepEqual(errorsOf(refuse), ['$ is nested too deep']);
    });
  }

  test('JSON is as deep as it is, whatever brackets its strings hold', () => {
    const text = `${'["]",'.repeat(20_000)}1${']'.repeat(20_000)}`;
    assert.deepEqual(parseConfigText(text, () => assert.fail('YAML is loaded')).duplicates, []);
  });

  test('aliases that multiply', () => {
    const levels = Array.from(
      { length: 9 },
      (_, at) => `l${at}: &l${at} [${`*l${at - 1},`.repeat(9)}]`,
    );
    const bomb = ['l: &l-1 [lol]', ...levels].join('\n').replaceAll('l-1', 'k');
    assert.match(errorsOf(() => parse(bomb))[0] ?? '', /too many aliases/);
  });

  test('no warning of the parser reaches the process', () => {
    const emitted: unknown[] = [];
    const { emitWarning } = process;
    process.emitWarning = (warning: unknown) => emitted.push(warning);
    try {
      for (const [, text] of rows) errorsOf(() => parse(text));
    } finally {
      process.emitWarning = emitWarning;
    }
    assert.deepEqual(emitted, []);
  });
});

describe('a duplicate key is an issue with its path and position', () => {
  const rows: [what: string, text: string, issues: string[]][] = [
    ['in JSON', '{"a": 1,\n "a": 2}', ['$.a is a duplicate key (line 2, column 2)']],
    [
      'in JSON, with an escape',
      '{"l": [{}, {"ab": {}, "\\u0061b": {}}]}',
      ['$.l[1].ab is a duplicate key (line 1, column 23)'],
    ],
    ['in YAML', 'a:\n  b: 1\n  b: 1\n', ['$.a.b is a duplicate key (line 3, column 3)']],
    ['in YAML, with quotes', '"1": 1\n1: 2\n', ['$["1"] is a duplicate key (line 2, column 1)']],
    [
      'more than once',
      '{a: 1, b: 1, a: 2, a: 3}',
      ['$.a is a duplicate key (line 1, column 14)', '$.a is a duplicate key (line 1, column 20)'],
    ],
    [
      'of an object',
      '__proto__: {}\n__proto__: {}\n',
      ['$.__proto__ is a duplicate key (line 2, column 1)'],
    ],
  ];
  for (const [what, text, issues] of rows) {
    test(what, () => {
      assert.deepEqual(parse(text).duplicates.map(formatIssue), issues);
    });
  }

  test('a key in a string, and equal keys of different objects, are none', () => {
    const text = '{"a": "\\"a\\": 1, \\"a\\":", "b": {"a": [{"a": 1}, {"a": ":"}]}, "c:": "a :"}';
    assert.deepEqual(parseConfigText(text, () => assert.fail('YAML is loaded')).duplicates, []);
  });
});

test('every value of a text has its position, in JSON and YAML', () => {
  fc.assert(
    fc.property(json, indents, fc.boolean(), (value, indent, isJson) => {
      const text = isJson ? JSON.stringify(value, null, indent) : yaml.stringify(value);
      const find = createPositionFinder(text, yaml);
      const lines = text.split('\n');
      const visit = (one: unknown, path: (string | number)[]): void => {
        const { line, column } = find(path);
        const there = lines[line - 1]?.slice(column - 1) ?? '';
        const last = path.at(-1);
        if (isJson) {
          const begins =
            typeof last === 'string' ? JSON.stringify(last) : JSON.stringify(one, null, indent);
          assert.ok(there.startsWith(begins.split('\n')[0] ?? ''), `${there} at ${path}`);
        } else if (typeof last === 'string') {
          assert.match(there, /^(["']|\? |[^\s"'])/);
        }
        if (Array.isArray(one)) for (const [at, each] of one.entries()) visit(each, [...path, at]);
        else if (typeof one === 'object' && one !== null) {
          for (const [name, each] of Object.entries(one)) visit(each, [...path, name]);
        }
      };
      visit(value, []);
    }),
    { numRuns: 500 },
  );
});

test('the position of a missing value is that of its nearest parent', () => {
  const find = createPositionFinder('a:\n  - b: 1\n  - c\n', yaml);
  assert.deepEqual(find(['a', 0, 'x', 'y']), { line: 2, column: 5 });
  assert.deepEqual(find(['a', 7]), { line: 1, column: 1 });
  assert.deepEqual(find(['x']), { line: 1, column: 1 });
});
