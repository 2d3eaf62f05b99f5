/** The function and the emulator, put together: what most tests start with. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Test } from 'supertest';
import { type Emulator, type EmulatorOptions, startEmulator } from '../emulator/index.ts';
import { type RunningFunction, startFunction } from './function.ts';

/** What a test's caller `ops` proves itself with, unless the test has callers of its own. */
export const OPS_TOKEN = 'ops-token-0123456789';

export const OPERATIONS = 'projects/my-project/locations/us-central1/operations';

export interface TestApp {
  readonly process: RunningFunction;
  readonly emulator: Emulator;
  /** The name of an operation that runs on, however often it is cancelled. */
  createOperation(id?: string): string;
  /** `POST /ops` with the proof and this body. */
  post(body: object, headers?: Record<string, string>): Test;
  stop(): Promise<void>;
}

export interface TestAppOptions {
  /** Laid over a configuration with the one caller `ops`. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly emulator?: EmulatorOptions;
  /** What stands between the function and the API. @returns its address */
  readonly apiProxy?: (cloud: Emulator) => Promise<string>;
  /** What stands between the function and the metadata server. @returns its host and port */
  readonly metadataProxy?: (cloud: Emulator) => Promise<string>;
}

export const OPS_CALLER = { type: 'json', auth: { bearer: 'env:OPS_TOKEN' } } as const;
export const ALLOW_ALL = [{ operations: ['projects/*/locations/*/operations/*'] }] as const;

/** The smallest configuration, on an emulator. */
export function createConfig(url: string, over: Readonly<Record<string, unknown>> = {}) {
  return {
    callers: { ops: OPS_CALLER },
    allow: ALLOW_ALL,
    endpoints: { privateca: url, googleCerts: `${url}/oauth2/v3/certs` },
    ...over,
  };
}

let named = 0;

export async function startTestApp({
  config,
  env,
  emulator,
  apiProxy,
  metadataProxy,
}: TestAppOptions = {}): Promise<TestApp> {
  const cloud = await startEmulator(emulator);
  const hook = await startFunction({
    config: createConfig((await apiProxy?.(cloud)) ?? cloud.url, config),
    env: {
      OPS_TOKEN,
      GCE_METADATA_HOST: (await metadataProxy?.(cloud)) ?? cloud.host,
      ...env,
    },
  }).catch(async (error) => {
    await cloud.close();
    throw error;
  });
  await waitForToken(cloud);
  return {
    process: hook,
    emulator: cloud,
    createOperation(id = `operation-${++named}`) {
      const name = `${OPERATIONS}/${id}`;
      cloud.addOperation({ name, duration: Infinity, onCancel: 'ignore' });
      return name;
    },
    post: (body, headers = {}) =>
      hook.http
        .post('/ops')
        .set({ Authorization: `Bearer ${OPS_TOKEN}`, ...headers })
        .send(body),
    async stop() {
      await hook.stop();
      await cloud.close();
    },
  };
}

/**
 * The function fetches a token while it starts: that request is waited for, and forgotten, for it is
 * no consequence of what a test does.
 */
export async function waitForToken(cloud: Emulator): Promise<void> {
  const fetched = () => cloud.requests.some(({ path }) => path.endsWith('/token'));
  for (let tries = 0; tries < 25 && !fetched(); tries++) await sleep(10);
  cloud.clearRequests();
}

/** The requests that asked upstream for a cancel. */
export function getCancelRequests({ requests }: Emulator) {
  return requests.filter(({ method, path }) => method === 'POST' && path.endsWith(':cancel'));
}
