import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { formatSchema } from '../../deploy/schema.ts';
import { root } from '../support/function.ts';
import { INVALID_CONFIGS, validConfig } from '../support/invalid-configs.ts';
import { parseBlocks } from '../support/markdown.ts';

interface Schema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly oneOf?: readonly Schema[];
}

const PATTERN = 'projects/p/locations/*/operations/*';
const ALLOW = [{ operations: [PATTERN] }];

describe('the published schema', () => {
  const text = readFileSync(`${root}/deploy/cancel-hook.schema.json`, 'utf8');
  const published = JSON.parse(text);

  /** Compiles it as strictly as ajv can; only the keyword of VS Code is declared. */
  const compile = () => {
    const ajv = new Ajv({ strict: true, allErrors: true });
    ajv.addVocabulary(['patternErrorMessage']);
    return ajv.compile(published);
  };

  test('is what the start checks, written by npm run fix, with an $id', () => {
    assert.equal(text, formatSchema());
    assert.equal(published.$schema, 'http://json-schema.org/draft-07/schema#');
    assert.equal(published.$id, 'urn:cancel-hook:configuration');
  });

  test('says what each pattern means', () => {
    const patterns = text.match(/"pattern": /g) ?? [];
    const messages = text.match(/"patternErrorMessage": "must be /g) ?? [];
    assert.ok(patterns.length > 30);
    assert.equal(messages.length, patterns.length);
  });

  test('tells of each key what it is for', () => {
    const told: string[] = [];
    const visit = (schema: Schema, path: string): void => {
      for (const [key, one] of Object.entries(schema.properties ?? {})) {
        assert.ok((one.description ?? '').length > 10, `${path}.${key}`);
        told.push(key);
        visit(one, `${path}.${key}`);
      }
      for (const one of [schema.items, schema.additionalProperties, ...(schema.oneOf ?? [])]) {
        if (typeof one === 'object') visit(one, `${path}.*`);
      }
    };
    visit(published, '$');
    assert.ok(told.length > 80, `${told.length}`);
  });

  describe('is named by each example, which it accepts', () => {
    const pages = globSync(['*.md', 'deploy/**/*.md', '.github/**/*.md'], { cwd: root });
    const examples = pages
      .flatMap(parseBlocks)
      .filter(
        ({ language, text }) =>
          (language === 'json' || language === 'yaml') && /^ {0,2}"?callers"?:/m.test(text),
      )
      .map(({ page, line, text }) => ({ page, line, config: parse(text) }));
    const validate = compile();
    for (const { page, line, config } of examples) {
      test(`${page}:${line}`, () => {
        assert.ok(validate({ allow: ALLOW, ...config }), JSON.stringify(validate.errors));
      });
    }
    test('there are some', () => assert.ok(examples.length >= 5, `${examples.length}`));
  });

  test('passes the strict mode of ajv, accepts what starts, and refuses what a schema can refuse', () => {
    const validate = compile();
    assert.ok(validate(validConfig()), JSON.stringify(validate.errors));
    for (const { what, config, bySchema } of INVALID_CONFIGS) {
      assert.equal(validate(config), !bySchema, what);
    }
    assert.ok(INVALID_CONFIGS.filter(({ bySchema }) => bySchema).length > 25);
  });
});
