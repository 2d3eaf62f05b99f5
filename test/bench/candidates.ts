/** Who is compared, and with which settings. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { alternativeEnvironment, environment, type Place, scratch } from './environment.ts';
import { type HookOptions, hookConfig, TOKEN } from './job.ts';
import { bench, runtimeEnv } from './pack.ts';
import type { Command } from './process.ts';
import { webhook } from './webhook.ts';

export interface Candidate {
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

const WARM_UP = 4_000;

/** @param folder where it was built @param options beside the job's own */
export function hookCommand(
  folder: string,
  place: Place,
  options: Partial<HookOptions> = {},
): Command {
  const config = JSON.stringify(hookConfig({ upstream: place.upstream.url, ...options }));
  const file = join(scratch, 'config.json');
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

function onFramework(key: string, name: string, settings: string): Candidate {
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
      args: ['--target=alternative', `--source=alternatives/${key}`],
      env: alternativeEnvironment(place),
    }),
  };
}

const proxy: Candidate = {
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
    args: ['alternatives/proxy/index.js'],
    env: alternativeEnvironment(place),
  }),
};

/** @param folder where cancel-hook was built */
export function candidates(folder: string): readonly Candidate[] {
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
      'fallback: true (REST); authentication, 20 patterns, console.log; no schema',
    ),
    onFramework(
      'googleapis',
      'framework + googleapis',
      'privateca v1 with GoogleAuth; authentication, 20 patterns, console.log; no schema',
    ),
    proxy,
    webhook,
  ];
}
