/** Terraform's check of the configuration accepts and refuses what the function's schema does. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { formatConfigurationRules } from '../../deploy/configuration-rules.ts';
import { validateConfig } from '../../src/config/config-schema.ts';
import { copyTo, prepareTerraform, root, temporaryFolder, withoutTerraform } from './pack.ts';

const MODULE = 'deploy/terraform/modules/configuration-schema';
const read = (file: string) => readFileSync(join(root, file), 'utf8');

const secret = ['env:SECRET_OF_A_CALLER'];
const google = { audience: ['https://hook.example.com'], emails: ['a@example.com'] };
const preset = {
  parent: 'projects/p/locations/-',
  olderThan: '1.5h',
  verbs: ['create'],
  targets: ['projects/p/**'],
  limit: 5,
  reason: 'too old',
  validateOnly: true,
};
const alert = { description: '', mode: 'ask', notify: ['oncall'], wait: '3s' };
const basic = { basic: { username: 'u', password: 'file:/secrets/x' } };
const hmac = { hmac: { secret, header: 'X-Signature', timestampHeader: 'X-Time' } };

/** A caller of each type, with each key in one of them. */
const callers: readonly object[] = [
  { type: 'json', auth: { bearer: secret }, mode: 'observe', notify: ['oncall'] },
  { type: 'json', auth: { google } },
  { type: 'json', auth: { iam: true } },
  { type: 'json', auth: { iam: google } },
  { type: 'json', auth: { standardWebhooks: 'env:SECRET_OF_A_CALLER' } },
  { type: 'slack', signingSecret: secret },
  {
    type: 'mcp',
    auth: { bearer: secret },
    origins: ['https://agents.example.com'],
    cancelsPerMinute: 5,
  },
  { type: 'google-chat', audience: '1', serviceAccount: 'a@b.example' },
  { type: 'alertmanager', auth: basic, field: 'operation' },
  { type: 'cloud-monitoring', auth: { token: secret }, ...alert },
  { type: 'grafana', auth: hmac, field: 'x' },
  { type: 'pagerduty', secrets: secret },
  { type: 'pubsub', auth: { iam: true }, preset: { ...preset, threshold: 1.5 } },
];

const allow = [{ operations: ['projects/p/locations/*/operations/*'] }];
const others = {
  $schema: 'x',
  callers: { ops: callers[2] },
  destinations: { oncall: { type: 'slack', url: secret } },
  allow: [
    {
      ...allow[0],
      description: '',
      callers: ['ops'],
      principals: ['a@example.com'],
      verbs: ['create'],
      targets: ['projects/p/**'],
      sweep: true,
    },
  ],
  mode: 'observe',
  endpoints: {
    privateca: 'http://localhost',
    services: { 'dataproc.googleapis.com': 'http://localhost' },
  },
  limits: { bodyBytes: 1, upstreamSeconds: 0.5, sweepMax: 10_000 },
  queue: 'projects/p/locations/l/queues/q',
};

const withCaller = (caller: unknown) => ({ callers: { ops: caller }, allow });
const valid: object[] = [...callers.map(withCaller), others];

/** What takes the place of each value, one after the other; undefined removes it. */
const WRONG = [undefined, null, '', [], {}, 1.5, 1e9];

/** One of so many wrong configurations is tried; `SAMPLE=1` tries all, in a minute or two. */
const SAMPLE = Number(process.env.SAMPLE ?? 4);

/** Copies of a value in which one part is replaced, or has a key that the schema does not know. */
function* mutate(value: unknown): Generator<unknown> {
  yield* WRONG;
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    yield [...value, ...Array(51).fill(value[0])];
    for (const part of mutate(value[0])) yield [part, ...value.slice(1)];
    return;
  }
  yield { ...value, 'x.y': 1 };
  for (const [key, part] of Object.entries(value)) {
    for (const other of mutate(part)) yield { ...value, [key]: other };
  }
}

test('the rules are those of the schema, written by npm run fix', () => {
  const rules = formatConfigurationRules(read('deploy/cancel-hook.schema.json'));
  assert.equal(read(`${MODULE}/rules.json`), rules);
});

test('a keyword without a rule is an error', () => {
  assert.throws(() => formatConfigurationRules('{"properties":{"a":{"format":"uri"}}}'), {
    message: 'no rule for format at .a',
  });
});

suite('Terraform', { skip: withoutTerraform }, () => {
  const folder = temporaryFolder();
  after(() => rmSync(folder, { recursive: true }));

  test('refuses exactly what the schema refuses', () => {
    const wrong = [
      ...callers.flatMap((caller) => [...mutate(caller)].map(withCaller)),
      ...mutate(others),
    ];
    // Terraform takes a tenth of a second for each. The step is prime to the number of WRONG values.
    const some = wrong.filter((_, index) => index % SAMPLE === 0);
    const cases = [...valid, ...some].map((one) => JSON.stringify(one) ?? 'null');
    const verdicts = Object.fromEntries(
      [...new Set(cases)].map((text) => [text, validateConfig(JSON.parse(text)).ok]),
    );
    for (const one of valid) assert.equal(verdicts[JSON.stringify(one)], true);
    assert.ok(Object.keys(verdicts).length > 500 / SAMPLE);

    copyTo(folder, [MODULE]);
    mkdirSync(join(folder, 'tests'));
    writeFileSync(join(folder, 'cases.json'), JSON.stringify(Object.keys(verdicts)));
    writeFileSync(join(folder, 'verdicts.json'), JSON.stringify(Object.values(verdicts)));
    writeFileSync(
      join(folder, 'main.tf'),
      `locals {
  cases    = jsondecode(file("\${path.module}/cases.json"))
  verdicts = jsondecode(file("\${path.module}/verdicts.json"))
}
module "case" {
  count         = length(local.cases)
  source        = "./${MODULE}"
  configuration = local.cases[count.index]
}
output "differences" {
  value = [for i, valid in local.verdicts : "\${valid} \${local.cases[i]} \${jsonencode(module.case[i].errors)}" if valid != (length(module.case[i].errors) == 0)]
}
`,
    );
    writeFileSync(
      join(folder, 'tests/differences.tftest.hcl'),
      `run "differences" {
  command = plan
  assert {
    condition     = length(output.differences) == 0
    error_message = join("\\n", output.differences)
  }
}
`,
    );
    const tool = prepareTerraform(join(folder, 'terraform-offline'));
    execFileSync(tool, [folder, 'test'], { encoding: 'utf8', stdio: 'pipe' });
  });
});
