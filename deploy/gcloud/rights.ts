/** Plans the rights of the function's accounts: what they get before a deployment, and lose after it. */

import services from '../terraform/services.json' with { type: 'json' };
import { type Command, grant, type Resource, revoke } from './commands.ts';
import { type Configuration, schedulerAccount } from './configuration.ts';
import { type Options, Refusal } from './options.ts';
import { type ProjectState, roleId, type State, secretIds } from './state.ts';

const ACCESSOR = 'roles/secretmanager.secretAccessor';
const ENQUEUER = 'roles/cloudtasks.enqueuer';
const ACT_AS = 'roles/iam.serviceAccountUser';

const SERVICES: Readonly<Record<string, { permissions: string[]; roles: string[] }>> = services;
const PREDEFINED_ROLES = [...new Set(Object.values(SERVICES).flatMap(({ roles }) => roles))];

export function accountsOf(options: Options) {
  const email = (name: string) => `${name}@${options.project}.iam.gserviceaccount.com`;
  return {
    runtime: email(options.name),
    build: email(`${options.name}-build`),
    scheduler: schedulerAccount(options),
  };
}

/** @throws Refusal where a secret or a queue does not exist */
export function planGrants(
  options: Options,
  configuration: Configuration,
  state: State,
): Command[] {
  return [
    ...state.projects
      .filter(({ name }) => options.operationsProjects.has(name))
      .flatMap((one) => planCanceller(options, one)),
    ...planBuild(options, state),
    ...planSecrets(options, state),
    ...planQueue(options, configuration, state),
  ];
}

/** The predefined roles that may cancel may do more, such as delete certificate authorities. */
function planCanceller(options: Options, project: ProjectState): Command[] {
  const id = roleId(options);
  const asked = (options.operationsProjects.get(project.name) ?? []).map((name) => SERVICES[name]);
  const permissions = [...new Set(asked.flatMap((one) => one?.permissions ?? []))].sort();
  const member = `serviceAccount:${accountsOf(options).runtime}`;
  const role = (verb: string, ...flags: string[]): Command => ({
    args: ['iam', 'roles', verb, id, `--project=${project.name}`, ...flags, '--quiet'],
  });
  const list = `--permissions=${permissions}`;
  const commands = project.isRoleDeleted ? [role('undelete')] : [];
  if (project.permissions === undefined) {
    commands.push(role('create', `--title=${options.name}: cancel operations`, list, '--stage=GA'));
  } else if (`${[...project.permissions].sort()}` !== `${permissions}`) {
    commands.push(role('update', list));
  }
  commands.push(...grant(project, customRole(options, project), member));
  // Where Google documents no permission for the cancel, the predefined role is bound.
  const predefined = new Set(asked.flatMap((one) => one?.roles ?? []));
  for (const one of predefined) commands.push(...grant(project, one, member));
  return commands;
}

/** Returns the commands that take the function's rights in a project away, but for some roles. */
export function revokeCanceller(
  options: Options,
  project: ProjectState,
  kept: readonly string[] = [],
): Command[] {
  const member = `serviceAccount:${accountsOf(options).runtime}`;
  const roles = [customRole(options, project), ...PREDEFINED_ROLES];
  return roles
    .filter((role) => !kept.includes(role))
    .flatMap((role) => revoke(project, role, member));
}

export function deleteRole(
  options: Options,
  { name, permissions, isRoleDeleted }: ProjectState,
): Command[] {
  if (permissions === undefined || isRoleDeleted) return [];
  return [{ args: ['iam', 'roles', 'delete', roleId(options), `--project=${name}`, '--quiet'] }];
}

function planBuild(options: Options, { projectNumber, repository, projects }: State): Command[] {
  const { name, region, project } = options;
  const member = `serviceAccount:${accountsOf(options).build}`;
  const flags = [`--location=${region}`, `--project=${project}`];
  const own = projects.find((one) => one.name === project) as ProjectState;
  const empty = { group: 'artifacts repositories', name, flags, bindings: [], conditions: true };
  const create = ['artifacts', 'repositories', 'create', name, ...flags];
  return [
    ...(repository ? [] : [{ args: [...create, '--repository-format=docker', '--quiet'] }]),
    ...grant(repository ?? empty, 'roles/artifactregistry.writer', member),
    // Cloud Functions makes this bucket at the first deployment, so that it cannot be bound beforehand.
    ...grant(own, 'roles/storage.objectViewer', member, {
      title: 'source-of-functions-only',
      expression: `resource.name.startsWith("projects/_/buckets/gcf-v2-sources-${projectNumber}-${region}")`,
    }),
    ...grant(own, 'roles/logging.logWriter', member),
  ];
}

function planSecrets(options: Options, { secrets }: State): Command[] {
  return secretIds(options).flatMap((id) => {
    const secret = secrets.find(({ name }) => name === id);
    if (!secret) {
      throw new Refusal(
        `there is no secret ${id} in the project ${options.project}: create it, with a value`,
      );
    }
    return grant(secret, ACCESSOR, `serviceAccount:${accountsOf(options).runtime}`);
  });
}

function planQueue(
  options: Options,
  { queue }: Configuration,
  { queues, actedAs }: State,
): Command[] {
  if (!queue) return [];
  const member = `serviceAccount:${accountsOf(options).runtime}`;
  const flags = [`--location=${queue.location}`, `--project=${queue.project}`];
  const found = queues.find((one) => isQueue(one, queue));
  if (!found && !options.queue) {
    throw new Refusal(
      `the queue of the configuration, ${queue.name}, does not exist; --queue creates it`,
    );
  }
  const empty = { group: 'tasks queues', name: queue.name, flags, bindings: [], conditions: false };
  const limits = ['--max-dispatches-per-second=10', '--max-concurrent-dispatches=10'];
  limits.push('--max-attempts=20', '--min-backoff=1s', '--max-backoff=300s');
  const create = ['tasks', 'queues', 'create', queue.name, ...flags, ...limits, '--quiet'];
  return [
    ...(found ? [] : [{ args: create }]),
    ...grant(found ?? empty, ENQUEUER, member),
    // To create a task that presents an account's token is to act as the account.
    ...queue.accounts.flatMap((name) => {
      const account = actedAs.find((one) => one.name === name);
      const fresh = { group: 'iam service-accounts', name, bindings: [], conditions: true };
      return grant(
        account ?? { ...fresh, flags: [`--project=${options.project}`] },
        ACT_AS,
        member,
      );
    }),
  ];
}

function isQueue(one: Resource, queue: Configuration['queue']): boolean {
  return one.name === queue?.name && one.flags.includes(`--location=${queue.location}`);
}

/** Revokes what earlier revisions needed and the new one does not. */
export function planRevocations(
  options: Options,
  { queue }: Configuration,
  { projects, secrets, queues, actedAs, accounts }: State,
): Command[] {
  const { scheduler } = accountsOf(options);
  const asked = secretIds(options);
  return [
    ...revokeAll(options, {
      secrets: secrets.filter(({ name }) => !asked.includes(name)),
      queues: queues.filter((one) => !isQueue(one, queue)),
      actedAs: actedAs.filter(({ name }) => !queue?.accounts.includes(name)),
    }),
    ...projects.flatMap((one) => {
      const names = options.operationsProjects.get(one.name);
      if (!names) return [...revokeCanceller(options, one), ...deleteRole(options, one)];
      const roles = names.flatMap((name) => SERVICES[name]?.roles ?? []);
      return revokeCanceller(options, one, [customRole(options, one), ...roles]);
    }),
    ...(!options.sweep && accounts.has(scheduler) ? [deleteAccount(scheduler, options)] : []),
  ];
}

/** Revokes the rights of the function to secrets, queues, and to act as accounts. */
export function revokeAll(
  options: Options,
  { secrets, queues, actedAs }: Pick<State, 'secrets' | 'queues' | 'actedAs'>,
): Command[] {
  const member = `serviceAccount:${accountsOf(options).runtime}`;
  return [
    ...secrets.flatMap((one) => revoke(one, ACCESSOR, member)),
    ...queues.flatMap((one) => revoke(one, ENQUEUER, member)),
    ...actedAs.flatMap((one) => revoke(one, ACT_AS, member)),
  ];
}

function customRole(options: Options, { name }: ProjectState): string {
  return `projects/${name}/roles/${roleId(options)}`;
}

export function deleteAccount(email: string, { project }: Options): Command {
  return { args: ['iam', 'service-accounts', 'delete', email, `--project=${project}`, '--quiet'] };
}
