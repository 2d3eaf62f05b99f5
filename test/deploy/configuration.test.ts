/** What Terraform knows of the configuration is what the function knows of it. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite, test } from 'node:test';
import yaml from 'yaml';
import { callerTypes } from '../../src/callers/index.ts';
import { systemClock } from '../../src/clock.ts';
import { loadConfig } from '../../src/config/config.ts';
import { configSchema } from '../../src/config/config-schema.ts';
import {
  copyTo,
  packedFiles,
  root,
  temporaryFolder,
  terraformTool,
  withoutTerraform,
} from './pack.ts';

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

suite('what an example plans, the function starts with', { skip: withoutTerraform }, () => {
  for (const name of readdirSync(join(root, 'deploy/terraform/examples'))) {
    test(name, (t) => {
      const folder = temporaryFolder();
      t.after(() => rmSync(folder, { recursive: true }));
      copyTo(folder, ['.gcloudignore', ...packedFiles(), 'deploy/terraform']);
      const planned = execFileSync(
        terraformTool,
        [join(folder, 'deploy/terraform/examples', name), 'test', '-verbose', '-json'],
        {
          encoding: 'utf8',
          env: { ...process.env, TERRAFORM_OFFLINE_ROOT: folder },
          maxBuffer: 1 << 26,
          stdio: ['ignore', 'pipe', 'pipe'],
        },
      );
      // A text within a line of JSON.
      const [, quoted] = /"CANCEL_HOOK_CONFIG":("(?:[^"\\]|\\.)*")/.exec(planned) ?? [];
      assert.ok(quoted, 'the plan has no configuration');
      const text = (JSON.parse(quoted) as string).replaceAll('file:/', `file:${folder}/`);
      for (const [, path = ''] of text.matchAll(/"file:([^"]+)"/g)) {
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, 'a-value-of-some-length-0123456789');
      }
      const { callers } = loadConfig(text, {
        env: {},
        clock: systemClock,
        loadYaml: () => yaml,
        keySource: () => ({ get: () => assert.fail('no key is asked for') }),
        post: () => assert.fail('nothing is sent'),
        logError: () => {},
        warn: () => {},
      });
      assert.deepEqual([...callers.keys()].sort(), Object.keys(JSON.parse(text).callers).sort());
    });
  }
});
