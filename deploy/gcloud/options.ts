/** Reads the script's options, and refuses those that gcloud would refuse halfway through a deployment. */

import { Command, Option } from 'commander';
import services from '../terraform/services.json' with { type: 'json' };

/** What is asked for is invalid: nothing has been run. */
export class Refusal extends Error {}

export interface Options {
  readonly action: 'deploy' | 'remove';
  readonly project: string;
  readonly region: string;
  /** The path of the configuration file; empty if --config is not given. */
  readonly config: string;
  readonly name: string;
  /** Services by project. */
  readonly operationsProjects: ReadonlyMap<string, readonly string[]>;
  /** Secret Manager's IDs by the name in `/secrets/NAME/value`. */
  readonly secrets: ReadonlyMap<string, string>;
  /** `SECRET:VERSION` by the environment variable. */
  readonly secretVariables: ReadonlyMap<string, string>;
  readonly invokers: readonly string[];
  /** How the function is public: the invoker IAM check is off, or `allUsers` may invoke it. */
  readonly public?: 'unchecked' | 'all-users' | undefined;
  readonly sweep?: Sweep | undefined;
  readonly queue: boolean;
  readonly memory: string;
  readonly maxInstances: string;
  readonly minInstances: string;
  readonly dryRun: boolean;
  readonly yes: boolean;
}

interface Sweep {
  readonly caller: string;
  /** The path of a JSON file. */
  readonly body: string;
  readonly schedule: string;
}

const HELP = `
First, "cancel-hook check" checks the configuration. Then the script reads what exists, prints every command that
it is going to run, asks, and runs them in this order. It ends at the first failure: a command or a read that fails.
Run it again at any time, to deploy a change or to continue after a failure: what exists is not made again, and what
is no longer asked for is revoked.

remove needs no --config. It also revokes what --secret, --secret-env and --operations-project name.`;

/** @throws CommanderError for --help and unknown options; Refusal for invalid values */
export function readOptions(args: readonly string[], out: (text: string) => void): Options {
  const program = createProgram().exitOverride().configureOutput({ writeOut: out, writeErr: out });
  program.parse(args, { from: 'user' });
  const action = program.args[0] as Options['action'];
  const given = program.opts<ParsedFlags>();
  checkGiven(given, action);
  const { publicWithAllUsers, sweep, sweepBody, schedule, secretEnv, ...rest } = given;
  return {
    ...rest,
    action,
    operationsProjects: readProjects(given),
    secrets: readPairs(given.secret, '--secret'),
    secretVariables: readPairs(secretEnv, '--secret-env'),
    invokers: given.invoker,
    public: publicWithAllUsers ? 'all-users' : given.public ? 'unchecked' : undefined,
    sweep: sweep ? { caller: sweep, body: sweepBody, schedule } : undefined,
  };
}

interface ParsedFlags
  extends Pick<
    Options,
    | 'project'
    | 'region'
    | 'config'
    | 'name'
    | 'queue'
    | 'memory'
    | 'maxInstances'
    | 'minInstances'
    | 'dryRun'
    | 'yes'
  > {
  readonly operationsProject: readonly string[];
  readonly secret: readonly string[];
  readonly secretEnv: readonly string[];
  readonly invoker: readonly string[];
  readonly public: boolean;
  readonly publicWithAllUsers: boolean;
  readonly sweep: string;
  readonly sweepBody: string;
  readonly schedule: string;
}

function createProgram(): Command {
  const program = new Command('cancel-hook.sh')
    .usage('deploy|remove --project ID --region REGION [option …]')
    .description('Deploys cancel-hook with gcloud alone, or removes it.')
    .argument('<deploy|remove>')
    .configureHelp({
      helpWidth: 116,
      visibleArguments: () => [],
      // The texts name the defaults.
      optionDescription: ({ description }) => description,
    })
    .addHelpText('after', HELP);
  const add = (flags: string, description: string, initial: string | false | readonly string[]) => {
    const option = new Option(flags, description).default(initial);
    if (Array.isArray(initial)) {
      option.argParser((value: string, values: readonly string[]) => [...values, value]);
    }
    program.addOption(option);
  };
  add('--project <ID>', 'the project of the function', '');
  add('--region <REGION>', 'its region, such as us-central1', '');
  add('--config <FILE>', 'the configuration, YAML or JSON; secrets are references in it', '');
  add('--name <NAME>', 'the name of the function (cancel-hook)', 'cancel-hook');
  add(
    '--operations-project <ID[=SERVICE,…]>',
    'a project in which operations and jobs of these services may be cancelled, such as my-project=dataproc,bigquery (the project of the function, privateca); repeatable',
    [],
  );
  add(
    '--secret <NAME=SECRET>',
    'SECRET of Secret Manager, newest version, for file:/secrets/NAME/value; repeatable',
    [],
  );
  add(
    '--secret-env <VAR=SECRET:N>',
    'version N of SECRET in the environment variable VAR, for env:VAR; repeatable',
    [],
  );
  add(
    '--invoker <MEMBER>',
    "who may pass Cloud Run's check, such as user:sre@example.com; repeatable",
    [],
  );
  add(
    '--public',
    'anyone may call, for Slack, Grafana and others without a Google token: the invoker IAM check is off, and only the function authenticates',
    false,
  );
  add(
    '--public-with-all-users',
    'the same by a binding of allUsers, for organizations that demand the check and permit the binding',
    false,
  );
  add('--sweep <CALLER>', 'a Cloud Scheduler job that sends a sweep to CALLER, with', '');
  add('--sweep-body <FILE>', '  its body (JSON), and', '');
  add('--schedule <CRON>', '  its times in UTC, such as "7 * * * *"', '');
  add('--queue', "create the Cloud Tasks queue of the configuration's key queue", false);
  add('--memory <SIZE>', 'memory of an instance (512Mi)', '512Mi');
  add('--max-instances <N>', 'most instances at once (4)', '4');
  add('--min-instances <N>', 'instances kept warm (0)', '0');
  add('--dry-run', 'read the state, print the commands, and run none', false);
  add('--yes', 'do not ask', false);
  return program;
}

const MEMBER = /^(user|group|serviceAccount|domain|principal|principalSet):\S+$/;

function checkGiven(given: ParsedFlags, action: string): void {
  const rules: [isValid: boolean, message: string][] = [
    [action === 'deploy' || action === 'remove', 'the first argument is deploy or remove'],
    [/^[a-z][a-z0-9-]{4,28}[a-z0-9]$/.test(given.project), '--project needs a project ID'],
    [/^[a-z]+-[a-z]+\d+$/.test(given.region), '--region needs a region such as us-central1'],
    [
      /^[a-z][a-z0-9-]{2,18}[a-z0-9]$/.test(given.name),
      '--name is 4 to 20 lower-case letters, digits and hyphens',
    ],
    [action === 'remove' || given.config !== '', '--config needs a file'],
    [/^[1-9]\d{0,2}$/.test(given.maxInstances), '--max-instances is a number greater than 0'],
    [/^\d{1,3}$/.test(given.minInstances), '--min-instances is a number'],
    [/^[1-9]\d*(Mi|Gi)$/.test(given.memory), '--memory is a size such as 512Mi or 1Gi'],
    [
      given.secret.every((one) => /^[A-Za-z0-9][\w-]*=[\w-]+$/.test(one)),
      '--secret is NAME=SECRET, with the ID of a secret in Secret Manager',
    ],
    [
      given.secretEnv.every((one) => /^[A-Za-z_]\w*=[\w-]+:[1-9]\d*$/.test(one)),
      '--secret-env is VAR=SECRET:N, with the number of a version',
    ],
    [
      given.invoker.every((one) => MEMBER.test(one)),
      '--invoker is a member such as user:sre@example.com; for everyone there is --public',
    ],
    [
      new Set([given.sweep, given.sweepBody, given.schedule].map(Boolean)).size === 1,
      '--sweep, --sweep-body and --schedule go together',
    ],
  ];
  const broken = rules.find(([isValid]) => !isValid);
  if (broken) throw new Refusal(broken[1]);
}

function readProjects({ operationsProject, project }: ParsedFlags): Options['operationsProjects'] {
  const projects = new Map<string, readonly string[]>();
  for (const text of operationsProject.length > 0 ? operationsProject : [project]) {
    const [, id = '', list = 'privateca'] = /^([^=]+)(?:=([a-z]+(?:,[a-z]+)*))?$/.exec(text) ?? [];
    if (id === '') throw new Refusal('--operations-project is ID or ID=SERVICE,SERVICE');
    if (projects.has(id)) {
      throw new Refusal(
        '--operations-project names a project twice; give its services in one list',
      );
    }
    const unknown = list.split(',').find((service) => !Object.hasOwn(services, service));
    if (unknown) {
      throw new Refusal(
        `--operations-project: the function cancels nothing of ${unknown}; the services are the keys of deploy/terraform/services.json`,
      );
    }
    projects.set(id, list.split(','));
  }
  return projects;
}

function readPairs(texts: readonly string[], option: string): ReadonlyMap<string, string> {
  const pairs = new Map(texts.map((text) => text.split('=') as [string, string]));
  if (pairs.size < texts.length) throw new Refusal(`${option} names the same place twice`);
  return pairs;
}
