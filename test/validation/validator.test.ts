/** Validators: which errors they find, and that sharing fragments changes none. */

import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { compiled, OPTIONS, shareFragments } from '../../src/validation/compile.ts';
import { createValidator } from '../../src/validation/validator.ts';
import '../../src/config/config-schema.ts';
import { configSchema } from '../../src/config/config-schema.ts';
import { root } from '../support/function.ts';

const id = {
  type: 'string',
  minLength: 2,
  pattern: '^[a-z]+$',
  description: 'an identifier',
} as const;
const schema = {
  type: 'object',
  required: ['a'],
  additionalProperties: false,
  properties: { a: { ...id, description: 'another' }, b: id, list: { type: 'array', items: id } },
} as const;
const faulty = { a: 'A', list: ['x', 1], more: true };

test('a validator finds the first error, or every error where it is asked to', () => {
  const first = createValidator('FirstError', schema)(faulty);
  const all = createValidator('AllErrors', schema, { allErrors: true })(faulty);
  assert.ok(!first.ok && !all.ok);
  assert.equal(first.issues.length, 1);
  assert.deepEqual(all.issues.map(({ path }) => path.join('.')).sort(), [
    'a',
    'a',
    'list.0',
    'list.1',
    'more',
  ]);
});

test('fragments that a schema has several times become one definition', () => {
  const { description: _, ...fragment } = id;
  const $ref = '#/definitions/fragment0';
  assert.deepEqual(shareFragments(schema), {
    ...schema,
    properties: { a: { $ref }, b: { $ref }, list: { type: 'array', items: { $ref } } },
    definitions: { fragment0: fragment },
  });
});

test('the shared schema of the configuration refuses and accepts what the published one does', () => {
  const shared = compiled.get('Configuration')?.schema ?? assert.fail();
  const validators = [shared, configSchema].map((each) =>
    new Ajv({ ...OPTIONS, allErrors: true }).compile(each),
  );
  const secret = 'env:SECRET';
  const preset = { parent: 'projects/p/locations/l', olderThan: '1h' };
  const auth = { bearer: secret };
  const alertmanager = { type: 'alertmanager', auth, preset };
  const allow = [{ operations: ['projects/p/locations/*/operations/*'] }];
  const configs: object[] = [{}, { callers: {}, allow: [] }];
  for (const caller of [
    alertmanager,
    { type: 'x' },
    {},
    { ...alertmanager, auth: {} },
    { ...alertmanager, auth: { bearer: [secret, 'x', 1] } },
    { ...alertmanager, preset: { ...preset, olderThan: 'x', verbs: ['', 1], more: 1 } },
    { type: 'pagerduty', secrets: [] },
    { type: 'slack', signingSecret: 'SECRET' },
  ]) {
    configs.push({ callers: { a: caller }, allow });
    configs.push({ callers: { a: caller, B: caller }, allow: [{ operations: [''], sweep: 1 }] });
  }
  for (const config of configs) {
    const [one, other] = validators.map((validate) => {
      validate(config);
      return (validate.errors ?? []).map(({ instancePath, keyword }) => [instancePath, keyword]);
    });
    assert.deepEqual(one?.sort(), other?.sort(), JSON.stringify(config));
  }
});

test('the function with its validators stays below 350 kB', () => {
  assert.ok(statSync(`${root}/dist/function.cjs`).size < 350_000);
});
