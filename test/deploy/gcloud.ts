/** Runs the script for those without Terraform against a stand-in for gcloud, and never a real one. */

import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { main } from '../../deploy/gcloud/cli.ts';
import { format, type Output } from '../../deploy/gcloud/commands.ts';
import { root, temporaryFolder } from './pack.ts';
import { emptyWorld, runStandIn, type World } from './stand-in-gcloud.ts';

export const script = join(root, 'deploy/gcloud/cancel-hook.sh');
export const folder = temporaryFolder();
process.on('exit', () => rmSync(folder, { recursive: true }));

/** Writes a file for a test. @returns its path */
export function write(name: string, content: string | object): string {
  const file = join(folder, name);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

const OPERATIONS = ['projects/example-project/locations/*/operations/*'];
const AUDIENCE = 'https://us-central1-example-project.cloudfunctions.net/cancel-hook';

export const PRIVATE = {
  callers: {
    sweeper: { type: 'json', auth: { iam: true } },
    ops: { type: 'json', auth: { bearer: ['file:/secrets/ops/value', 'env:OPS_TOKEN_OLD'] } },
  },
  allow: [{ operations: OPERATIONS, sweep: true }],
};
export const privateFile = write('private.json', PRIVATE);

/** The same with the caller that a public function cannot have taken away, as YAML. */
export const publicFile = write(
  'public.yaml',
  `callers:
  ops: { type: json, auth: { bearer: ["file:/secrets/ops/value", "env:OPS_TOKEN_OLD"] } }
allow:
  - operations: ["projects/example-project/locations/*/operations/*"]  # of this project
`,
);

/** With a queue, which the caller that sweeps fills. */
export const queueFile = write('queue.json', {
  ...PRIVATE,
  callers: {
    ...PRIVATE.callers,
    sweeper: { type: 'json', auth: { iam: { audience: AUDIENCE } } },
  },
  queue: 'projects/example-project/locations/us-central1/queues/cancels',
});

export const WHERE = ['--project', 'example-project', '--region', 'us-central1'];
export const SECRETS = ['--secret', 'ops=ops-token', '--secret-env', 'OPS_TOKEN_OLD=ops-token:3'];
export const SWEEP = [
  ...['--sweep', 'sweeper', '--schedule', '7 * * * *', '--sweep-body'],
  write('sweep.json', { parent: 'projects/example-project/locations/-', olderThan: '6h' }),
];
const INVOKER = ['--invoker', 'user:sre@example.com'];
const PROJECTS = ['--operations-project', 'example-project', '--operations-project', 'pki-prod'];

export const MINIMAL = ['deploy', ...WHERE, ...SECRETS, '--config', privateFile, '--yes'];
export const EVERYTHING = [
  ...['deploy', ...WHERE, ...SECRETS, ...INVOKER, ...PROJECTS, ...SWEEP],
  ...['--config', queueFile, '--queue', '--yes'],
];
/** Both ways to be public. */
export const PUBLIC = ['--public', '--public-with-all-users'].map((how) => [
  ...['deploy', ...WHERE, ...SECRETS, '--config', publicFile, how, '--yes'],
]);
export const REMOVE = ['remove', ...WHERE, '--yes'];

export interface Result {
  readonly status: number;
  readonly out: string;
  readonly err: string;
  /** All commands that were run, as a shell reads them. */
  readonly reads: readonly string[];
  readonly changes: readonly string[];
  /** Seconds of each pause. */
  readonly pauses: readonly number[];
}

interface Conditions {
  /** Whether a command fails: before or after it has changed what it changes. */
  readonly fails?: (command: string, isRead: boolean) => 'before' | 'after' | undefined;
  /** What a command prints instead. */
  readonly replaces?: (command: string, words: readonly string[]) => Output | undefined;
  /** What a command that succeeds writes to standard error. */
  readonly warns?: (command: string) => string;
  /** Is called after each command that changes something. */
  readonly after?: (command: string) => void;
  readonly answer?: boolean | undefined;
}

const FAILED = { status: 1, stdout: '', stderr: 'ERROR: PERMISSION_DENIED' };

/** Replaces the name of the temporary file, which differs from run to run. */
function normalize(command: string): string {
  return command.replace(/(--env-vars-file=)\S+/, '$1ENV_FILE');
}

/** Runs the script on a world, which it changes. */
export async function runScript(
  args: readonly string[],
  world: World = emptyWorld(),
  {
    fails = () => undefined,
    replaces = () => undefined,
    warns = () => '',
    after = () => {},
    answer,
  }: Conditions = {},
): Promise<Result> {
  const reads: string[] = [];
  const changes: string[] = [];
  const pauses: number[] = [];
  let out = '';
  let err = '';
  const status = await main(args, {
    gcloud(words, isRead) {
      const command = normalize(format(words));
      (isRead ? reads : changes).push(command);
      const before = isRead ? JSON.stringify(world) : '';
      const failure = fails(command, isRead);
      const done =
        failure === 'before' ? FAILED : (replaces(command, words) ?? runStandIn(world, words));
      const output = failure ? FAILED : { ...done, stderr: done.stderr + warns(command) };
      if (isRead) assert.equal(JSON.stringify(world), before, `${command} is no read`);
      else after(command);
      return output;
    },
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    sleep: async (seconds) => void pauses.push(seconds),
    ask: async () => answer,
  });
  return { status, out, err, reads, changes, pauses };
}

/** Runs the script, which must succeed. */
export async function succeed(args: readonly string[], world?: World): Promise<Result> {
  const result = await runScript(args, world);
  assert.equal(result.status, 0, result.err);
  return result;
}

/** Everybody can call the service. */
export function isPublic({ service, policies }: World): boolean {
  const members = (policies['run services cancel-hook'] ?? []).flatMap((one) => one.members ?? []);
  const everyone = members.some((one) => one === 'allUsers' || one === 'allAuthenticatedUsers');
  return service !== undefined && (service.unchecked || everyone);
}

/** The configuration that answers requests. */
export function servedConfig({ service }: World) {
  const text = service?.revisions[0]?.variables.CANCEL_HOOK_CONFIG;
  return text === undefined ? undefined : JSON.parse(text);
}
