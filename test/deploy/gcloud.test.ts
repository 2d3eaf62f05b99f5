/** The script for those without Terraform: what it would run, and what it refuses. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import {
  bash,
  configFile,
  dryRun,
  EVERYTHING,
  folder,
  SECRETS,
  script,
  WHERE,
  withoutGcloud,
} from './gcloud.ts';
import { missing, root, run } from './pack.ts';

test('bash can read the script', () => {
  assert.deepEqual(spawnSync('bash', ['-n', script], { encoding: 'utf8' }).stderr, '');
});

test('shellcheck finds nothing', { skip: missing('shellcheck') }, () => {
  const { status, stdout } = run('shellcheck', '--enable=quote-safe-variables', script);
  assert.equal(status, 0, stdout);
});

type Services = Readonly<Record<string, { readonly permissions: readonly string[] }>>;

suite('a dry run', () => {
  test('prints what deploys, in an order that works', () => {
    const commands = dryRun(['deploy', ...EVERYTHING]);
    const steps = [
      'gcloud services enable ',
      'gcloud iam service-accounts create cancel-hook ',
      'gcloud iam service-accounts create cancel-hook-build ',
      'gcloud iam roles create cancel_hook_canceller --project=example-project ',
      'gcloud projects add-iam-policy-binding example-project --member=serviceAccount:cancel-hook@',
      'gcloud iam roles create cancel_hook_canceller --project=pki-prod ',
      'gcloud projects add-iam-policy-binding pki-prod --member=serviceAccount:cancel-hook@',
      'gcloud artifacts repositories create ',
      'gcloud secrets add-iam-policy-binding ops-token ',
      'gcloud iam service-accounts create cancel-hook-scheduler ',
      'gcloud functions deploy cancel-hook ',
      'gcloud run services add-iam-policy-binding cancel-hook --region=us-central1 --member=user:sre@example.com ',
      'gcloud run services remove-iam-policy-binding cancel-hook --region=us-central1 --member=allUsers ',
      'gcloud scheduler jobs create http cancel-hook-sweep ',
    ];
    const found = steps.map((step) => commands.findIndex((command) => command.startsWith(step)));
    assert.ok(!found.includes(-1), steps[found.indexOf(-1)]);
    assert.deepEqual(
      found,
      found.toSorted((a, b) => a - b),
    );
  });

  const rolesOf = (...args: string[]) =>
    dryRun(['deploy', ...WHERE, ...SECRETS, '--config', configFile, ...args]).flatMap((command) => {
      const [, project = '', permissions = ''] =
        / roles create .*--project=(\S+) .*--permissions=(\S+)/.exec(
          command.replaceAll('\\', ''),
        ) ?? [];
      return project === '' ? [] : [[project, permissions.split(',')]];
    });

  test('a role without services is exactly the three permissions of privateca', () => {
    const permissions = ['cancel', 'get', 'list'].map((verb) => `privateca.operations.${verb}`);
    assert.deepEqual(rolesOf(), [['example-project', permissions]]);
    assert.deepEqual(rolesOf('--operations-project', 'pki-prod'), [['pki-prod', permissions]]);
  });

  test("a project's role has the permissions of its services alone", () => {
    const services: Services = JSON.parse(
      readFileSync(join(root, 'deploy/terraform/services.json'), 'utf8'),
    );
    const permissions = (...names: string[]) =>
      names.flatMap((name) => services[name]?.permissions ?? []).toSorted();
    const all = Object.keys(services);
    const given = [`all=${all}`, 'lab=bigquery,run'].flatMap((one) => [
      '--operations-project',
      one,
    ]);
    assert.deepEqual(rolesOf(...given), [
      ['all', permissions(...all)],
      ['lab', permissions('bigquery', 'run')],
    ]);
  });

  test('nothing is public unless asked', () => {
    const closed =
      dryRun(['deploy', ...EVERYTHING]).find((c) => c.includes('functions deploy')) ?? '';
    assert.match(closed, / --no-allow-unauthenticated /);
    writeFileSync(
      join(folder, 'public.json'),
      readFileSync(configFile, 'utf8').replace('"iam":true', '"bearer":"file:/secrets/ops/value"'),
    );
    const open = dryRun([
      'deploy',
      ...WHERE,
      ...SECRETS,
      '--config',
      join(folder, 'public.json'),
      '--public',
    ]);
    assert.match(
      open.find((c) => c.includes('functions deploy')) ?? '',
      / --allow-unauthenticated /,
    );
  });

  test('the deadlines are in order, and the audience is set', () => {
    const commands = dryRun(['deploy', ...EVERYTHING]);
    const seconds = (flag: string) =>
      Number(new RegExp(`--${flag}=(\\d+)s`).exec(commands.join('\n'))?.[1]);
    assert.ok(seconds('timeout') > 55 + 9);
    assert.ok(seconds('attempt-deadline') > seconds('timeout'));
    assert.match(
      commands.find((c) => c.includes('jobs create http')) ?? '',
      / --oidc-token-audience=https:\/\/us-central1-example-project\.cloudfunctions\.net\/cancel-hook /,
    );
  });

  test('it deploys with the sizes that Terraform deploys with', () => {
    const variables = readFileSync(join(root, 'deploy/terraform/variables.tf'), 'utf8');
    const initial = (name: string) =>
      new RegExp(`variable "${name}" \\{.*?default\\s*= "?([^"\\n]+)"?\\n`, 's').exec(
        variables,
      )?.[1];
    const command =
      dryRun(['deploy', ...EVERYTHING]).find((c) => c.includes('functions deploy')) ?? '';
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
  });
});

suite('refuses', () => {
  const cases: [string, string[], RegExp][] = [
    ['nothing at all', [], /usage:/],
    [
      'a project that is none',
      ['deploy', '--project', '123', '--region', 'us-central1'],
      /project ID/,
    ],
    [
      'an option that it does not know',
      ['deploy', ...WHERE, '--colour', 'red'],
      /unknown option --colour/,
    ],
    [
      'a secret that is not given',
      ['deploy', ...WHERE, '--config', configFile],
      /refers to env:OPS_TOKEN_OLD/,
    ],
    [
      'iam on a public function',
      ['deploy', ...EVERYTHING, '--public'],
      /a public service is not checked/,
    ],
    [
      'everyone as an invoker',
      ['deploy', ...EVERYTHING, '--invoker', 'allUsers'],
      /there is --public/,
    ],
    [
      'a version that is not pinned',
      ['deploy', ...WHERE, '--secret-env', 'A=b:latest'],
      /number of a version/,
    ],
    [
      'a service that it cancels nothing of',
      ['deploy', ...EVERYTHING, '--operations-project', 'lab=dataproc,storage'],
      /cancels nothing of storage/,
    ],
    [
      'services that are no list',
      ['deploy', ...EVERYTHING, '--operations-project', 'lab='],
      /ID=SERVICE,SERVICE/,
    ],
    [
      'a project that is named twice',
      ['deploy', ...EVERYTHING, '--operations-project', 'pki-prod=run'],
      /names a project twice/,
    ],
    [
      'half a sweep',
      ['deploy', ...WHERE, ...SECRETS, '--config', configFile, '--sweep', 'sweeper'],
      /go together/,
    ],
  ];
  for (const [what, args, why] of cases) {
    test(what, () => {
      const { status, stdout, stderr } = bash([...args, '--yes'], { PATH: withoutGcloud() });
      assert.notEqual(status, 0);
      assert.match(stderr, why);
      assert.doesNotMatch(stdout, /^\+ gcloud/m);
    });
  }

  test('to act without being told to, where there is nobody to ask', () => {
    const { status, stderr } = bash(['deploy', ...EVERYTHING], { PATH: withoutGcloud() });
    assert.equal(status, 1);
    assert.match(stderr, /nothing was done/);
  });
});
