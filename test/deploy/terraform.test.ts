/** The Terraform module, its examples and its README's blocks, by the real terraform, offline. */

import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { after, before, suite, test } from 'node:test';
import yaml from 'yaml';
import { systemClock } from '../../src/clock.ts';
import { loadConfig } from '../../src/config/config.ts';
import {
  blocksOf,
  copyTo,
  packedFiles,
  prepareTerraform,
  root,
  temporaryFolder,
  withoutTerraform,
} from './pack.ts';

const examples = readdirSync(join(root, 'deploy/terraform/examples')).sort();

/** For a root module that needs no variable: it plans and applies, against nothing. */
const PLANS = 'run "plans" {}\n';
const MOCKS = `mock_provider "google" {}\nmock_provider "archive" {}\n\n${PLANS}`;

/** What the module cannot do without; each file that is packed costs every plan a few milliseconds. */
const LEAST = ['package.json', 'package-lock.json', 'deploy/bundle.ts', 'src/index.ts'];

suite('terraform', { skip: withoutTerraform, concurrency: 2 }, () => {
  const folder = temporaryFolder();
  const packed = packedFiles();
  const bin = join(folder, 'bin');
  let tool: string;
  const gcloudLog = join(folder, 'gcloud.log');
  before(() => {
    tool = prepareTerraform(join(folder, 'terraform-offline'));
    copyTo(folder, ['.gcloudignore', ...LEAST, 'deploy/runtime-env.json', 'deploy/terraform']);
    // An apply may run gcloud.
    mkdirSync(bin);
    writeFileSync(join(bin, 'gcloud'), `#!/bin/sh\necho "gcloud $*" >>'${gcloudLog}'\n`);
    chmodSync(join(bin, 'gcloud'), 0o755);
  });
  after(() => rmSync(folder, { recursive: true }));

  const terraform = (module: string, ...args: string[]) => terraformIn(folder, module, ...args);

  const terraformIn = (copy: string, module: string, ...args: string[]) =>
    new Promise<{ code: number; output: string }>((done) => {
      execFile(
        tool,
        [join(copy, 'deploy/terraform', module), ...args],
        {
          env: {
            ...process.env,
            PATH: [bin, process.env.PATH].join(delimiter),
            TERRAFORM_OFFLINE_ROOT: copy,
          },
          maxBuffer: 1 << 26,
        },
        (error, stdout, stderr) =>
          done({ code: error ? Number(error.code) || 1 : 0, output: stdout + stderr }),
      );
    });

  /** Files of another root module, beside the examples. */
  function example(name: string, files: Record<string, string>): string {
    const module = `examples/${name}`;
    for (const [file, text] of Object.entries(files)) {
      const path = join(folder, 'deploy/terraform', module, file);
      mkdirSync(resolve(path, '..'), { recursive: true });
      writeFileSync(path, text);
    }
    return module;
  }

  test('all files are formatted', async () => {
    const { code, output } = await terraformIn(root, '.', 'fmt', '-check', '-diff');
    assert.equal(code, 0, output);
  });

  test('the module is valid, and what its tests say holds', async () => {
    const { code, output } = await terraform('.', 'test');
    assert.equal(code, 0, output);
    assert.match(output, /Success! [1-9]\d* passed, 0 failed\./);
  });

  test('there is an example of each kind', () => {
    assert.deepEqual(examples, [
      'alerting',
      'behind-load-balancer',
      'chat-ops',
      'scheduled-sweep',
      'smallest',
    ]);
  });

  for (const name of examples) {
    test(`the example ${name} plans, and the function starts with its configuration`, async () => {
      const { code, output } = await terraform(`examples/${name}`, 'test', '-verbose', '-json');
      assert.equal(code, 0, output);
      assert.match(output, /Success! [1-9]\d* passed, 0 failed\./);
      // A text within a line of JSON.
      const [, quoted] = /"CANCEL_HOOK_CONFIG":("(?:[^"\\]|\\.)*")/.exec(output) ?? [];
      assert.ok(quoted, 'the plan has no configuration');
      startsWith(JSON.parse(quoted));
      if (name !== 'chat-ops') return;
      // The CPU stays allocated after a response, and no invoker is asked for; in the end, one is again.
      const updates = readFileSync(gcloudLog, 'utf8');
      const update =
        'gcloud run services update cancel-hook --region=us-central1 --project=example-project';
      assert.ok(updates.includes(`${update} --no-cpu-throttling --no-invoker-iam-check --quiet\n`));
      assert.ok(updates.includes(`${update} --invoker-iam-check --quiet\n`));
    });
  }

  /** Reads a configuration as the function does at its start, with a file for each secret. */
  function startsWith(planned: string): void {
    const text = planned.replaceAll('file:/', `file:${folder}/`);
    for (const [, path = ''] of text.matchAll(/"file:([^"]+)"/g)) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, 'a-value-of-some-length-0123456789');
    }
    const { callers } = loadConfig(text, {
      env: {},
      clock: systemClock,
      loadYaml: () => yaml,
      createKeySet: () => ({ get: () => assert.fail('no key is asked for') }),
      post: () => assert.fail('nothing is sent'),
      logError: () => {},
      warn: () => {},
    });
    assert.deepEqual([...callers.keys()].sort(), Object.keys(JSON.parse(text).callers).sort());
  }

  test('the Terraform of deploy/README.md, resources.md, and terraform/README.md plans', async () => {
    const pages = ['deploy/README.md', 'deploy/resources.md', 'deploy/terraform/README.md'];
    const blocks = pages.flatMap((page) => {
      const found = blocksOf('hcl', page);
      assert.ok(found.length > 0, page);
      return found;
    });
    const source = /"(\.\/cancel-hook\/deploy\/terraform|git::.*\/\/deploy\/terraform\?ref=v.*)"/;
    const runs = blocks.map((block, i) => {
      assert.match(block, source);
      example(`readme/block-${i}`, {
        'main.tf': block.replace(source, '"../../.."'),
        // The guide's configuration for file("hook.yaml").
        'hook.yaml': blocksOf('yaml', 'deploy/README.md')[0] ?? '',
      });
      return `run "block_${i}" {\n  module {\n    source = "./block-${i}"\n  }\n}\n`;
    });
    const module = example('readme', {
      'main.tf': '',
      'tests/readme.tftest.hcl': MOCKS.replace(PLANS, runs.join('')),
    });
    const { code, output } = await terraform(module, 'test');
    assert.equal(code, 0, output);
    assert.match(output, new RegExp(`Success! ${blocks.length} passed, 0 failed`));
  });

  test('Terraform packs the files that .gcloudignore lets through', async (t) => {
    const tests = `${MOCKS.replace(PLANS, '')}
variables {
  project = "example-project"
  region  = "us-central1"
  configuration = {
    callers = { ops = { type = "json", auth = { iam = true } } }
    allow   = [{ operations = ["projects/example-project/locations/*/operations/*"] }]
  }
}
run "packs" {
  command = plan

  assert {
    condition     = local.packed_files == toset(${JSON.stringify(packed)})
    error_message = "differs: \${jsonencode(local.packed_files)}"
  }
  assert {
    condition     = { for source in data.archive_file.source[0].source : source.filename => sha256(source.content) } == { for file in local.packed_files : file => filesha256("\${local.root}/\${file}") }
    error_message = "The archive holds something else."
  }
}
`;
    const whole = temporaryFolder();
    t.after(() => rmSync(whole, { recursive: true }));
    copyTo(whole, ['.gcloudignore', ...packed, 'deploy/terraform']);
    mkdirSync(join(whole, 'deploy/terraform/tests-of-the-pack'));
    writeFileSync(join(whole, 'deploy/terraform/tests-of-the-pack/packs.tftest.hcl'), tests);
    const { code, output } = await terraformIn(
      whole,
      '.',
      'test',
      '-test-directory=tests-of-the-pack',
    );
    assert.equal(code, 0, output);

    // As from a repository: git::…//deploy/terraform?ref=v1.0.0
    const git = (...args: string[]) => execFileSync('git', args, { cwd: whole, stdio: 'pipe' });
    git('init', '--quiet');
    git('add', '--all');
    git('-c', 'user.name=x', '-c', 'user.email=x@example.com', 'commit', '--quiet', '--message=x');
    git('tag', 'v1.0.0');
    const module = join(whole, 'deploy/terraform/examples/from-git');
    mkdirSync(join(module, 'tests'), { recursive: true });
    cpSync(join(whole, 'deploy/terraform/versions.tf'), join(module, 'versions.tf'));
    writeFileSync(
      join(module, 'main.tf'),
      `module "cancel_hook" {
  source        = "git::file://${whole}//deploy/terraform?ref=v1.0.0"
  project       = "example-project"
  region        = "us-central1"
  configuration = file("\${path.module}/hook.yaml")
}
`,
    );
    writeFileSync(join(module, 'hook.yaml'), blocksOf('yaml', 'deploy/README.md')[0] ?? '');
    writeFileSync(join(module, 'tests/plans.tftest.hcl'), MOCKS);
    const fromGit = await terraformIn(whole, 'examples/from-git', 'test');
    assert.equal(fromGit.code, 0, fromGit.output);
  });

  test('a plan names every error of a configuration, and repeats no secret', async () => {
    const secret = '8f742231b10e8888abcd99yyyzzz85a5';
    const module = example('errors', {
      'versions.tf': readFileSync(join(root, 'deploy/terraform/versions.tf'), 'utf8'),
      'main.tf': `module "cancel_hook" {
  source        = "../.."
  project       = "example-project"
  region        = "us-central1"
  configuration = {
    callers = {
      slack = { type = "slack", signingSecret = ["${secret}"] }
      teams = { type = "teams", auth = { bearer = ["${secret}-2"] } }
      ops   = { type = "json", auth = { bearer = "${secret}-3", basic = {} }, colour = "red" }
      Ops   = { type = "json" }
      cron  = { type = "json", auth = { google = { emails = ["a@example.com"] } } }
      alerts = { type = "pagerduty", secrets = "${secret}-4", preset = { parent = "", olderThan = "2 hours", verbs = [] } }
    }
    allow = [
      { callers = ["opps"], operations = ["projects/example-project/locations/*"], verb = ["create"] },
      { operations = ["projects/example-project/locations/*/caPools/*"] },
      { operations = ["projects/example-project/locations/*/operations/*/x"] },
      { callers = ["ops"] },
      { operations = ["//storage.googleapis.com/projects/example-project/locations/*/operations/*"] },
      { operations = ["//run.googleapis.com/projects/example-project/locations/*/jobs/*"] },
      { operations = ["//dataproc.googleapis.com/projects/example-*/regions/*/jobs/*"] },
    ]
    limits = { upstreamSecond = 9, sweepMax = 0, alertMax = 10001 }
    queue  = "cancel-hook"
    mode   = "watch"
    mod    = "observe"
  }
}
`,
      'tests/errors.tftest.hcl': MOCKS,
    });
    const { code, output } = await terraform(module, 'test', '-verbose');
    assert.notEqual(code, 0);
    const said = output.replace(/\s+/g, ' ');
    for (const error of [
      'callers.slack.signingSecret[0]: must be a reference, env:NAME or file:/path',
      'callers.teams.type: must be one of alertmanager, cloud-monitoring,',
      'callers.ops.auth.bearer: must be a reference, env:NAME or file:/path',
      'callers.ops.auth: number of keys must be at most 1',
      'callers.ops.auth.basic.username: is missing',
      'callers.ops.colour: is not known',
      'callers: a name must be a route',
      'callers.Ops.auth: is missing',
      'callers.cron.auth.google.audience: is missing',
      'callers.alerts.preset.olderThan: must be a duration',
      'callers.alerts.preset.verbs: number of items must be at least 1',
      'allow[0].callers: there is no caller opps',
      'allow[0].operations: a pattern is',
      'allow[0].verb: is not known',
      'allow[1].operations: a pattern is',
      'allow[2].operations: a pattern is',
      'allow[3].operations: is missing',
      'allow[4].operations: a pattern is',
      'allow[5].operations: a pattern is',
      "allow: a pattern has a * in the project's place",
      'limits.upstreamSecond: is not known',
      'limits.sweepMax: must be at least 1',
      'limits.alertMax: must be at most 10000',
      'mode: must be one of enforce, observe',
      'mod: is not known',
      'queue: must be projects/{project}/locations/{location}/queues/{queue}',
    ]) {
      assert.ok(said.includes(error), `${error} is not in:\n${output}`);
    }
    assert.ok(!output.includes(secret), 'the plan shows a secret');
  });
});
