/** What Terraform knows of the configuration is what the function knows of it. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { formatServices } from '../../deploy/services.ts';
import { callerTypes } from '../../src/callers/index.ts';
import { configSchema } from '../../src/config/config-schema.ts';
import { root } from './pack.ts';

interface Settings {
  readonly properties: Readonly<Record<string, { readonly properties?: object }>>;
}

const file = (name: string) => readFileSync(join(root, 'deploy/terraform', name), 'utf8');

/** A local of the form `NAME = { key = ["…", …] … }`. */
function table(name: string): Record<string, string[]> {
  const [, rows = ''] =
    new RegExp(`^  ${name} = \\{\\n(.*?)^  \\}`, 'ms').exec(file('configuration.tf')) ?? [];
  return Object.fromEntries(
    [...rows.matchAll(/^\s*([\w-]+)\s*= (\[.*\])$/gm)].map(([, key = '', list = '']) => [
      key,
      JSON.parse(list).sort(),
    ]),
  );
}

test('the types of callers, their keys and their proofs are those of the schema', () => {
  const keys = table('caller_keys');
  const auth = table('caller_auth');
  assert.ok(Object.keys(keys).length >= callerTypes.length);
  for (const { type, settings } of callerTypes) {
    const { type: _, ...properties } = (settings as Settings).properties;
    assert.deepEqual(keys[type], Object.keys(properties).sort(), type);
    const proofs = properties.auth?.properties;
    assert.deepEqual(auth[type], proofs && Object.keys(proofs).sort(), type);
  }
});

test('the services are those of the table of resource types, written by npm run fix', () => {
  assert.equal(file('services.json'), formatServices());
});

test('every other key of the schema is known', () => {
  const faults = file('configuration-faults.tf');
  const { properties } = configSchema;
  for (const key of [
    ...Object.keys(properties),
    ...Object.keys(properties.allow.items.properties),
    ...Object.keys(properties.endpoints.properties),
  ]) {
    assert.ok(faults.includes(`"${key}"`), `${key} is not in configuration-faults.tf`);
  }
  for (const limit of Object.keys(properties.limits.properties)) {
    assert.match(file('configuration.tf'), new RegExp(`default_limits.*\\b${limit} = \\d`));
  }
});
