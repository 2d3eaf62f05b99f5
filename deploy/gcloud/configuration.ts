/** Reads the configuration that is deployed, and what a deployment depends on in it. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { analyzeConfig } from '../../src/cli/check/analyze.ts';
import { run } from '../../src/cli/cli.ts';
import { EXIT, type Io } from '../../src/cli/command.ts';
import { findSecretRefs } from '../../src/config/callers.ts';
import type { ConfigInput } from '../../src/config/config-schema.ts';
import { isRecord } from '../../src/validation/values.ts';
import runtimeVariables from '../runtime-env.json' with { type: 'json' };
import { type Options, Refusal } from './options.ts';

export const root: string = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

export interface Configuration {
  /** The environment variables of the function. */
  readonly variables: Readonly<Record<string, string>>;
  /** Whether work goes on after a response, so that the CPU must stay allocated. */
  readonly worksAfterResponse: boolean;
  readonly queue?: Queue | undefined;
}

export interface Queue {
  readonly project: string;
  readonly location: string;
  readonly name: string;
  /** The service accounts that sweep: each task presents a token of the one that swept. */
  readonly accounts: readonly string[];
}

/** Cloud Functions limits the environment variables of a function to 32 KiB in total. */
const MAX_VARIABLE_BYTES = 32_768;

/**
 * Runs `cancel-hook check`, whose report goes to `out`, and compares the configuration with the options.
 *
 * @throws Refusal
 */
export async function readConfiguration(
  options: Options,
  out: (text: string) => void,
): Promise<Configuration> {
  const io: Io = {
    env: runtimeVariables,
    out,
    err: out,
    readFile: (path) => readFileSync(path, 'utf8'),
    readBytes: (path) => readFileSync(path),
    fetch,
  };
  if ((await run(['check', options.config], io)) !== EXIT.ok) {
    throw new Refusal('the configuration is not valid: nothing was done');
  }
  const input = analyzeConfig(options.config, io, false).valid?.input as ConfigInput;
  const callers = Object.entries(input.callers) as [string, CallerSettings][];
  checkAgainst(options, input, callers);
  const variables = {
    CANCEL_HOOK_CONFIG: JSON.stringify(input),
    GOOGLE_CLOUD_PROJECT: options.project,
    LOG_EXECUTION_ID: 'false',
    OPERATIONS_PROJECTS: [...options.operationsProjects.keys()].join(','),
    ...runtimeVariables,
  };
  if (Buffer.byteLength(JSON.stringify(variables)) > MAX_VARIABLE_BYTES) {
    throw new Refusal('the configuration is longer than the 32 KiB of a function’s variables');
  }
  return {
    variables,
    worksAfterResponse: callers.some(
      ([, { type, mode, notify = [] }]) => type === 'slack' || mode === 'ask' || notify.length > 0,
    ),
    queue: findQueue(input, options.sweep && schedulerAccount(options)),
  };
}

interface CallerSettings {
  readonly type: string;
  readonly mode?: string;
  readonly notify?: readonly string[];
  readonly auth?: { readonly google?: TokenSettings; readonly iam?: TokenSettings };
}

interface TokenSettings {
  readonly audience?: string | readonly string[];
  readonly emails?: readonly string[];
}

function checkAgainst(
  options: Options,
  { destinations, queue }: ConfigInput,
  callers: readonly [string, CallerSettings][],
): void {
  const iam = callers.find(([, { auth }]) => auth?.iam);
  if (options.public && iam) {
    throw new Refusal(
      `the caller ${iam[0]} has "iam": it trusts tokens that Cloud Run has verified, and on a public service Cloud Run verifies none`,
    );
  }
  const given = new Set([
    ...options.secrets.keys().map((name) => `file:/secrets/${name}/value`),
    ...options.secretVariables.keys().map((variable) => `env:${variable}`),
  ]);
  const refs = [...callers, destinations].flatMap((part) => findSecretRefs(part));
  const missing = refs.find(({ ref }) => !given.has(ref));
  if (missing) {
    throw new Refusal(
      `the configuration refers to ${missing.ref}, which neither --secret nor --secret-env gives`,
    );
  }
  if (options.queue && queue === undefined) {
    throw new Refusal('--queue: the configuration has no key queue');
  }
  if (options.queue && !queue?.startsWith(`projects/${options.project}/`)) {
    throw new Refusal(
      '--queue: the queue of the configuration is in another project; create it there',
    );
  }
  if (!options.sweep) return;
  const { caller, body } = options.sweep;
  if (!callers.some(([name]) => name === caller)) {
    throw new Refusal(`--sweep: the configuration has no caller ${caller}`);
  }
  try {
    JSON.parse(readFileSync(body, 'utf8'));
  } catch {
    throw new Refusal('--sweep-body needs a readable file of JSON');
  }
}

export function schedulerAccount({ name, project }: Options): string {
  return `${name}-scheduler@${project}.iam.gserviceaccount.com`;
}

/**
 * Finds the queue of a configuration, and the accounts that the function acts as to fill it. These are the
 * emails of `json` callers with an audience, and the scheduler's, if any, where an `iam` caller lists none.
 *
 * @param input a configuration, perhaps of an earlier version
 */
export function findQueue(input: unknown, scheduler?: string): Queue | undefined {
  if (!isRecord(input)) return undefined;
  const [, project, location, name] =
    /^projects\/([^/]+)\/locations\/([^/]+)\/queues\/([^/]+)$/.exec(String(input.queue)) ?? [];
  if (!project || !location || !name) return undefined;
  const callers = Object.values(isRecord(input.callers) ? input.callers : {}) as CallerSettings[];
  const emails = callers.flatMap(({ type, auth }) => {
    const token = auth?.google ?? auth?.iam;
    if (type !== 'json' || token?.audience === undefined) return [];
    return token.emails ?? scheduler ?? [];
  });
  // Nobody can act as a user.
  const accounts = [...new Set(emails)].filter((email) => email.endsWith('gserviceaccount.com'));
  return { project, location, name, accounts };
}
