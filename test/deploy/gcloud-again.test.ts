/** The script against a gcloud that only remembers: it may run again, and it stops at an error. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { beforeEach, suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { bash, configFile, EVERYTHING, folder, SECRETS, WHERE } from './gcloud.ts';

suite('against a gcloud that only remembers', () => {
  const bin = join(folder, 'bin');
  const state = join(folder, 'state');
  const log = join(folder, 'log');
  mkdirSync(bin);
  symlinkSync(fileURLToPath(new URL('./gcloud-memory.sh', import.meta.url)), join(bin, 'gcloud'));
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
  const remembered = () => readFileSync(state, 'utf8').split('\n').filter(Boolean).sort();
  const act = (...args: string[]) => {
    writeFileSync(log, '');
    return bash([...args, '--yes'], env);
  };
  beforeEach(() => writeFileSync(state, ''));

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

  test('keeps the CPU allocated after a response where Slack or notify needs it', () => {
    const cpu = () =>
      /services update cancel-hook .*--no-cpu-throttling/.test(readFileSync(log, 'utf8'));
    assert.equal(act('deploy', ...EVERYTHING).status, 0);
    assert.ok(!cpu());
    const told = join(folder, 'told.json');
    const config = JSON.parse(readFileSync(configFile, 'utf8'));
    config.callers.ops.notify = ['oncall'];
    writeFileSync(told, JSON.stringify(config));
    assert.equal(act('deploy', ...EVERYTHING, '--config', told).status, 0);
    assert.ok(cpu());
  });

  test('closes what was public', () => {
    writeFileSync(state, 'binding run cancel-hook roles/run.invoker allUsers\n');
    assert.equal(act('deploy', ...EVERYTHING).status, 0);
    assert.ok(!remembered().includes('binding run cancel-hook roles/run.invoker allUsers'));
  });

  test('brings a role back that was deleted within the week', () => {
    writeFileSync(state, 'deleted role pki-prod\n');
    assert.equal(act('deploy', ...EVERYTHING).status, 0);
    assert.ok(
      changes().some((change) =>
        change.includes('iam roles undelete cancel_hook_canceller --project=pki-prod'),
      ),
    );
  });

  test('binds the predefined role that Batch needs, and takes it away with the service', () => {
    const binding =
      'binding projects lab roles/batch.jobsEditor serviceAccount:cancel-hook@example-project.iam.gserviceaccount.com';
    const lab = (action: string, services: string) => {
      const given = ['--config', configFile, '--operations-project', `lab=${services}`];
      assert.equal(act(action, ...WHERE, ...SECRETS, ...given).status, 0);
      return remembered().includes(binding);
    };
    assert.ok(lab('deploy', 'batch,run'));
    assert.ok(!lab('deploy', 'run'));
    writeFileSync(state, `${binding}\n`);
    assert.ok(!lab('remove', 'batch'));
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
