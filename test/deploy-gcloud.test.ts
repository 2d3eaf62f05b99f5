/** The script for those without Terraform: what it would run, and that it may run again. */

import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { after, beforeEach, suite, test } from 'node:test';
import { promisify } from 'node:util';
import { blocksOf, missing, root, temporaryFolder } from './deploy-pack.ts';

const script = join(root, 'deploy/gcloud/cancel-hook.sh');
const folder = temporaryFolder();
after(() => rmSync(folder, { recursive: true }));

const configFile = join(folder, 'config.json');
const sweepFile = join(folder, 'sweep.json');
writeFileSync(
  configFile,
  JSON.stringify({
    callers: {
      sweeper: { type: 'json', auth: { iam: true } },
      ops: { type: 'json', auth: { bearer: ['file:/secrets/ops/value', 'env:OPS_TOKEN_OLD'] } },
    },
    allow: [{ operations: ['projects/example-project/locations/*/operations/*'], sweep: true }],
  }),
);
writeFileSync(sweepFile, '{"parent":"projects/example-project/locations/-","olderThan":"6h"}');

/** Enough of gcloud to see what is there afterwards: a list of things, in a file. */
const REMEMBERING_GCLOUD = `
const { appendFileSync, existsSync, readFileSync, writeFileSync } = require('node:fs');
const args = process.argv.slice(2);
const { GCLOUD_STATE: file, GCLOUD_LOG: log, GCLOUD_FAILS: fails } = process.env;
appendFileSync(log, 'gcloud ' + args.join(' ') + '\\n');
if (fails && args.join(' ').startsWith(fails)) process.exit(1);
const things = new Set(JSON.parse(readFileSync(file, 'utf8')));
const flag = (name) => args.find((arg) => arg.startsWith('--' + name + '='))?.slice(name.length + 3);
const words = args.filter((arg) => !arg.startsWith('--'));
const save = () => writeFileSync(file, JSON.stringify([...things].sort()));
const end = (code, text = '') => { save(); if (text) console.log(text); process.exit(code); };
const verb = words.find((word) => /^(enable|describe|create|update|deploy|delete|undelete|list|(add|remove|get)-iam-policy(-binding)?)$/.test(word));
const target = words[words.indexOf(verb) + (words.includes('jobs') && words.includes('http') ? 2 : 1)];

if (verb === 'enable') end(0);
if (verb.includes('iam-policy')) {
  const [role, member] = flag('filter')
    ? [/role=(\\S+)/.exec(flag('filter'))?.[1] ?? 'roles/secretmanager.secretAccessor', /members=(\\S+)/.exec(flag('filter'))[1]]
    : [flag('role'), flag('member')];
  const binding = ['binding', words[0], target, role, member].join(' ');
  if (verb.startsWith('add')) end(0, things.add(binding) && '');
  if (verb.startsWith('remove')) end(things.delete(binding) ? 0 : 1);
  end(0, things.has(binding) ? role : '');
}
if (words[0] === 'projects') end(0, '123456789012');
const kind = words.includes('service-accounts') ? 'account ' + target.split('@')[0]
  : words.includes('roles') ? 'role ' + flag('project')
  : words[0] === 'artifacts' ? 'repository ' + target
  : words[0] === 'functions' ? 'function ' + target
  : 'job ' + target;
const gone = 'deleted ' + kind;
if (verb === 'describe' && things.has(gone)) end(0, flag('format') ? 'True' : 'name: x');
if (verb === 'describe') end(things.has(kind) ? 0 : 1, flag('format')?.includes('deleted') ? '' : 'https://cancel-hook.example.com');
if (verb === 'list') end(0, things.has(kind) ? kind : '');
if (verb === 'undelete') end(things.delete(gone) && things.add(kind) ? 0 : 1);
if (verb === 'create' && (things.has(kind) || things.has(gone))) end(1, 'already there');
if (verb === 'update' && !things.has(kind)) end(1, 'not there');
if (verb === 'delete') end(things.delete(kind) ? 0 : 1);
if (flag('env-vars-file')) appendFileSync(log, readFileSync(flag('env-vars-file'), 'utf8'));
things.add(kind);
end(0);
`;

const WHERE = ['--project', 'example-project', '--region', 'us-central1'];
const SECRETS = ['--secret', 'ops=ops-token', '--secret-env', 'OPS_TOKEN_OLD=ops-token:3'];
const EVERYTHING = [
  ...WHERE,
  ...SECRETS,
  ...['--config', configFile, '--invoker', 'user:sre@example.com'],
  ...['--operations-project', 'example-project', '--operations-project', 'pki-prod'],
  ...['--sweep', 'sweeper', '--sweep-body', sweepFile, '--schedule', '7 * * * *'],
];

function bash(args: readonly string[], env: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync('bash', [script, ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  return { status, stdout, stderr };
}

/** The commands of a dry run, those in comments (the looks) too. */
function dryRun(args: readonly string[]): string[] {
  const { status, stdout, stderr } = bash([...args, '--dry-run'], { PATH: withoutGcloud() });
  assert.equal(status, 0, stderr);
  return [...stdout.matchAll(/^(?:# .*?\(?)?(gcloud .*?)(?:\):)?$/gm)].map(
    ([, command = '']) => command,
  );
}

/** A dry run needs no gcloud, and so cannot reach Google with it. */
function withoutGcloud(): string {
  const bin = join(folder, 'no-gcloud');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'gcloud'), '#!/bin/sh\necho "gcloud was run" >&2; exit 99\n');
  chmodSync(join(bin, 'gcloud'), 0o755);
  return [bin, process.env.PATH].join(delimiter);
}

test('bash can read the script', () => {
  assert.deepEqual(spawnSync('bash', ['-n', script], { encoding: 'utf8' }).stderr, '');
});

test('shellcheck finds nothing', { skip: missing('shellcheck') }, () => {
  const { status, stdout } = spawnSync('shellcheck', ['--enable=quote-safe-variables', script], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, stdout);
});

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

  test('the role is exactly the three permissions', () => {
    const [create = ''] = dryRun(['deploy', ...EVERYTHING]).filter((c) =>
      c.includes('roles create'),
    );
    assert.match(
      create.replaceAll('\\', ''),
      / --permissions=privateca\.operations\.cancel,privateca\.operations\.get,privateca\.operations\.list /,
    );
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

  test('each flag exists in gcloud', { skip: missing('gcloud') }, async () => {
    const shell = blocksOf('sh')
      .join('\n')
      .replaceAll(/\\\n\s*/g, '');
    const commands = [
      ...dryRun(['deploy', ...EVERYTHING]),
      ...dryRun(['remove', ...EVERYTHING]),
      ...[...shell.matchAll(/\b(gcloud [a-z].*)$/gm)].map(([, command = '']) => command),
    ];
    const wanted = new Map<string, Set<string>>();
    for (const command of commands) {
      const words = command.split(/[ )`|]+/);
      const end = words.findIndex((word) => !/^[a-z][a-z-]*$/.test(word) || NAMES.test(word));
      const path = words.slice(0, end).join(' ');
      const flags = wanted.get(path) ?? new Set();
      for (const flag of command.matchAll(/ (--[a-z][a-z0-9-]*)/g)) flags.add(flag[1] ?? '');
      wanted.set(path, flags);
    }
    assert.ok(wanted.size > 15);
    const paths = [...wanted];
    await Promise.all(
      [0, 1].map(async () => {
        for (let next = paths.pop(); next; next = paths.pop()) {
          const help = await helpOf(next[0]);
          for (const flag of next[1]) {
            const form = flag.replace(/^--no-/, '--');
            const known = help.includes(flag) || help.includes(form.replace('--', '--[no-]'));
            assert.ok(known, `${next[0]} has no ${flag}`);
          }
        }
      }),
    );
  });
});

/** Words of a command that are names of things; what else follows a command is no word of it. */
const NAMES = /^(cancel-hook|example-project|pki-prod|my-project|ops-token|slack-)/;

/** The help of the longest command that the words begin with: a name may follow it. */
async function helpOf(words: string): Promise<string> {
  for (let path = words.split(' '); path.length > 1; path = path.slice(0, -1)) {
    const help = await promisify(execFile)('gcloud', [...path.slice(1), '--help'], {
      env: { ...process.env, CLOUDSDK_CORE_DISABLE_PROMPTS: '1', PAGER: 'cat', TERM: 'dumb' },
    }).catch(() => undefined);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: terminals' own
    if (help) return help.stdout.replaceAll(/\u001b\[[0-9;]*m/g, '');
  }
  return assert.fail(`gcloud has no command ${words}`);
}

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

suite('against a gcloud that only remembers', () => {
  const bin = join(folder, 'bin');
  const state = join(folder, 'state.json');
  const log = join(folder, 'log');
  mkdirSync(bin);
  writeFileSync(join(bin, 'gcloud'), `#!${process.execPath}\n${REMEMBERING_GCLOUD}`);
  chmodSync(join(bin, 'gcloud'), 0o755);
  const env = {
    PATH: [bin, process.env.PATH].join(delimiter),
    GCLOUD_STATE: state,
    GCLOUD_LOG: log,
    TMPDIR: folder,
  };
  const changes = () =>
    readFileSync(log, 'utf8')
      .split('\n')
      .filter((line) =>
        / (create|add-iam-policy-binding|delete|remove-iam-policy-binding|undelete) ?/.test(line),
      );
  const remembered = () => JSON.parse(readFileSync(state, 'utf8')) as string[];
  const act = (...args: string[]) => {
    writeFileSync(log, '');
    return bash([...args, '--yes'], env);
  };
  beforeEach(() => writeFileSync(state, '[]'));

  test('deploys, deploys again without making anything twice, and removes everything', () => {
    const first = act('deploy', ...EVERYTHING);
    assert.equal(first.status, 0, first.stdout + first.stderr);
    const made = remembered();
    assert.ok(made.includes('function cancel-hook') && made.includes('job cancel-hook-sweep'));
    assert.ok(
      changes().some((change) => change.includes('gcf-v2-sources-123456789012-us-central1')),
    );

    const second = act('deploy', ...EVERYTHING);
    assert.equal(second.status, 0, second.stderr);
    assert.deepEqual(remembered(), made);
    assert.deepEqual(
      changes().filter((change) => !change.includes('add-iam-policy-binding')),
      [],
    );

    const removal = act('remove', ...EVERYTHING);
    assert.equal(removal.status, 0, removal.stderr);
    assert.deepEqual(
      // Bindings on a service and on a repository go with them.
      remembered().filter((thing) => !/^binding (run|artifacts) /.test(thing)),
      [],
    );

    const again = act('remove', ...EVERYTHING);
    assert.equal(again.status, 0, again.stderr);
    assert.deepEqual(changes(), []);
  });

  test('closes what was public', () => {
    writeFileSync(state, JSON.stringify(['binding run cancel-hook roles/run.invoker allUsers']));
    assert.equal(act('deploy', ...EVERYTHING).status, 0);
    assert.ok(!remembered().includes('binding run cancel-hook roles/run.invoker allUsers'));
  });

  test('brings a role back that was deleted within the week', () => {
    writeFileSync(state, JSON.stringify(['deleted role pki-prod']));
    assert.equal(act('deploy', ...EVERYTHING).status, 0);
    assert.ok(
      changes().some((change) =>
        change.includes('iam roles undelete cancel_hook_canceller --project=pki-prod'),
      ),
    );
  });

  test('stops at the first error', () => {
    const { status, stdout } = bash(['deploy', ...EVERYTHING, '--yes'], {
      ...env,
      GCLOUD_FAILS: 'functions deploy',
    });
    assert.notEqual(status, 0);
    assert.match(stdout.trim().split('\n').at(-1) ?? '', /^\+ gcloud functions deploy /);
    assert.ok(!remembered().includes('job cancel-hook-sweep'));
  });

  test('hands the configuration over as it stands, and leaves no file behind', () => {
    assert.equal(act('deploy', ...EVERYTHING).status, 0);
    const [, text = ''] =
      /CANCEL_HOOK_CONFIG: \|2\n(.*?)\nGOOGLE_CLOUD_PROJECT: example-project\n/s.exec(
        readFileSync(log, 'utf8'),
      ) ?? [];
    assert.deepEqual(JSON.parse(text), JSON.parse(readFileSync(configFile, 'utf8')));
    assert.equal(
      spawnSync('find', [folder, '-name', 'cancel-hook.*'], { encoding: 'utf8' }).stdout,
      '',
    );
  });
});
