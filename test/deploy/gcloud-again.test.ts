/** The script runs again: what exists is not made twice, and what is no longer asked for goes. */

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  EVERYTHING,
  isPublic,
  MINIMAL,
  PRIVATE,
  PUBLIC,
  privateFile,
  publicFile,
  queueFile,
  REMOVE,
  runScript,
  SECRETS,
  SWEEP,
  servedConfig,
  succeed,
  WHERE,
  write,
} from './gcloud.ts';
import { emptyWorld, type World } from './stand-in-gcloud.ts';

const RUNTIME = 'serviceAccount:cancel-hook@example-project.iam.gserviceaccount.com';
const SCHEDULER = 'cancel-hook-scheduler@example-project.iam.gserviceaccount.com';
const INVOKER = 'roles/run.invoker';
const SERVICE = 'run services cancel-hook';
const [UNCHECKED = [], ALL_USERS = []] = PUBLIC;

/** The bindings of a resource, as `role member`. */
function bindings({ policies }: World, resource: string): string[] {
  return (policies[resource] ?? [])
    .flatMap(({ role, members = [] }) => members.map((member) => `${role} ${member}`))
    .sort();
}

function commandWords(changes: readonly string[]): string[] {
  return changes.map((one) => one.replace(/^gcloud | --.*| cancel-hook.*$/g, ''));
}

suite('a second run', () => {
  test('of everything deploys the function and describes its job again, and does nothing else', async () => {
    const world = emptyWorld();
    await succeed(EVERYTHING, world);
    const made = structuredClone({ ...world, service: undefined });
    const { changes } = await succeed(EVERYTHING, world);
    assert.deepEqual(commandWords(changes), ['functions deploy', 'scheduler jobs update http']);
    assert.deepEqual({ ...world, service: undefined }, made);
  });

  for (const args of [MINIMAL, ALL_USERS]) {
    test(`of ${args.slice(-2)[0]} deploys the function alone`, async () => {
      const world = emptyWorld();
      await succeed(args, world);
      const { changes } = await succeed(args, world);
      assert.deepEqual(commandWords(changes), ['functions deploy']);
    });
  }

  test('of a function without the invoker check sets it again: the deployment may reset it', async () => {
    const world = emptyWorld();
    await succeed(UNCHECKED, world);
    const { changes } = await succeed(UNCHECKED, world);
    assert.deepEqual(commandWords(changes), ['functions deploy', 'run services update']);
    assert.ok(isPublic(world));
  });

  test('takes a member in another case for the same', async () => {
    const world = emptyWorld();
    await succeed([...MINIMAL, '--invoker', 'user:Sre@example.com'], world);
    const { changes } = await succeed([...MINIMAL, '--invoker', 'user:sre@Example.com'], world);
    assert.deepEqual(commandWords(changes), ['functions deploy']);
  });
});

suite('revokes', () => {
  test('an invoker before the deployment, and leaves the others', async () => {
    const world = emptyWorld();
    const [a, b] = ['user:a@example.com', 'user:b@example.com'];
    await succeed([...MINIMAL, '--invoker', a, '--invoker', b], world);
    assert.deepEqual(bindings(world, SERVICE), [`${INVOKER} ${a}`, `${INVOKER} ${b}`]);
    const { changes } = await succeed([...MINIMAL, '--invoker', b], world);
    assert.deepEqual(bindings(world, SERVICE), [`${INVOKER} ${b}`]);
    assert.match(changes[0] ?? '', /remove-iam-policy-binding .*--member=user:a@example.com /);
  });

  test('a secret after the deployment, whose last revision still reads it', async () => {
    const world = emptyWorld();
    await succeed([...MINIMAL, '--secret', 'more=slack-secret'], world);
    assert.equal(bindings(world, 'secrets slack-secret').length, 1);
    const { changes } = await succeed(MINIMAL, world);
    assert.deepEqual(bindings(world, 'secrets slack-secret'), []);
    assert.equal(bindings(world, 'secrets ops-token').length, 1);
    assert.deepEqual(commandWords(changes), [
      'functions deploy',
      'secrets remove-iam-policy-binding slack-secret',
    ]);
  });

  test('a secret that was in a variable', async () => {
    const world = emptyWorld();
    await succeed([...MINIMAL, '--secret-env', 'MORE=slack-secret:1'], world);
    await succeed(MINIMAL, world);
    assert.deepEqual(bindings(world, 'secrets slack-secret'), []);
  });

  test('a secret that Cloud Run knows by an alias', async () => {
    const { runStandIn } = await import('./stand-in-gcloud.ts');
    const world = emptyWorld();
    await succeed([...MINIMAL, '--secret', 'more=slack-secret'], world);
    const rename = (text: string) =>
      text
        .replaceAll('"secretName":"slack-secret"', '"secretName":"secret-1"')
        .replaceAll(
          '"metadata":{"name":"cancel-hook-00001-abc"}',
          '"metadata":{"annotations":{"run.googleapis.com/secrets":"secret-1:projects/123/secrets/slack-secret"}}',
        );
    const { changes } = await runScript(MINIMAL, world, {
      replaces: (command, words) => {
        if (!command.startsWith('gcloud run revisions list')) return undefined;
        const output = runStandIn(world, words);
        return { ...output, stdout: rename(output.stdout) };
      },
    });
    assert.ok(changes.at(-1)?.startsWith('gcloud secrets remove-iam-policy-binding slack-secret '));
  });

  test('nothing of a secret that was deleted', async () => {
    const world = emptyWorld();
    await succeed([...MINIMAL, '--secret', 'more=slack-secret'], world);
    world.secrets = ['ops-token'];
    const { changes } = await succeed(MINIMAL, world);
    assert.deepEqual(commandWords(changes), ['functions deploy']);
  });

  test('the rights in a project, and its role', async () => {
    const world = emptyWorld();
    await succeed(EVERYTHING, world);
    assert.equal(bindings(world, 'projects pki-prod').length, 1);
    await succeed([...MINIMAL, '--operations-project', 'lab'], world);
    assert.deepEqual(bindings(world, 'projects pki-prod'), []);
    assert.deepEqual(
      bindings(world, 'projects example-project').filter((one) => one.endsWith(RUNTIME)),
      [],
    );
    assert.deepEqual(
      Object.keys(world.roles).filter((role) => !role.startsWith('deleted ')),
      ['lab/cancel_hook_canceller'],
    );
  });

  test('no rights in a project that cannot be seen, and says so', async () => {
    const world = emptyWorld();
    await succeed([...MINIMAL, '--operations-project', 'lab'], world);
    world.projects = ['example-project'];
    const { out } = await succeed(MINIMAL, world);
    assert.match(out, /The project lab cannot be seen/);
  });

  test('the permissions and the predefined role of a service', async () => {
    const world = emptyWorld();
    const lab = (services: string) =>
      succeed([...MINIMAL, '--operations-project', `lab=${services}`], world);
    const predefined = `roles/batch.jobsEditor ${RUNTIME}`;
    await lab('batch,run');
    assert.ok(bindings(world, 'projects lab').includes(predefined));
    await lab('run');
    assert.ok(!bindings(world, 'projects lab').includes(predefined));
    assert.deepEqual(
      world.roles['lab/cancel_hook_canceller'],
      ['cancel', 'get', 'list'].map((verb) => `run.executions.${verb}`),
    );
  });

  test('a sweep: its job, its invoker, and its account', async () => {
    const world = emptyWorld();
    await succeed([...MINIMAL, ...SWEEP], world);
    assert.deepEqual(bindings(world, SERVICE), [`${INVOKER} serviceAccount:${SCHEDULER}`]);
    await succeed(MINIMAL, world);
    assert.deepEqual(world.jobs, {});
    assert.deepEqual(bindings(world, SERVICE), []);
    assert.ok(!world.accounts.includes(SCHEDULER));
  });

  test('the rights to a queue, which stays', async () => {
    const world = emptyWorld();
    await succeed(EVERYTHING, world);
    assert.deepEqual(bindings(world, 'tasks queues cancels'), [
      `roles/cloudtasks.enqueuer ${RUNTIME}`,
    ]);
    assert.deepEqual(bindings(world, `iam service-accounts ${SCHEDULER}`), [
      `roles/iam.serviceAccountUser ${RUNTIME}`,
    ]);
    await succeed([...MINIMAL, ...SWEEP], world);
    assert.deepEqual(bindings(world, 'tasks queues cancels'), []);
    assert.deepEqual(bindings(world, `iam service-accounts ${SCHEDULER}`), []);
    assert.deepEqual(world.queues, ['cancels']);
  });
});

suite('makes public', () => {
  for (const args of PUBLIC) {
    test(`with ${args.at(-2)} after the deployment, when no iam caller answers any more`, async () => {
      const world = emptyWorld();
      await succeed(EVERYTHING, world);
      const { changes } = await runScript(args, world, {
        after: () =>
          assert.ok(!isPublic(world) || !JSON.stringify(servedConfig(world)).includes('iam')),
      });
      assert.ok(isPublic(world));
      const at = (word: string) => changes.findIndex((one) => one.includes(word));
      assert.ok(at('functions deploy') < Math.max(at('--member=allUsers'), at('--no-invoker')));
    });
  }

  test('in the other way without a moment in which it is closed', async () => {
    for (const [from = [], to = []] of [PUBLIC, PUBLIC.toReversed()]) {
      const world = emptyWorld();
      await succeed(from, world);
      await runScript(to, world, { after: (command) => assert.ok(isPublic(world), command) });
      const { unchecked } = world.service ?? {};
      const everyone = bindings(world, SERVICE).includes(`${INVOKER} allUsers`);
      assert.deepEqual([unchecked, everyone], to === UNCHECKED ? [true, false] : [false, true]);
    }
  });
});

suite('the service', () => {
  const told = write('told.json', {
    ...PRIVATE,
    callers: {
      ...PRIVATE.callers,
      slack: { type: 'slack', signingSecret: 'file:/secrets/slack/value' },
    },
  });
  const withSlack = ['deploy', ...WHERE, ...SECRETS, '--secret', 'slack=slack-secret', '--yes'];

  test('has its CPU always where a slack caller exists, and no longer than that', async () => {
    const world = emptyWorld();
    await succeed([...withSlack, '--config', told], world);
    assert.equal(world.service?.cpuAlways, true);
    await succeed(MINIMAL, world);
    assert.equal(world.service?.cpuAlways, false);
  });

  test('has its CPU always where a caller notifies', async () => {
    const config = write('notify.json', {
      ...PRIVATE,
      callers: {
        ...PRIVATE.callers,
        alerts: {
          type: 'alertmanager',
          auth: { bearer: 'file:/secrets/ops/value' },
          notify: ['oncall'],
        },
      },
      destinations: { oncall: { type: 'slack', url: 'file:/secrets/slack/value' } },
    });
    const world = emptyWorld();
    await succeed([...withSlack, '--config', config], world);
    assert.equal(world.service?.cpuAlways, true);
  });

  test('gets the configuration as JSON, also where it is written as YAML', async () => {
    const world = emptyWorld();
    await succeed(UNCHECKED, world);
    const { callers, allow } = PRIVATE;
    assert.deepEqual(servedConfig(world), {
      callers: { ops: callers.ops },
      allow: allow.map(({ operations }) => ({ operations })),
    });
    assert.ok(publicFile.endsWith('.yaml'));
  });
});

suite('a removal', () => {
  test('takes everything away without being told what there was', async () => {
    const world = emptyWorld();
    await succeed(EVERYTHING, world);
    await succeed(REMOVE, world);
    assert.deepEqual(world.accounts, []);
    assert.deepEqual(world.jobs, {});
    assert.deepEqual(world.repositories, []);
    assert.equal(world.service, undefined);
    assert.deepEqual(Object.values(world.policies).flat(), []);
    assert.ok(Object.keys(world.roles).every((role) => role.startsWith('deleted ')));
    assert.deepEqual(world.queues, ['cancels']);

    const { changes, out } = await succeed(REMOVE, world);
    assert.deepEqual(changes, []);
    assert.match(out, /nothing to remove/);
  });

  test('revokes what its options name where there is no function any more', async () => {
    const world = emptyWorld();
    await succeed([...MINIMAL, '--operations-project', 'pki-prod'], world);
    world.service = undefined;
    await succeed([...REMOVE, ...SECRETS, '--operations-project', 'pki-prod'], world);
    assert.deepEqual(bindings(world, 'projects pki-prod'), []);
    assert.deepEqual(bindings(world, 'secrets ops-token'), []);
  });

  test('can be followed by a deployment within the week in which a deleted role keeps its ID', async () => {
    const world = emptyWorld();
    await succeed(EVERYTHING, world);
    const made = structuredClone({ ...world, service: undefined });
    await succeed(REMOVE, world);
    const { changes } = await succeed(EVERYTHING, world);
    assert.equal(changes.filter((one) => one.startsWith('gcloud iam roles undelete ')).length, 2);
    assert.deepEqual(Object.keys(world.roles).sort(), Object.keys(made.roles).sort());
  });
});

test('a queue that exists needs no --queue, and one that does not is not made without it', async () => {
  const args = ['deploy', ...WHERE, ...SECRETS, ...SWEEP, '--config', queueFile, '--yes'];
  const world = emptyWorld();
  const { status, err } = await runScript(args, world);
  assert.equal(status, 1);
  assert.match(err, /the queue of the configuration, cancels, does not exist; --queue creates it/);
  world.queues = ['cancels'];
  const { changes } = await succeed(args, world);
  assert.ok(!changes.some((one) => one.includes('queues create')));
  assert.equal(bindings(world, 'tasks queues cancels').length, 1);
});

test('a missing secret is named before anything is bound', async () => {
  const args = ['deploy', ...WHERE, '--config', privateFile, '--yes'];
  const others = ['--secret', 'ops=none-such', '--secret-env', 'OPS_TOKEN_OLD=ops-token:3'];
  const { status, err, changes } = await runScript([...args, ...others]);
  assert.equal(status, 1);
  assert.match(err, /there is no secret none-such in the project example-project/);
  assert.deepEqual(commandWords(changes), [commandWords(changes)[0]]);
  assert.match(changes[0] ?? '', /services enable/);
});
