import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import yaml from 'yaml';
import {
  ConfigError,
  createPositionFinder,
  formatIssue,
  parseConfigText,
  readConfigText,
} from '../../src/config/read-config.ts';

const loadYaml = () => yaml;
const noYaml = () => assert.fail('the parser of YAML is not needed');

function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.issues.map(formatIssue).join('\n');
  }
  return assert.fail('nothing was thrown');
}

describe('the value of CANCEL_HOOK_CONFIG', () => {
  test('is the text itself where it begins with { or has a line break', () => {
    assert.deepEqual(readConfigText(' {"a":1}'), { text: '{"a":1}' });
    assert.deepEqual(readConfigText('a: 1\nb: 2\n'), { text: 'a: 1\nb: 2' });
  });

  test('is a path otherwise; a byte order mark in the file is dropped', () => {
    const folder = mkdtempSync(join(tmpdir(), 'config-'));
    const file = join(folder, 'hook.yaml');
    writeFileSync(file, '\uFEFFmode: observe\n');
    assert.deepEqual(readConfigText(file), { text: 'mode: observe\n', file });
    rmSync(folder, { recursive: true });
  });

  test('that is missing or names no file is an error that does not quote it', () => {
    assert.match(
      messageOf(() => readConfigText(undefined)),
      /^\$ is missing/,
    );
    assert.match(
      messageOf(() => readConfigText(' ')),
      /^\$ is missing/,
    );
    const message = messageOf(() => readConfigText('canary-secret'));
    assert.match(message, /nor a readable file/);
    assert.doesNotMatch(message, /canary/);
  });
});

describe('a text', () => {
  test('that is JSON is read without the parser of YAML', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        fc.pre(!/"__proto__"/.test(json));
        assert.deepEqual(parseConfigText(json, noYaml), JSON.parse(json));
      }),
    );
  });

  test('in YAML has the same value as in JSON', () => {
    const values = fc.dictionary(fc.stringMatching(/^[a-z]{1,9}$/), fc.jsonValue({ maxDepth: 3 }));
    fc.assert(
      fc.property(values, (value) => {
        const expected = JSON.parse(JSON.stringify(value));
        fc.pre(!JSON.stringify(value).includes('__proto__'));
        assert.deepEqual(parseConfigText(yaml.stringify(expected), loadYaml), expected);
      }),
    );
  });

  for (const [what, text, message] of [
    ['a key twice in JSON', '{"a": 1,\n "canary": 2, "canary": 3}', /has a key twice \(line 2, /],
    ['a key twice deep in JSON', '{"a": [{"b": 1, "b": 2}]}', /has a key twice \(line 1, /],
    ['a key twice in YAML', 'canary: 1\ncanary: 2\n', /has a key twice \(line 2, column 1\)/],
    ['a quote that is not closed', 'a: "canary\n', /misses a character/],
    [
      'a bracket that is not closed',
      '{"canary": [1\n',
      /misses a character|not valid YAML|indentation/,
    ],
    ['a tab as indentation', 'a:\n\tcanary: 1\n', /tab as indentation/],
    ['two documents', 'a: 1\n---\ncanary: 2\n', /more than one document/],
    ['a tag', 'a: !canary 1\n', /has a tag/],
    ['an alias without an anchor', 'a: *canary\n', /aliases|not valid/],
    ['a great depth', '['.repeat(200_000), /nested too deep|misses a character|not valid YAML/],
  ] as const) {
    test(`with ${what} is an error that does not quote it`, () => {
      const found = messageOf(() => parseConfigText(text, loadYaml));
      assert.match(found, message);
      assert.doesNotMatch(found, /canary/);
    });
  }

  test('with aliases that multiply without end is an error', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let i = 1; i < 9; i++) lines.push(`a${i}: &a${i} [${Array(10).fill(`*a${i - 1}`)}]`);
    assert.match(
      messageOf(() => parseConfigText(lines.join('\n'), loadYaml)),
      /aliases/,
    );
  });
});

test('each value of a text has the position of its key, or of itself in a list', () => {
  const key = fc.stringMatching(/^[a-z]{1,9}$/);
  const values = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.integer(),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(key, tie('value'), { maxKeys: 4 }),
    ),
  })).value;
  const formats = fc.constantFrom(
    (value: unknown) => JSON.stringify(value),
    (value: unknown) => JSON.stringify(value, null, 2),
    (value: unknown) => yaml.stringify(value),
  );
  fc.assert(
    fc.property(values, formats, (value, format) => {
      const text = format(value);
      const lines = text.split('\n');
      const find = createPositionFinder(text, yaml);
      const visit = (one: unknown, path: (string | number)[]): void => {
        const { line, column } = find(path);
        const there = lines[line - 1]?.slice(column - 1) ?? '';
        const last = path.at(-1);
        if (typeof last === 'string') assert.match(there, new RegExp(`^"?${last}"?:`));
        else if (typeof one === 'number') assert.ok(there.startsWith(String(one)), there);
        for (const [name, each] of Object.entries(Object(one))) {
          visit(each, [...path, Array.isArray(one) ? Number(name) : name]);
        }
      };
      visit(value, []);
    }),
    { numRuns: 500 },
  );
});
