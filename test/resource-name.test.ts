import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseResourceName } from '../src/resource-name.ts';
import {
  matchPattern,
  type Pattern,
  parseNamePattern,
  parseTargetPattern,
} from '../src/resource-pattern.ts';
import { isName, matchesPattern } from './support/grammar.ts';
import { hostileNames, names, patterns, segments } from './support/names.ts';

function parse(text: string): Pattern {
  const pattern = parseNamePattern(text);
  return typeof pattern === 'string' ? assert.fail(`${text}: ${pattern}`) : pattern;
}

describe("an operation's name", () => {
  test('is accepted where the grammar has it, as it stands and as a full resource name', () => {
    fc.assert(
      fc.property(names, (name) => {
        assert.ok(isName(name));
        assert.equal(parseResourceName(name), name);
        assert.equal(parseResourceName(`//privateca.googleapis.com/${name}`), name);
      }),
    );
  });

  test('is refused everywhere else: dots, escapes, controls, letters of other alphabets', () => {
    let refused = 0;
    fc.assert(
      fc.property(hostileNames, (text) => {
        if (!isName(text)) refused += 1;
        assert.equal(parseResourceName(text) !== undefined, isName(text), JSON.stringify(text));
      }),
      { numRuns: 2_000 },
    );
    assert.ok(refused > 1_000, 'the property saw names to refuse');
  });

  for (const [what, segment] of Object.entries({
    'two dots': '..',
    'a dot first': '.a',
    'a hyphen first': '-',
    'an escape': 'a%2fb',
    'a query': 'a?b',
    'a fragment': 'a#b',
    'a backslash': 'a\\b',
    'a parameter': 'a;b',
    'an at': 'a@b',
    'a blank': 'a b',
    'a line end': 'a\n',
    'a zero': 'a\0',
    'an umlaut': 'ä',
    'a letter that looks like one': 'а',
    'a colon': 'a:cancel',
    'a star': '*',
    '129 characters': 'a'.repeat(129),
    nothing: '',
  })) {
    test(`never has a segment of ${what}`, () => {
      const at = (i: number) => ['p', 'l', 'o'].map((each, j) => (i === j ? segment : each));
      for (const i of [0, 1, 2]) {
        if (segment === 'a:cancel' && i === 0) continue; // a project with a domain
        const [p, l, o] = at(i);
        assert.equal(parseResourceName(`projects/${p}/locations/${l}/operations/${o}`), undefined);
      }
    });
  }

  test('is no other service’s, and has nothing before or behind it', () => {
    const name = 'projects/p/locations/l/operations/o';
    for (const text of [
      `//compute.googleapis.com/${name}`,
      `//privateca.googleapis.com//${name}`,
      `//privateca.googleapis.com/v1/${name}`,
      `https://privateca.googleapis.com/${name}`,
      `/${name}`,
      `${name}/`,
      `${name}/more`,
      ` ${name}`,
      `${name}:cancel`,
      name.toUpperCase(),
    ]) {
      assert.equal(parseResourceName(text), undefined, text);
    }
  });
});

describe('a pattern', () => {
  test('matches what a plain reference says it does', () => {
    let matched = 0;
    fc.assert(
      fc.property(patterns, names, (pattern, name) => {
        const expected = matchesPattern(pattern, name);
        if (expected) matched += 1;
        assert.equal(matchPattern(parse(pattern), name), expected, `${pattern} on ${name}`);
      }),
      { numRuns: 1_000 },
    );
    assert.ok(matched > 30, `the property saw matches: ${matched}`);
  });

  test('without a star matches the very name and no other', () => {
    fc.assert(
      fc.property(names, names, (name, other) => {
        assert.ok(matchPattern(parse(name), name));
        assert.equal(matchPattern(parse(name), other), name === other);
        assert.ok(!matchPattern(parse(name), `${name}0`));
      }),
    );
  });

  test('of projects/p1 never matches projects/p10', () => {
    const pattern = parse('projects/p1/locations/*/operations/*');
    assert.ok(matchPattern(pattern, 'projects/p1/locations/l/operations/o'));
    for (const project of ['p10', 'p', 'xp1', 'P1', 'p1.x', 'x:p1']) {
      assert.ok(!matchPattern(pattern, `projects/${project}/locations/l/operations/o`), project);
    }
  });

  test('’s star stands for nothing, too, and never for a slash', () => {
    const pattern = parse('projects/p*/locations/*/operations/o-*-x');
    assert.ok(matchPattern(pattern, 'projects/p/locations/l/operations/o--x'));
    assert.ok(!matchPattern(pattern, 'projects/p/locations/l/operations/o-x'), 'no overlap');
    assert.ok(!matchPattern(pattern, 'projects/p/q/locations/l/operations/o-1-x'));
    assert.ok(!matchPattern(pattern, 'projects/p/locations//operations/o-1-x'));
    fc.assert(
      fc.property(segments, segments, (a, b) => {
        assert.ok(!matchPattern(parse('projects/*/locations/*/operations/*'), `${a}/${b}`));
        const deep = `projects/p/locations/l/operations/${a}/${b}`;
        assert.ok(!matchPattern(parse('projects/*/locations/*/operations/*'), deep));
      }),
    );
  });

  test('costs no more than its length, however nasty', () => {
    const stars = `${'a*'.repeat(60)}b`;
    const pattern = parse(`projects/p/locations/l/operations/${stars}`);
    const name = `projects/p/locations/l/operations/${'a'.repeat(128)}`;
    const before = performance.now();
    for (let i = 0; i < 1_000; i++) assert.ok(!matchPattern(pattern, name));
    assert.ok(performance.now() - before < 1_000);
  });
});

describe('a target’s pattern', () => {
  const target = (pattern: string, name: string) => {
    const parsed = parseTargetPattern(pattern);
    return typeof parsed === 'string' ? assert.fail(parsed) : matchPattern(parsed, name);
  };

  test('ends in ** for one segment or more', () => {
    assert.ok(target('projects/p/**', 'projects/p/x'));
    assert.ok(target('projects/p/**', 'projects/p/locations/l/caPools/x'));
    assert.ok(!target('projects/p/**', 'projects/p'));
    assert.ok(!target('projects/p/**', 'projects/p/'));
    assert.ok(!target('projects/p/**', 'projects/p10/x'));
    assert.ok(!target('projects/p/**', 'projects/p//x'));
  });

  test('without ** has as many segments as the target', () => {
    assert.ok(
      target('projects/p/locations/*/caPools/dev-*', 'projects/p/locations/l/caPools/dev-1'),
    );
    assert.ok(!target('projects/p/*', 'projects/p/locations/l'));
  });

  test('has ** nowhere else', () => {
    for (const text of ['projects/**/x', 'projects/p**', '**x', '**/x']) {
      assert.equal(typeof parseTargetPattern(text), 'string', text);
    }
  });
});
