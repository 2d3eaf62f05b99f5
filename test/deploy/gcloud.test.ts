/** The script for those without Terraform: what it would run, what it refuses, and how it starts. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { suite, test } from 'node:test';
import {
  EVERYTHING,
  folder,
  MINIMAL,
  PRIVATE,
  PUBLIC,
  privateFile,
  publicFile,
  REMOVE,
  runScript,
  SECRETS,
  SWEEP,
  script,
  succeed,
  WHERE,
  write,
} from './gcloud.ts';
import { missing, root, run } from './pack.ts';
import { emptyWorld } from './stand-in-gcloud.ts';

test('shellcheck finds nothing', { skip: missing('shellcheck') }, () => {
  const { status, stdout } = run('shellcheck', '--enable=quote-safe-variables', script);
  assert.equal(status, 0, stdout);
});

suite('the shell', () => {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const standIn = join(import.meta.dirname, 'stand-in-gcloud.ts');
  const gcloud = `#!/bin/sh\nexec "${process.execPath}" "${standIn}" "$@"\n`;
  writeFileSync(join(bin, 'gcloud'), gcloud);
  chmodSync(join(bin, 'gcloud'), 0o755);
  const state = join(folder, 'state.json');
  const temporary = join(folder, 'tmp');
  mkdirSync(temporary);
  const BASH = run('which', 'bash').stdout.trim();
  const PATH = [bin, process.env.PATH].join(delimiter);
  const bash = (args: readonly string[], more = {}) =>
    spawnSync(BASH, [script, ...args], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, PATH, GCLOUD_STATE: state, TMPDIR: temporary, ...more },
    });

  test('deploys with a path that is relative to where it is, and leaves no file behind', () => {
    writeFileSync(state, JSON.stringify(emptyWorld()));
    const args = [...MINIMAL, '--config', 'private.json'];
    const { status, stderr, stdout } = bash(args);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^\+ gcloud functions deploy /m);
    assert.match(stdout, /^Deployed\./m);
    const { service } = JSON.parse(readFileSync(state, 'utf8'));
    assert.deepEqual(JSON.parse(service.revisions[0].variables.CANCEL_HOOK_CONFIG), PRIVATE);
    assert.deepEqual(readdirSync(temporary), []);
  });

  test('ends with 1 at a failure of gcloud, whose words are shown', () => {
    writeFileSync(state, JSON.stringify(emptyWorld()));
    const { status, stdout, stderr } = bash(MINIMAL, { GCLOUD_FAILS: 'services enable' });
    assert.equal(status, 1);
    assert.match(stdout.trim().split('\n').at(-1) ?? '', /^\+ gcloud services enable /);
    assert.match(stderr, /ERROR: as asked\n.*this command failed: gcloud services enable /s);
  });

  test('ends with 1 without gcloud, and says so', () => {
    const nodeOnly = join(folder, 'node-only');
    mkdirSync(nodeOnly);
    writeFileSync(join(nodeOnly, 'node'), `#!/bin/sh\nexec "${process.execPath}" "$@"\n`);
    chmodSync(join(nodeOnly, 'node'), 0o755);
    symlinkSync(run('which', 'dirname').stdout.trim(), join(nodeOnly, 'dirname'));
    const { status, stderr } = bash(MINIMAL, { PATH: nodeOnly });
    assert.equal(status, 1);
    assert.match(stderr, /gcloud ENOENT/);
  });

  test('does nothing where there is nobody to ask', () => {
    writeFileSync(state, JSON.stringify(emptyWorld()));
    const { status, stderr } = bash(MINIMAL.filter((word) => word !== '--yes'));
    assert.equal(status, 1);
    assert.match(stderr, /nothing was done: there is nobody to ask/);
    assert.deepEqual(JSON.parse(readFileSync(state, 'utf8')), emptyWorld());
  });

  test('says how it is used', () => {
    const { status, stdout } = bash(['--help']);
    assert.equal(status, 0);
    for (const option of ['--queue', '--public-with-all-users', '--memory', '--dry-run']) {
      assert.ok(stdout.includes(option), option);
    }
  });
});

suite('asks', () => {
  const asking = MINIMAL.filter((word) => word !== '--yes');

  test('before it enables APIs, and again before it deploys', async () => {
    const world = emptyWorld();
    const { status, out } = await runScript(asking, world, { answer: true });
    assert.equal(status, 0);
    assert.ok(out.indexOf('# Commands to enable the APIs') < out.indexOf('# Commands to deploy'));
  });

  test('and does nothing without a yes', async () => {
    const world = emptyWorld();
    const { status, err, changes } = await runScript(asking, world, { answer: false });
    assert.equal(status, 1);
    assert.match(err, /nothing was done/);
    assert.deepEqual(changes, []);
  });
});

suite('a dry run', () => {
  const printed = async (args: readonly string[], world = emptyWorld()) => {
    const { out, changes } = await succeed([...args, '--dry-run'], world);
    assert.deepEqual(changes, []);
    return out.split('\n').filter((line) => line.startsWith('gcloud '));
  };

  test('prints what a run runs, command by command', async () => {
    const world = emptyWorld();
    for (const args of [EVERYTHING, ...PUBLIC, MINIMAL, REMOVE]) {
      const commands = await printed(args, world);
      const { changes } = await succeed(args, world);
      const run = changes.map((one) =>
        one.replace('https://cancel-hook.example.com', 'FUNCTION_URL'),
      );
      assert.deepEqual(commands, run);
    }
  });

  test('prints the variables of the function', async () => {
    const { out } = await succeed([...MINIMAL, '--dry-run']);
    assert.match(out, /^# {5}"GOOGLE_CLOUD_PROJECT": "example-project"/m);
    assert.match(out, /^# {5}"CANCEL_HOOK_CONFIG": "\{/m);
  });

  test('begins a new deployment with the accounts, and ends it with the job', async () => {
    const steps = [
      'services enable ',
      'iam service-accounts create cancel-hook ',
      'iam service-accounts create cancel-hook-build ',
      'iam roles create cancel_hook_canceller --project=example-project ',
      'projects add-iam-policy-binding example-project --member=serviceAccount:cancel-hook@',
      'iam roles create cancel_hook_canceller --project=pki-prod ',
      'projects add-iam-policy-binding pki-prod --member=serviceAccount:cancel-hook@',
      'artifacts repositories create ',
      'secrets add-iam-policy-binding ops-token ',
      'tasks queues create cancels ',
      'tasks queues add-iam-policy-binding cancels ',
      'iam service-accounts add-iam-policy-binding cancel-hook-scheduler@',
      'functions deploy cancel-hook ',
      'run services add-iam-policy-binding cancel-hook ',
      'scheduler jobs create http cancel-hook-sweep ',
    ];
    const commands = await printed(EVERYTHING);
    const found = steps.map((step) =>
      commands.findIndex((one) => one.startsWith(`gcloud ${step}`)),
    );
    assert.ok(!found.includes(-1), steps[found.indexOf(-1)]);
    assert.deepEqual(
      found,
      found.toSorted((a, b) => a - b),
    );
  });

  test('binds the build to the bucket of the project with this number', async () => {
    const commands = await printed(MINIMAL);
    assert.ok(commands.some((one) => one.includes('gcf-v2-sources-123456789012-us-central1')));
  });

  type Services = Readonly<Record<string, { readonly permissions: readonly string[] }>>;

  test("a project's role has the permissions of its services alone", async () => {
    const services: Services = JSON.parse(
      readFileSync(join(root, 'deploy/terraform/services.json'), 'utf8'),
    );
    const permissions = (...names: string[]) =>
      [...new Set(names.flatMap((name) => services[name]?.permissions ?? []))].toSorted();
    const all = Object.keys(services);
    const given = ['pki-prod', `all=${all}`, 'lab=bigquery,run'];
    const commands = await printed([
      ...MINIMAL,
      ...given.flatMap((one) => ['--operations-project', one]),
    ]);
    const roles = commands.flatMap((one) => {
      const [, project, list] =
        / roles create .*--project=(\S+) .*--permissions=(\S+)/.exec(one) ?? [];
      return project === undefined ? [] : [[project, list?.split(',')]];
    });
    assert.deepEqual(roles, [
      ['pki-prod', permissions('privateca')],
      ['all', permissions(...all)],
      ['lab', permissions('bigquery', 'run')],
    ]);
  });

  test('the deadlines are in order, and the audience is set', async () => {
    const commands = await printed(EVERYTHING);
    const seconds = (flag: string) =>
      Number(new RegExp(`--${flag}=(\\d+)s`).exec(commands.join('\n'))?.[1]);
    assert.ok(seconds('timeout') > 55 + 9);
    assert.ok(seconds('attempt-deadline') > seconds('timeout'));
    assert.match(
      commands.find((one) => one.includes('jobs create http')) ?? '',
      / --oidc-token-audience=https:\/\/us-central1-example-project\.cloudfunctions\.net\/cancel-hook /,
    );
  });

  test('deploys with the sizes that Terraform deploys with, and with those that are given', async () => {
    const variables = readFileSync(join(root, 'deploy/terraform/variables.tf'), 'utf8');
    const initial = (name: string) =>
      new RegExp(`variable "${name}" \\{.*?default\\s*= "?([^"\\n]+)"?\\n`, 's').exec(
        variables,
      )?.[1];
    const deploy = async (...more: string[]) =>
      (await printed([...MINIMAL, ...more])).find((one) => one.includes('functions deploy')) ?? '';
    const command = await deploy();
    for (const [flag, variable, unit] of [
      ['memory', 'memory', ''],
      ['cpu', 'cpu', ''],
      ['concurrency', 'concurrency', ''],
      ['timeout', 'timeout_seconds', 's'],
      ['max-instances', 'max_instances', ''],
      ['min-instances', 'min_instances', ''],
    ] as const) {
      assert.ok(
        command.includes(` --${flag}=${initial(variable)}${unit} `),
        `${flag} in ${command}`,
      );
    }
    const other = await deploy('--memory', '1Gi', '--max-instances', '9', '--min-instances', '1');
    assert.match(other, / --memory=1Gi .* --max-instances=9 --min-instances=1 /);
  });
});

suite('refuses, before any command', () => {
  const at = (config: string, ...more: string[]) => [
    ...['deploy', ...WHERE, ...SECRETS, '--config', config, ...more],
  ];
  const invalid = write('invalid.yaml', 'callers: {}\nallow: []\n');
  const huge = write('huge.json', {
    ...PRIVATE,
    allow: Array.from({ length: 500 }, (_, index) => ({
      operations: [`projects/example-project-${index}/locations/us-central1/operations/*`],
    })),
  });
  const cases: [what: string, args: readonly string[], why: RegExp][] = [
    ['nothing at all', [], /missing required argument/],
    ['an action that it does not know', ['undo', ...WHERE], /deploy or remove/],
    ['a project that is none', ['remove', '--project', '1', '--region', 'us-east1'], /project ID/],
    ['a region that is none', ['remove', '--project', 'my-project'], /--region needs/],
    [
      'an option that it does not know',
      [...REMOVE, '--colour', 'red'],
      /unknown option '--colour'/,
    ],
    ['no configuration', ['deploy', ...WHERE], /--config needs a file/],
    ['a configuration that cannot be read', at('none.yaml'), /none\.yaml/],
    ['a configuration that the start would refuse', at(invalid), /the configuration is not valid/],
    ['a configuration that is too long', at(huge), /32 KiB/],
    [
      'a secret that is not given',
      ['deploy', ...WHERE, '--config', privateFile],
      /refers to file:/,
    ],
    [
      'iam without the invoker check',
      at(privateFile, '--public'),
      /on a public service Cloud Run verifies none/,
    ],
    [
      'iam with allUsers',
      at(privateFile, '--public-with-all-users'),
      /the caller sweeper has "iam"/,
    ],
    ['everyone as an invoker', at(privateFile, '--invoker', 'allUsers'), /there is --public/],
    [
      'a version that is not pinned',
      at(privateFile, '--secret-env', 'A=b:latest'),
      /number of a vers/,
    ],
    ['a secret for two places', at(privateFile, '--secret', 'ops=other'), /the same place twice/],
    [
      'a service that it cancels nothing of',
      at(privateFile, '--operations-project', 'lab=dataproc,storage'),
      /cancels nothing of storage/,
    ],
    [
      'services that are no list',
      at(privateFile, '--operations-project', 'lab='),
      /ID=SERVICE,SERV/,
    ],
    [
      'a project that is named twice',
      at(privateFile, '--operations-project', 'lab', '--operations-project', 'lab=run'),
      /names a project twice/,
    ],
    ['half a sweep', at(privateFile, '--sweep', 'sweeper'), /go together/],
    ['a sweep of nobody', at(publicFile, ...SWEEP), /has no caller sweeper/],
    [
      'a sweep whose body is no JSON',
      at(privateFile, ...SWEEP, '--sweep-body', write('sweep.txt', 'all')),
      /--sweep-body needs a readable file of JSON/,
    ],
    ['a queue that the configuration lacks', at(privateFile, '--queue'), /has no key queue/],
    ['a memory that is none', at(privateFile, '--memory', '512'), /--memory is a size/],
  ];
  for (const [what, args, why] of cases) {
    test(what, async () => {
      const { status, out, err, reads, changes } = await runScript([...args, '--yes']);
      assert.notEqual(status, 0);
      assert.match(out + err, why);
      assert.deepEqual([reads, changes], [[], []]);
    });
  }

  test('a queue in another project', async () => {
    const config = write('other-queue.json', {
      ...PRIVATE,
      callers: {
        ...PRIVATE.callers,
        sweeper: { type: 'json', auth: { iam: { audience: 'https://hook.example.com' } } },
      },
      queue: 'projects/lab/locations/us-central1/queues/cancels',
    });
    const { status, err } = await runScript(at(config, '--queue', '--yes'));
    assert.equal(status, 1);
    assert.match(err, /is in another project/);
  });
});
