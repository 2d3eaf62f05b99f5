/** The script stops at any failure, keeps private what must be private, and continues when it runs again. */

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  EVERYTHING,
  isPublic,
  MINIMAL,
  PUBLIC,
  REMOVE,
  runScript,
  servedConfig,
  succeed,
} from './gcloud.ts';
import { emptyWorld, type World } from './stand-in-gcloud.ts';

const [UNCHECKED = [], ALL_USERS = []] = PUBLIC;

async function deployed(...runs: readonly (readonly string[])[]): Promise<World> {
  const world = emptyWorld();
  for (const args of runs) await succeed(args, world);
  return world;
}

/** Public in both ways, and to every Google account under another role. */
async function wideOpen(): Promise<World> {
  const world = await deployed(UNCHECKED);
  world.policies['run services cancel-hook'] = [
    { role: 'roles/run.invoker', members: ['allUsers', 'user:former@example.com'] },
    { role: 'roles/run.invoker', members: ['allUsers'], condition: { title: 'for a time' } },
    { role: 'roles/run.admin', members: ['allAuthenticatedUsers'] },
  ];
  return world;
}

const STARTS: Readonly<Record<string, () => Promise<World>>> = {
  nothing: async () => emptyWorld(),
  'a private function with everything': () => deployed(EVERYTHING),
  'a function without the invoker check': () => deployed(UNCHECKED),
  'a function that allUsers may invoke': () => deployed(ALL_USERS),
  'a function that is public in every way': wideOpen,
};
const RUNS: Readonly<Record<string, readonly string[]>> = {
  'a private function with everything': EVERYTHING,
  'a private function with nothing': MINIMAL,
  'a function without the invoker check': UNCHECKED,
  'a function that allUsers may invoke': ALL_USERS,
  'no function': REMOVE,
};

/** What anybody can call must be what was deployed for anybody. */
function assertSafe(world: World, asked: readonly string[], start: string, at: string): void {
  if (!isPublic(world)) return;
  const config = servedConfig(world);
  const hasIam = Object.values<{ auth: object }>(config.callers).some(({ auth }) => 'iam' in auth);
  assert.ok(!hasIam, `an iam caller is public after ${at}`);
  const isAskedPublic = asked.some((word) => word.startsWith('--public'));
  const isOld = JSON.stringify(config) === start;
  assert.ok(isAskedPublic || isOld, `a private deployment is public after ${at}`);
}

/** Without what differs from run to run: the number of revisions. */
function comparable({ service, ...world }: World) {
  const [latest] = service?.revisions ?? [];
  const sorted = Object.entries(world.policies)
    .map(([key, bindings]) => [key, bindings.map((one) => JSON.stringify(one)).sort()] as const)
    .filter(([, bindings]) => bindings.length > 0);
  return {
    ...world,
    apis: world.apis.toSorted(),
    accounts: world.accounts.toSorted(),
    policies: Object.fromEntries(sorted),
    service: service && { ...service, revisions: [latest] },
  };
}

for (const [from, create] of Object.entries(STARTS)) {
  suite(`from ${from}`, () => {
    for (const [to, args] of Object.entries(RUNS)) {
      test(`to ${to}: each failure is the end, exposes nothing, and can be continued`, async () => {
        const start = await create();
        const served = JSON.stringify(servedConfig(start));
        const whole = structuredClone(start);
        const { changes } = await succeed(args, whole);
        assert.equal(
          isPublic(whole),
          args.some((word) => word.startsWith('--public')),
        );
        for (const failing of new Set(changes)) {
          for (const when of ['before', 'after'] as const) {
            const world = structuredClone(start);
            const fails = (command: string) => (command === failing ? when : undefined);
            const after = (command: string) => assertSafe(world, args, served, command);
            const broken = await runScript(args, world, { fails, after });
            assert.equal(broken.status, 1, failing);
            assert.equal(broken.changes.at(-1), failing, 'something ran after a failure');
            assert.ok(broken.err.includes('this command failed: gcloud '), broken.err);
            const again = await runScript(args, world, {
              after: (command) => assertSafe(world, args, served, command),
            });
            assert.equal(again.status, 0, `${failing}: ${again.err}`);
            assert.deepEqual(comparable(world), comparable(whole), failing);
          }
        }
      });

      test(`to ${to}: a read that fails changes nothing`, async () => {
        const start = await create();
        const apis = structuredClone(start);
        const { reads } = await succeed(args, apis);
        for (const failing of new Set(reads)) {
          const world = structuredClone(start);
          const { status, err, changes } = await runScript(args, world, {
            fails: (command) => (command === failing ? 'before' : undefined),
          });
          assert.equal(status, 1, failing);
          assert.match(err, /could not read the state: gcloud /);
          // What a new function has can only be seen after its deployment.
          if (failing.includes('functions describe')) continue;
          if (!start.service && failing.includes('run services get-iam-policy')) continue;
          assert.deepEqual(
            changes.filter((one) => !one.startsWith('gcloud services enable ')),
            [],
            failing,
          );
        }
      });
    }
  });
}

test('a function that somebody makes public during its deployment is no success', async () => {
  const world = emptyWorld();
  const { status, err } = await runScript(MINIMAL, world, {
    after: (command) => {
      if (!command.startsWith('gcloud functions deploy ')) return;
      world.policies['run services cancel-hook'] = [
        { role: 'roles/run.invoker', members: ['allUsers'] },
      ];
    },
  });
  assert.equal(status, 1);
  assert.match(err, /the function is public/);
  await succeed(MINIMAL, world);
  assert.equal(isPublic(world), false);
});

test('a list of which a part is unreachable is a failed read', async () => {
  const world = await deployed(MINIMAL);
  const { status, err } = await runScript(REMOVE, world, {
    warns: (command) =>
      command.startsWith('gcloud functions list') ? 'WARNING: the region was unreachable' : '',
  });
  assert.equal(status, 1);
  assert.match(err, /could not read the state: gcloud functions list /);
});

test('a binding that comes too early for a new account is tried again', async () => {
  let refusals = 2;
  const { status, pauses, changes } = await runScript(MINIMAL, emptyWorld(), {
    fails: (command) =>
      command.includes('secrets add-iam-policy-binding') && refusals-- > 0 ? 'before' : undefined,
  });
  assert.equal(status, 0);
  assert.deepEqual(pauses, [5, 10]);
  assert.equal(changes.filter((one) => one.includes('secrets add-iam')).length, 3);
});

test('a read from an API that was enabled just now is tried again', async () => {
  let refusals = 2;
  const { status, pauses } = await runScript(MINIMAL, emptyWorld(), {
    fails: (command) =>
      command.includes('run services list') && refusals-- > 0 ? 'before' : undefined,
  });
  assert.equal(status, 0);
  assert.deepEqual(pauses, [10, 20]);
});
