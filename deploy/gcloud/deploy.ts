/**
 * Plans a deployment: the commands that bring what exists to what is asked for.
 *
 * Their order keeps private what must be private, also where one of them fails: a private function is closed before
 * its deployment, and a public one is opened after it. What the running revision needs is revoked after the next
 * one has replaced it.
 */

import { type Command, format, grant, isSame, revoke } from './commands.ts';
import { type Configuration, root, schedulerAccount } from './configuration.ts';
import type { Options } from './options.ts';
import { accountsOf, planGrants, planRevocations } from './rights.ts';
import type { Service, State } from './state.ts';

/** What a plan cannot know yet: words that are replaced when a command runs. */
export const PLACEHOLDERS = { url: 'FUNCTION_URL', file: 'ENV_FILE' } as const;

/** In seconds: more than the longest wait, 55 s, with the cancel before it, and than a sweep. */
const TIMEOUT = 70;
const ATTEMPT_DEADLINE = 90;

const INVOKER = 'roles/run.invoker';
const EVERYONE = ['allUsers', 'allAuthenticatedUsers'];

export function audienceOf({ region, project, name }: Options): string {
  return `https://${region}-${project}.cloudfunctions.net/${name}`;
}

/** Arguments of the command that enables the APIs that are not enabled; none where all are. */
export function planApis(
  { secrets, secretVariables, sweep }: Options,
  { queue }: Configuration,
  enabled: ReadonlySet<string>,
): string[] {
  const apis = ['artifactregistry', 'cloudbuild', 'cloudfunctions', 'cloudresourcemanager', 'iam'];
  apis.push('logging', 'run', 'storage');
  if (secrets.size + secretVariables.size > 0) apis.push('secretmanager');
  if (sweep) apis.push('cloudscheduler');
  if (queue) apis.push('cloudtasks');
  const missing = apis.map((api) => `${api}.googleapis.com`).filter((api) => !enabled.has(api));
  return missing.length === 0 ? [] : ['services', 'enable', ...missing];
}

/** @throws Refusal where what must exist does not */
export function planDeployment(
  options: Options,
  configuration: Configuration,
  state: State,
): Command[] {
  const commands = [
    ...planClosing(options, state),
    ...planAccounts(options, state),
    ...planGrants(options, configuration, state),
    planFunction(options, state),
    ...planService(options, configuration, state),
    ...planJob(options, state),
    ...planRevocations(options, configuration, state),
  ];
  // Bindings of one role with several conditions go together.
  return [...new Map(commands.map((one) => [format(one.args), one])).values()];
}

/** The members that may invoke the service. */
function invokersOf(options: Options): string[] {
  return [
    ...options.invokers,
    ...(options.sweep ? [`serviceAccount:${schedulerAccount(options)}`] : []),
    ...(options.public === 'all-users' ? ['allUsers'] : []),
  ];
}

/** Returns whether everybody can call the service. */
export function isPublic({ isUnchecked, bindings }: Service): boolean {
  return (
    isUnchecked || bindings.some((one) => one.members?.some((each) => EVERYONE.includes(each)))
  );
}

/** Revokes the invokers that are not asked for, and switches the invoker IAM check on. */
function planClosing(options: Options, { service, hasJob }: State): Command[] {
  const job = hasJob && !options.sweep ? [deleteJob(options)] : [];
  if (!service) return job;
  const revoked = revokeInvokers(service, (member, role) =>
    EVERYONE.includes(member) ? !options.public : role === INVOKER && !isAsked(member, options),
  );
  const check = service.isUnchecked && !options.public;
  return [...revoked, ...(check ? [updateService(options, ['--invoker-iam-check'])] : []), ...job];
}

function isAsked(member: string, options: Options): boolean {
  return invokersOf(options).some((one) => isSame(one, member));
}

function revokeInvokers(
  service: Service,
  isRevoked: (member: string, role: string) => boolean,
): Command[] {
  return service.bindings.flatMap(({ role, members = [] }) =>
    members.filter((one) => isRevoked(one, role)).flatMap((one) => revoke(service, role, one)),
  );
}

function updateService({ name, region, project }: Options, flags: readonly string[]): Command {
  const where = [`--region=${region}`, `--project=${project}`];
  return {
    args: ['run', 'services', 'update', name, ...where, ...flags, '--format=none', '--quiet'],
  };
}

function planAccounts(options: Options, { accounts }: State): Command[] {
  const { runtime, build, scheduler } = accountsOf(options);
  const wanted: [email: string, purpose: string][] = [
    [runtime, 'cancels operations'],
    [build, 'builds the function'],
    ...(options.sweep ? ([[scheduler, 'starts sweeps']] as [string, string][]) : []),
  ];
  return wanted
    .filter(([email]) => !accounts.has(email))
    .map(([email, purpose]) => ({
      args: [
        ...['iam', 'service-accounts', 'create', email.replace(/@.*/, '')],
        ...[
          `--display-name=${options.name}: ${purpose}`,
          `--project=${options.project}`,
          '--quiet',
        ],
      ],
    }));
}

function planFunction(options: Options, { service }: State): Command {
  const { name, region, project, secrets, secretVariables } = options;
  const { runtime, build } = accountsOf(options);
  const mounts = [...secrets].map(([at, id]) => `/secrets/${at}/value=${id}:latest`);
  const references = [...mounts, ...[...secretVariables].map((pair) => pair.join('='))];
  return {
    args: [
      ...['functions', 'deploy', name, '--gen2', `--region=${region}`, `--project=${project}`],
      ...['--runtime=nodejs24', '--entry-point=cancelHook', '--trigger-http', `--source=${root}`],
      `--run-service-account=${runtime}`,
      `--build-service-account=projects/${project}/serviceAccounts/${build}`,
      `--docker-repository=projects/${project}/locations/${region}/repositories/${name}`,
      ...[`--memory=${options.memory}`, '--cpu=1', '--concurrency=80', `--timeout=${TIMEOUT}s`],
      ...[`--max-instances=${options.maxInstances}`, `--min-instances=${options.minInstances}`],
      ...['--ingress-settings=all', '--serve-all-traffic-latest-revision'],
      ...['--runtime-update-policy=automatic', `--env-vars-file=${PLACEHOLDERS.file}`],
      references.length > 0 ? `--set-secrets=${references}` : '--clear-secrets',
      // This flag takes allUsers away at the end of the deployment: a public function would be closed for a moment.
      ...(service && options.public ? [] : ['--no-allow-unauthenticated']),
      '--quiet',
    ],
  };
}

/**
 * Grants the right to call, opens a public function, and sets what a function has no setting for on the service
 * below it. A deployment of the function may reset these.
 */
function planService(
  options: Options,
  { worksAfterResponse }: Configuration,
  { service }: State,
): Command[] {
  const { name, region, project } = options;
  const flags = [`--region=${region}`, `--project=${project}`];
  const found = service ?? { group: 'run services', name, flags, bindings: [], conditions: true };
  const settings: string[] = [];
  if (worksAfterResponse) settings.push('--no-cpu-throttling');
  else if (service?.hasCpuAlways) settings.push('--cpu-throttling');
  if (options.public === 'unchecked') settings.push('--no-invoker-iam-check');
  if (options.public === 'all-users' && service?.isUnchecked) settings.push('--invoker-iam-check');
  const isEveryone = (member: string) => EVERYONE.includes(member);
  return [
    ...invokersOf(options).flatMap((member) => grant(found, INVOKER, member)),
    ...(settings.length > 0 ? [updateService(options, settings)] : []),
    ...(service && options.public
      ? revokeInvokers(service, (one) => isEveryone(one) && !isAsked(one, options))
      : []),
  ];
}

function planJob(options: Options, { hasJob }: State): Command[] {
  const { name, region, project, sweep } = options;
  if (!sweep) return [];
  const headers = `--${hasJob ? 'update-' : ''}headers=Content-Type=application/json`;
  return [
    {
      args: [
        ...['scheduler', 'jobs', hasJob ? 'update' : 'create', 'http', `${name}-sweep`],
        ...[`--location=${region}`, `--project=${project}`, `--schedule=${sweep.schedule}`],
        ...[
          '--time-zone=Etc/UTC',
          `--uri=${PLACEHOLDERS.url}/${sweep.caller}`,
          '--http-method=post',
        ],
        ...[`--message-body-from-file=${sweep.body}`, headers],
        `--oidc-service-account-email=${schedulerAccount(options)}`,
        ...[
          `--oidc-token-audience=${audienceOf(options)}`,
          `--attempt-deadline=${ATTEMPT_DEADLINE}s`,
        ],
        ...[
          '--max-retry-attempts=3',
          '--min-backoff=10s',
          '--max-backoff=300s',
          '--max-doublings=4',
        ],
        '--quiet',
      ],
    },
  ];
}

export function deleteJob({ name, region, project }: Options): Command {
  const where = [`--location=${region}`, `--project=${project}`];
  return { args: ['scheduler', 'jobs', 'delete', `${name}-sweep`, ...where, '--quiet'] };
}
