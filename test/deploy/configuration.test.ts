/** What Terraform knows of the configuration is what the function knows of it. */

import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { formatServices } from '../../deploy/services.ts';
import { formatModuleReadme } from '../../deploy/terraform-readme.ts';
import { DEFAULT_LIMITS } from '../../src/config/config-schema.ts';
import { root } from './pack.ts';

const file = (name: string) => readFileSync(join(root, 'deploy/terraform', name), 'utf8');

test('the services are those of the table of resource types, written by npm run fix', () => {
  assert.equal(file('services.json'), formatServices());
});

test('the defaults of limits are those of the function', () => {
  const [, defaults = ''] = /default_limits = \{ (.*) \}/.exec(file('configuration.tf')) ?? [];
  const limits = defaults.split(', ').map((limit) => limit.split(' = '));
  assert.deepEqual(
    Object.fromEntries(limits.map(([name, value]) => [name, Number(value)])),
    DEFAULT_LIMITS,
  );
});

test("the README's inputs and outputs are those of the module, written by npm run fix", () => {
  assert.equal(file('README.md'), formatModuleReadme(file('README.md')));
});

test('a test sets each variable of the module, and one breaks each that is validated', () => {
  const read = (pattern: string) =>
    globSync(pattern, { cwd: join(root, 'deploy/terraform') })
      .map(file)
      .join('\n');
  const tests = read('tests/*.tftest.hcl');
  const variables = [...read('*.tf').matchAll(/^variable "(\w+)" \{\n(.*?)^\}/gms)];
  assert.ok(variables.length > 40);
  for (const [, name = '', body = ''] of variables) {
    assert.match(tests, new RegExp(`^ +${name} +=`, 'm'));
    if (!body.includes('  validation {')) continue;
    assert.match(tests, new RegExp(`^ +(expect_failures = \\[)?var\\.${name}[,\\]]`, 'm'), name);
  }
});
