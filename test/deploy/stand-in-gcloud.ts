/**
 * A stand-in for gcloud that remembers: it changes a state as the commands of the script do, and prints what
 * they read. As an executable, it keeps the state in the file GCLOUD_STATE, and fails where a
 * command begins with GCLOUD_FAILS. It knows no other commands.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import type { Binding, Output } from '../../deploy/gcloud/commands.ts';

/** The variables that a function was deployed with, and its references to secrets. */
interface Revision {
  readonly variables: Readonly<Record<string, string>>;
  /** As of `--set-secrets`. */
  readonly secrets: string;
}

export interface World {
  apis: string[];
  accounts: string[];
  /** Permissions by `project/role`; a deleted role begins with `deleted `. */
  roles: Record<string, string[]>;
  /** Bindings by the group and name of what has the policy, such as `secrets ops-token`. */
  policies: Record<string, Binding[]>;
  secrets: string[];
  repositories: string[];
  queues: string[];
  jobs: Record<string, string[]>;
  service?: { unchecked: boolean; cpuAlways: boolean; revisions: Revision[] } | undefined;
  /** Projects that a list shows. */
  projects: string[];
}

export function emptyWorld(): World {
  return {
    // Secrets exist before a deployment.
    apis: ['secretmanager.googleapis.com'],
    accounts: [],
    roles: {},
    policies: {},
    secrets: ['ops-token', 'slack-secret'],
    repositories: [],
    queues: [],
    jobs: {},
    projects: ['example-project', 'pki-prod', 'lab'],
  };
}

class NotUnderstood extends Error {}

const GROUPS = [
  'services',
  'projects',
  'iam service-accounts',
  'iam roles',
  'run services',
  'run revisions',
  'functions',
  'secrets',
  'artifacts repositories',
  'scheduler jobs',
  'tasks queues',
];

const API_OF: Readonly<Record<string, string>> = {
  run: 'run',
  functions: 'cloudfunctions',
  secrets: 'secretmanager',
  artifacts: 'artifactregistry',
  scheduler: 'cloudscheduler',
  tasks: 'cloudtasks',
  iam: 'iam',
};

/** Runs one command on a world. */
export function runStandIn(world: World, args: readonly string[]): Output {
  const group = GROUPS.find((one) => args.join(' ').startsWith(`${one} `));
  if (!group) throw new NotUnderstood(args.join(' '));
  const [verb = '', ...rest] = args.slice(group.split(' ').length);
  const name = rest.find((word) => !word.startsWith('--') && word !== 'http') ?? '';
  const flag = (key: string) =>
    rest.find((word) => word.startsWith(`--${key}=`))?.slice(key.length + 3);
  const api = API_OF[group.split(' ')[0] ?? ''];
  // Projects other than the function's have what they need.
  const own = (flag('project') ?? 'example-project') === 'example-project';
  if (api && own && !world.apis.includes(`${api}.googleapis.com`)) {
    return failed(
      `PERMISSION_DENIED: API ${api}.googleapis.com has not been used before or it is disabled`,
    );
  }
  if (verb.endsWith('-iam-policy-binding')) return changeBinding(world, group, verb, name, rest);
  if (verb === 'get-iam-policy') {
    return printed({ bindings: world.policies[`${group} ${name}`] ?? [], etag: 'x', version: 1 });
  }
  const act = VERBS[`${group} ${verb}`];
  if (!act) throw new NotUnderstood(args.join(' '));
  return act({ world, name, flag, rest });
}

interface Call {
  readonly world: World;
  readonly name: string;
  readonly flag: (key: string) => string | undefined;
  readonly rest: readonly string[];
}

const VERBS: Readonly<Record<string, (call: Call) => Output>> = {
  'services list': ({ world }) => printed(world.apis.map((name) => ({ config: { name } }))),
  'services enable': ({ world, rest }) => {
    const apis = rest.filter((word) => !word.startsWith('--'));
    world.apis.push(...apis.filter((one) => !world.apis.includes(one)));
    return printed();
  },
  'projects describe': () => printed({ projectNumber: '123456789012' }),
  'projects list': ({ world, flag }) => {
    const wanted = flag('filter')?.replace('projectId=', '') ?? '';
    return printed(world.projects.includes(wanted) ? [{ projectId: wanted }] : []);
  },
  'iam service-accounts list': ({ world }) => printed(world.accounts.map((email) => ({ email }))),
  'iam service-accounts create': ({ world, name }) =>
    add(world.accounts, `${name}@example-project.iam.gserviceaccount.com`),
  'iam service-accounts delete': ({ world, name }) => {
    const bound = Object.values(world.policies)
      .flat()
      .flatMap(({ members = [] }) => members);
    // A binding on the deleted service goes with it.
    if (bound.includes(`serviceAccount:${name}`)) {
      throw new NotUnderstood(`${name} is deleted while it is bound`);
    }
    return take(world.accounts, name);
  },
  'iam roles list': ({ world, flag }) => {
    const project = flag('project');
    const names = Object.keys(world.roles).map((key) => key.replace('deleted ', ''));
    return printed(
      names
        .filter((key) => key.startsWith(`${project}/`))
        .map((key) => ({ name: `projects/${key.replace('/', '/roles/')}` })),
    );
  },
  'iam roles describe': ({ world, flag, name }) => {
    const key = `${flag('project')}/${name}`;
    const deleted = world.roles[`deleted ${key}`];
    const includedPermissions = deleted ?? world.roles[key];
    if (!includedPermissions) return failed('NOT_FOUND: The role was not found.');
    return printed({ name: key, includedPermissions, ...(deleted ? { deleted: true } : {}) });
  },
  'iam roles create': ({ world, flag, name }) => {
    const key = `${flag('project')}/${name}`;
    if (world.roles[key] || world.roles[`deleted ${key}`]) return failed('ALREADY_EXISTS');
    world.roles[key] = flag('permissions')?.split(',') ?? [];
    return printed();
  },
  'iam roles update': ({ world, flag, name }) => {
    const key = `${flag('project')}/${name}`;
    if (!world.roles[key]) return failed('NOT_FOUND');
    world.roles[key] = flag('permissions')?.split(',') ?? [];
    return printed();
  },
  'iam roles delete': ({ world, flag, name }) =>
    move(world.roles, `${flag('project')}/${name}`, 'deleted '),
  'iam roles undelete': ({ world, flag, name }) => {
    const key = `${flag('project')}/${name}`;
    const permissions = world.roles[`deleted ${key}`];
    if (!permissions) return failed('NOT_FOUND');
    delete world.roles[`deleted ${key}`];
    world.roles[key] = permissions;
    return printed();
  },
  'run services list': ({ world }) => {
    if (!world.service) return printed([]);
    const { unchecked, cpuAlways } = world.service;
    const annotations = unchecked ? { 'run.googleapis.com/invoker-iam-disabled': 'true' } : {};
    const template = cpuAlways ? { 'run.googleapis.com/cpu-throttling': 'false' } : {};
    return printed([
      {
        metadata: { name: 'cancel-hook', annotations },
        spec: { template: { metadata: { annotations: template } } },
      },
    ]);
  },
  'run services update': ({ world: { service }, rest }) => {
    if (!service) return failed('Service [cancel-hook] could not be found.');
    if (rest.includes('--invoker-iam-check')) service.unchecked = false;
    if (rest.includes('--no-invoker-iam-check')) service.unchecked = true;
    if (rest.includes('--cpu-throttling')) service.cpuAlways = false;
    if (rest.includes('--no-cpu-throttling')) service.cpuAlways = true;
    return printed();
  },
  'run revisions list': ({ world }) => printed(world.service?.revisions.map(formatRevision) ?? []),
  'functions list': ({ world }) =>
    printed(world.service ? [{ name: 'projects/p/locations/l/functions/cancel-hook' }] : []),
  'functions describe': ({ world }) =>
    world.service
      ? { status: 0, stdout: 'https://cancel-hook.example.com\n', stderr: '' }
      : failed('NOT_FOUND'),
  'functions deploy': ({ world, flag, rest }) => {
    const variables = JSON.parse(readFileSync(flag('env-vars-file') ?? '', 'utf8'));
    const revision = { variables, secrets: flag('set-secrets') ?? '' };
    const revisions = [revision, ...(world.service?.revisions ?? [])];
    world.service = { unchecked: false, cpuAlways: false, ...world.service, revisions };
    const bindings = world.policies['run services cancel-hook'] ?? [];
    if (rest.includes('--no-allow-unauthenticated')) {
      world.policies['run services cancel-hook'] = without(
        bindings,
        'roles/run.invoker',
        'allUsers',
      );
    }
    return printed();
  },
  'functions delete': ({ world }) => {
    if (!world.service) return failed('NOT_FOUND');
    world.service = undefined;
    delete world.policies['run services cancel-hook'];
    return printed();
  },
  'secrets list': ({ world }) =>
    printed(world.secrets.map((id) => ({ name: `projects/123456789012/secrets/${id}` }))),
  'artifacts repositories list': ({ world }) =>
    printed(
      world.repositories.map((id) => ({ name: `projects/p/locations/l/repositories/${id}` })),
    ),
  'artifacts repositories create': ({ world, name }) => add(world.repositories, name),
  'artifacts repositories delete': ({ world, name }) => {
    delete world.policies[`artifacts repositories ${name}`];
    return take(world.repositories, name);
  },
  'scheduler jobs list': ({ world }) =>
    printed(Object.keys(world.jobs).map((id) => ({ name: `projects/p/locations/l/jobs/${id}` }))),
  'scheduler jobs create': ({ world, name, rest }) => {
    if (world.jobs[name]) return failed('ALREADY_EXISTS');
    world.jobs[name] = [...rest];
    return printed();
  },
  'scheduler jobs update': ({ world, name, rest }) => {
    if (!world.jobs[name]) return failed('NOT_FOUND');
    world.jobs[name] = rest.map((word) => word.replace('--update-headers', '--headers'));
    return printed();
  },
  'scheduler jobs delete': ({ world, name }) => {
    if (!world.jobs[name]) return failed('NOT_FOUND');
    delete world.jobs[name];
    return printed();
  },
  'tasks queues list': ({ world }) =>
    printed(world.queues.map((id) => ({ name: `projects/p/locations/l/queues/${id}` }))),
  'tasks queues create': ({ world, name }) => add(world.queues, name),
};

/** Formats a revision as Cloud Run describes it. */
function formatRevision({ variables, secrets }: Revision) {
  const references = secrets
    .split(',')
    .filter(Boolean)
    .map((one) => one.split('='));
  const idOf = (text = '') => text.split(':')[0];
  const mounted = references.filter(([at]) => at?.startsWith('/'));
  const env = references.filter(([at]) => !at?.startsWith('/'));
  return {
    metadata: { name: 'cancel-hook-00001-abc' },
    spec: {
      containers: [
        {
          env: [
            ...Object.entries(variables).map(([name, value]) => ({ name, value })),
            ...env.map(([name, id]) => ({ name, valueFrom: { secretKeyRef: { name: idOf(id) } } })),
          ],
        },
      ],
      volumes: mounted.map(([name, id]) => ({ name, secret: { secretName: idOf(id) } })),
    },
  };
}

function changeBinding(
  world: World,
  group: string,
  verb: string,
  name: string,
  flags: readonly string[],
): Output {
  const flag = (key: string) =>
    flags.find((word) => word.startsWith(`--${key}=`))?.slice(key.length + 3);
  const [role = '', member = '', condition] = ['role', 'member', 'condition'].map(flag);
  const key = `${group} ${name}`;
  const bindings = world.policies[key] ?? [];
  if (verb.startsWith('remove')) {
    const isBound = bindings.some((one) => one.role === role && one.members?.includes(member));
    if (!isBound) return failed('Policy binding with the specified principal and role not found!');
    world.policies[key] = without(bindings, role, member);
    return printed();
  }
  const [, email = ''] = /^serviceAccount:(.*@example-project\..*)$/.exec(member) ?? [];
  if (email && !world.accounts.includes(email)) {
    return failed(`INVALID_ARGUMENT: Service account ${email} does not exist.`);
  }
  const [, title] = /^title=([^,]+)/.exec(condition ?? '') ?? [];
  const added = { role, members: [member], ...(title ? { condition: { title } } : {}) };
  const others = bindings.filter((one) => JSON.stringify(one) !== JSON.stringify(added));
  world.policies[key] = [...others, added];
  return printed();
}

function without(bindings: readonly Binding[], role: string, member: string): Binding[] {
  return bindings
    .map((one) =>
      one.role === role
        ? { ...one, members: (one.members ?? []).filter((other) => other !== member) }
        : one,
    )
    .filter(({ members = [] }) => members.length > 0);
}

function add(items: string[], item: string): Output {
  if (items.includes(item)) return failed('ALREADY_EXISTS');
  items.push(item);
  return printed();
}

function take(items: string[], item: string): Output {
  if (!items.includes(item)) return failed('NOT_FOUND');
  items.splice(items.indexOf(item), 1);
  return printed();
}

function move(items: Record<string, string[]>, key: string, prefix: string): Output {
  const value = items[key];
  if (!value) return failed('NOT_FOUND');
  delete items[key];
  items[`${prefix}${key}`] = value;
  return printed();
}

function printed(value?: unknown): Output {
  return { status: 0, stdout: value === undefined ? '' : JSON.stringify(value), stderr: '' };
}

function failed(message: string): Output {
  return { status: 1, stdout: '', stderr: `ERROR: ${message}\n` };
}

if (import.meta.main) {
  const file = process.env.GCLOUD_STATE ?? '';
  const world: World = JSON.parse(readFileSync(file, 'utf8'));
  const args = process.argv.slice(2);
  const { GCLOUD_FAILS } = process.env;
  const isFailing = GCLOUD_FAILS && args.join(' ').startsWith(GCLOUD_FAILS);
  const { status, stdout, stderr } = isFailing ? failed('as asked') : runStandIn(world, args);
  writeFileSync(file, JSON.stringify(world));
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  process.exitCode = status;
}
