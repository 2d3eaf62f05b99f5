/** Who is compared, and with which settings. */

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { missing, temporaryFolder } from '../deploy/pack.ts';
import { type HookOptions, hookConfig, RULES, TOKEN } from './job.ts';
import { bench, runtimeEnv } from './pack.ts';
import type { Command } from './process.ts';
import { ACCESS_TOKEN } from './upstream.ts';

export interface Subject {
  readonly key: string;
  readonly name: string;
  /** Whether it calls upstream; where it does not, its answer alone is waited for. */
  readonly cancels: boolean;
  /** Where it takes a cancel. */
  readonly path: string;
  /** What a reader should know of how it is set up. */
  readonly settings: string;
  /** Requests before any counts: until its hot code is compiled. */
  readonly warmUp: number;
  /** Why it cannot run here, or false. */
  readonly missing: string | false;
  start(place: Place): Command;
}

export interface Place {
  readonly port: number;
  readonly upstream: { readonly host: string; readonly url: string };
}

const WARM_UP = 4_000;

const empty = temporaryFolder();

/** The same for all: production's, and nothing of the machine's own credentials. */
function environment({ port, upstream }: Place): Record<string, string> {
  return {
    PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
    HOME: empty,
    PORT: String(port),
    NODE_ENV: 'production',
    GOOGLE_CLOUD_PROJECT: 'my-project',
    GCE_METADATA_HOST: upstream.host,
    METADATA_SERVER_DETECTION: 'assume-present',
  };
}

/** @param folder where it was built @param options beside the job's own */
export function hookCommand(
  folder: string,
  place: Place,
  options: Partial<HookOptions> = {},
): Command {
  const config = JSON.stringify(hookConfig({ upstream: place.upstream.url, ...options }));
  const file = join(temporaryFolder(), 'config.json');
  // As an environment variable it may have 128 KiB: https://man7.org/linux/man-pages/man2/execve.2.html
  const fits = config.length < 100_000;
  if (!fits) writeFileSync(file, config);
  return {
    cwd: folder,
    command: 'node_modules/.bin/functions-framework',
    args: ['--target=cancelHook'],
    env: {
      ...environment(place),
      ...runtimeEnv(),
      OPS_TOKEN: TOKEN,
      CANCEL_HOOK_CONFIG: fits ? config : file,
    },
  };
}

function peerEnvironment(place: Place): Record<string, string> {
  return {
    ...environment(place),
    PEER_TOKEN: TOKEN,
    PEER_ALLOW: JSON.stringify(RULES),
    PEER_UPSTREAM: place.upstream.url,
  };
}

function onFramework(key: string, name: string, settings: string): Subject {
  return {
    key,
    name,
    settings,
    cancels: key !== 'hello',
    path: '/ops',
    warmUp: WARM_UP,
    missing: false,
    start: (place) => ({
      cwd: bench,
      command: 'node_modules/.bin/functions-framework',
      args: ['--target=peer', `--source=peers/${key}`],
      env: peerEnvironment(place),
    }),
  };
}

const proxy: Subject = {
  key: 'proxy',
  name: 'bare node:http proxy, no checks',
  settings: 'no framework; a kept-alive http.Agent, the token fetched once, no check, no log line',
  cancels: true,
  path: '/',
  warmUp: WARM_UP,
  missing: false,
  start: (place) => ({
    cwd: bench,
    command: 'node',
    args: ['peers/proxy/index.js'],
    env: peerEnvironment(place),
  }),
};

/** https://github.com/adnanh/webhook/blob/master/docs/Hook-Definition.md */
function webhookDefinition(): object[] {
  const value = (type: string, of: object, source: string, name: string) => ({
    match: { type, ...of, parameter: { source, name } },
  });
  const patterns = RULES.map((rule) => `^${rule.replaceAll('*', '[^/]*')}$`);
  return [
    {
      id: 'ops',
      'http-methods': ['POST'],
      'execute-command': join(bench, 'peers/webhook/cancel.sh'),
      'include-command-output-in-response': true,
      'pass-arguments-to-command': [{ source: 'payload', name: 'name' }],
      'trigger-rule': {
        and: [
          value('value', { value: `Bearer ${TOKEN}` }, 'header', 'Authorization'),
          { or: patterns.map((regex) => value('regex', { regex }, 'payload', 'name')) },
        ],
      },
      'trigger-rule-mismatch-http-response-code': 403,
    },
  ];
}

const webhook: Subject = {
  key: 'webhook',
  name: 'adnanh/webhook + curl',
  settings:
    'Debian’s package; trigger rules for the proof and the 20 patterns; one curl by a shell script, ' +
    'the access token handed to it; no log line',
  cancels: true,
  path: '/hooks/ops',
  warmUp: 50,
  missing: missing('webhook') || missing('curl'),
  start(place) {
    const hooks = join(empty, 'hooks.json');
    writeFileSync(hooks, JSON.stringify(webhookDefinition()));
    return {
      cwd: bench,
      command: 'webhook',
      args: ['-hooks', hooks, '-ip', '127.0.0.1', '-port', `${place.port}`],
      env: { ...peerEnvironment(place), PEER_ACCESS_TOKEN: ACCESS_TOKEN },
    };
  },
};

export function webhookVersion(): string {
  return execFileSync('webhook', ['-version'], { encoding: 'utf8' }).trim();
}

/** @param folder where cancel-hook was built */
export function subjects(folder: string): readonly Subject[] {
  return [
    {
      key: 'cancel-hook',
      name: 'cancel-hook',
      settings:
        'as deployed: packed, built and pruned, with the variables of deploy/runtime-env.json',
      cancels: true,
      path: '/ops',
      warmUp: WARM_UP,
      missing: false,
      start: (place) => hookCommand(folder, place),
    },
    onFramework(
      'hello',
      'framework, hello world',
      'the framework’s quickstart: one answer, no check, no call, no log line',
    ),
    onFramework(
      'obvious',
      'framework + google-auth-library + ajv',
      'GoogleAuth’s client.request, the schema compiled once, 20 patterns, console.log',
    ),
    onFramework(
      'client',
      'framework + @google-cloud/security-private-ca',
      'fallback: true (REST); proof, 20 patterns, console.log; no schema',
    ),
    onFramework(
      'googleapis',
      'framework + googleapis',
      'privateca v1 with GoogleAuth; proof, 20 patterns, console.log; no schema',
    ),
    proxy,
    webhook,
  ];
}
