/** What Terraform knows of the configuration is what the function knows of it. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { formatServices } from '../../deploy/services.ts';
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
