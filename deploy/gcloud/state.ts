/** Reads what exists. A read that fails ends the script: what it cannot see may exist, and be public. */

import { type Binding, CommandFailed, format, type Gcloud, type Resource } from './commands.ts';
import { type Queue, schedulerAccount } from './configuration.ts';
import type { Options } from './options.ts';
import {
  annotation,
  baseName,
  type Json,
  type RevisionSettings,
  readRevisions,
} from './revisions.ts';

export interface State {
  readonly projectNumber: string;
  /** Emails of service accounts. */
  readonly accounts: ReadonlySet<string>;
  /** The Cloud Run service below the function. */
  readonly service?: Service | undefined;
  /** What the revisions of the service were deployed with: it may still be bound. */
  readonly earlier: RevisionSettings;
  readonly hasFunction: boolean;
  readonly hasJob: boolean;
  readonly repository?: Resource | undefined;
  readonly projects: readonly ProjectState[];
  /** Those of the options and of earlier revisions that exist. */
  readonly secrets: readonly Resource[];
  /** Those of the configuration and of earlier revisions that exist. */
  readonly queues: readonly Resource[];
  /** The service accounts that the function does or did act as. */
  readonly actedAs: readonly Resource[];
  /** What was bound by an earlier deployment and cannot be seen any more. */
  readonly unreadableProjects: readonly string[];
}

export interface Service extends Resource {
  readonly isUnchecked: boolean;
  readonly hasCpuAlways: boolean;
}

export interface ProjectState extends Resource {
  /** The permissions of the custom role; undefined where there is no role. */
  readonly permissions?: readonly string[] | undefined;
  /** A deleted role keeps its ID for a week. */
  readonly isRoleDeleted: boolean;
}

export interface Reader {
  /** Runs a command whose output is JSON, of one thing or of several. @throws CommandFailed */
  list(group: string, ...args: string[]): Json[];
  /** Reads the IAM policy of a resource. @throws CommandFailed */
  policy(group: string, name: string, flags: readonly string[]): Resource;
}

/** The APIs of groups of commands. While one is not enabled, there is nothing of it. */
const APIS: Readonly<Record<string, string>> = {
  artifacts: 'artifactregistry',
  functions: 'cloudfunctions',
  iam: 'iam',
  run: 'run',
  scheduler: 'cloudscheduler',
  secrets: 'secretmanager',
  tasks: 'cloudtasks',
};

/** Groups whose bindings cannot have conditions. */
const WITHOUT_CONDITIONS = ['tasks queues'];

export function createReader(gcloud: Gcloud, enabled: ReadonlySet<string>): Reader {
  const read = (args: readonly string[]): Json => {
    const { status, stdout, stderr } = gcloud([...args, '--format=json', '--quiet'], true);
    // A list of which a part cannot be read succeeds with a warning.
    if (status !== 0 || /unreachable/i.test(stderr)) {
      throw new CommandFailed(`could not read the state: ${format(args)}\n${stderr.trim()}`);
    }
    return JSON.parse(stdout.trim() || '[]');
  };
  return {
    list(group, ...args) {
      const api = APIS[group.split(' ')[0] ?? ''];
      if (api && !enabled.has(`${api}.googleapis.com`)) return [];
      return [read([...group.split(' '), ...args])].flat();
    },
    policy(group, name, flags) {
      const { bindings = [] } = read([...group.split(' '), 'get-iam-policy', name, ...flags]);
      const conditions = !WITHOUT_CONDITIONS.includes(group);
      return { group, name, flags, bindings: bindings as Binding[], conditions };
    },
  };
}

/** @throws CommandFailed */
export function readState(options: Options, queue: Queue | undefined, reader: Reader): State {
  const { project, region, name } = options;
  const inProject = `--project=${project}`;
  const inRegion = [`--region=${region}`, inProject];
  const inLocation = [`--location=${region}`, inProject];
  const { list, policy } = reader;
  const accounts = new Set<string>(
    list('iam service-accounts', 'list', inProject).map(({ email }) => email),
  );
  const service = readService(options, reader);
  const revisions = service ? list('run revisions', 'list', `--service=${name}`, ...inRegion) : [];
  const scheduler = schedulerAccount(options);
  const earlier = readRevisions(revisions, scheduler);
  const asked = new Set([project, ...options.operationsProjects.keys()]);
  const dropped = earlier.projects.filter((id) => !asked.has(id));
  const visible = new Set(
    dropped
      .flatMap((id) => list('projects', 'list', `--filter=projectId=${id}`))
      .map(({ projectId }) => projectId),
  );
  const queues = [
    ...(queue ? [queue] : []),
    ...earlier.queues.filter((one) => one.project === project),
  ];
  const actsAs = (queue?.accounts ?? []).filter((email) => email !== scheduler);
  const actedAs = [...earlier.queues.flatMap((one) => one.accounts), scheduler];
  const secrets = new Set([...secretIds(options), ...earlier.secrets]);
  const known = secrets.size > 0 ? list('secrets', 'list', inProject) : [];

  return {
    projectNumber: list('projects', 'describe', project)[0].projectNumber,
    accounts,
    service,
    earlier,
    hasFunction: Boolean(
      named(list('functions', 'list', '--v2', `--regions=${region}`, inProject), name),
    ),
    hasJob: Boolean(named(list('scheduler jobs', 'list', ...inLocation), `${name}-sweep`)),
    repository: named(list('artifacts repositories', 'list', ...inLocation), name)
      ? policy('artifacts repositories', name, inLocation)
      : undefined,
    projects: [...asked, ...visible].map((id) => readProject(id, roleId(options), reader)),
    secrets: [...secrets]
      .filter((id) => named(known, id))
      .map((id) => policy('secrets', id, [inProject])),
    queues: distinct(queues, (one) => `${one.project} ${one.location} ${one.name}`).flatMap(
      (one) => {
        const flags = [`--location=${one.location}`, `--project=${one.project}`];
        const found = named(list('tasks queues', 'list', ...flags), one.name);
        return found ? [policy('tasks queues', one.name, flags)] : [];
      },
    ),
    actedAs: [...new Set([...actsAs, ...actedAs.filter((email) => accounts.has(email))])].map(
      (email) => policy('iam service-accounts', email, [inProject]),
    ),
    unreadableProjects: dropped.filter((id) => !visible.has(id)),
  };
}

/** @throws CommandFailed */
export function readService(
  { project, region, name }: Options,
  { list, policy }: Reader,
): Service | undefined {
  const flags = [`--region=${region}`, `--project=${project}`];
  const service = named(list('run services', 'list', ...flags), name);
  if (!service) return undefined;
  const template = service.spec?.template;
  return {
    ...policy('run services', name, flags),
    isUnchecked: annotation(service, 'run.googleapis.com/invoker-iam-disabled') === 'true',
    hasCpuAlways: annotation(template, 'run.googleapis.com/cpu-throttling') === 'false',
  };
}

function named(items: readonly Json[], wanted: string): Json {
  return items.find((item) => baseName(item.name ?? item.metadata?.name) === wanted);
}

function readProject(id: string, role: string, { list, policy }: Reader): ProjectState {
  const roles = list('iam roles', 'list', '--show-deleted', `--project=${id}`);
  const found = roles.find(({ name }) => baseName(name) === role);
  const [detail] = found ? list('iam roles', 'describe', role, `--project=${id}`) : [];
  return {
    ...policy('projects', id, []),
    permissions: detail && (detail.includedPermissions ?? []),
    isRoleDeleted: detail?.deleted === true,
  };
}

export function roleId({ name }: Options): string {
  return `${name.replaceAll('-', '_')}_canceller`;
}

export function secretIds({ secrets, secretVariables }: Options): string[] {
  const versions = secretVariables.values().map((text) => text.split(':')[0] ?? '');
  return [...new Set([...secrets.values(), ...versions])];
}

function distinct<T>(items: readonly T[], key: (item: T) => string): T[] {
  return [...new Map(items.map((item) => [key(item), item])).values()];
}
