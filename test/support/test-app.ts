/** Starts the function and the emulator together. Shared sets of callers: `presets.ts`, `callers.ts`. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Test } from 'supertest';
import {
  type Emulator,
  type EmulatorOptions,
  type NewOperation,
  startEmulator,
} from '../emulator/index.ts';
import { freePort, type RunningFunction, startFunction } from './function.ts';

/** The bearer token of the caller `ops`. */
export const OPS_TOKEN = 'ops-token-0123456789';
export const OPS_CALLER = { type: 'json', auth: { bearer: 'env:OPS_TOKEN' } } as const;
export const ALLOW_ALL = [{ operations: ['projects/*/locations/*/operations/*'] }] as const;

export const PARENT = 'projects/my-project/locations/us-central1';
export const OPERATIONS = `${PARENT}/operations`;

type Headers = Readonly<Record<string, string>>;
type Config = Readonly<Record<string, unknown>>;

export interface TestApp {
  readonly process: RunningFunction;
  readonly emulator: Emulator;
  /** The configuration that the function runs with. */
  readonly config: Config;
  /** Adds an operation. @returns its name */
  createOperation(settings?: Partial<NewOperation>): string;
  /**
   * Sends `POST /{route}` as JSON with the app's credentials; a string is sent as it is. The default
   * route is the app's caller.
   */
  post(body: object | string, options?: { route?: string; headers?: Headers }): Test;
  /** Returns the names of the operations whose cancel reached the emulator, in order of arrival. */
  cancelled(): string[];
  /** Clears the emulator's recorded requests, scripts and inbox. */
  reset(): void;
  stop(): Promise<void>;
}

export interface TestAppOptions {
  /** Replaces keys of the default configuration. @param url the function's @param emulator its URL */
  readonly config?: Config | ((url: string, emulator: string) => Config);
  /** @param emulator its URL */
  readonly env?: Headers | ((emulator: string) => Headers);
  readonly emulator?: EmulatorOptions;
  /** The default route of {@link TestApp.post}; default: `ops`. */
  readonly caller?: string;
  /** Returns the headers of {@link TestApp.post}; default: the bearer token {@link OPS_TOKEN}. */
  readonly credentials?: (emulator: Emulator, url: string) => Headers;
  /** The settings of {@link TestApp.createOperation}; default: runs on, also after a cancel. */
  readonly operation?: Partial<NewOperation>;
  /** Starts a proxy between the function and the API. @returns its URL */
  readonly apiProxy?: (emulator: Emulator) => Promise<string>;
  /** Starts a proxy between the function and the metadata server. @returns its host and port */
  readonly metadataProxy?: (emulator: Emulator) => Promise<string>;
}

/**
 * Returns the smallest configuration; the emulator at `url` stands for Google, Slack and Chat.
 *
 * @param services the emulator's base URLs by service
 */
export function createConfig(url: string, over: Config = {}, services: Headers = {}): Config {
  const endpoints = {
    ...(Object.keys(services).length > 0 && { services }),
    privateca: url,
    cloudtasks: url,
    slack: url,
    googleChat: url,
    googleCerts: `${url}/oauth2/v3/certs`,
    chatCerts: `${url}/service_accounts/v1/jwk/chat@system.gserviceaccount.com`,
  };
  return {
    callers: { ops: OPS_CALLER },
    allow: ALLOW_ALL,
    ...over,
    endpoints: { ...endpoints, ...(over.endpoints as Config | undefined) },
  };
}

let created = 0;

/** Returns an operation name that no other test of this process has. */
export function createName(parent: string = PARENT): string {
  return `${parent}/operations/operation-${++created}`;
}

export async function startTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  const { config, env, operation = { duration: Infinity, onCancel: 'ignore' } } = options;
  const emulator = await startEmulator(options.emulator);
  try {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const settings = createConfig(
      (await options.apiProxy?.(emulator)) ?? emulator.url,
      typeof config === 'function' ? config(url, emulator.url) : config,
      emulator.services,
    );
    const process = await startFunction({
      port,
      config: settings,
      env: {
        OPS_TOKEN,
        GCE_METADATA_HOST: (await options.metadataProxy?.(emulator)) ?? emulator.host,
        ...(typeof env === 'function' ? env(emulator.url) : env),
      },
    });
    await waitForToken(emulator);
    return {
      process,
      emulator,
      config: settings,
      createOperation(over) {
        const name = over?.name ?? createName();
        emulator.addOperation({ ...operation, ...over, name });
        return name;
      },
      post(body, { route = options.caller ?? 'ops', headers } = {}) {
        const credentials = options.credentials?.(emulator, url) ?? {
          Authorization: `Bearer ${OPS_TOKEN}`,
        };
        const request = process.http.post(`/${route}`);
        return request
          .set({ 'Content-Type': 'application/json', ...credentials, ...headers })
          .send(body);
      },
      cancelled: () =>
        getCancelRequests(emulator).map(({ path }) => path.slice('/v1/'.length, -':cancel'.length)),
      reset() {
        emulator.clearRequests();
        emulator.clearScripts();
        emulator.inbox.length = 0;
      },
      async stop() {
        await process.stop();
        await emulator.close();
      },
    };
  } catch (error) {
    await emulator.close();
    throw error;
  }
}

/** Waits for the token request that the function sends at its start, and clears it. */
async function waitForToken(emulator: Emulator): Promise<void> {
  const fetched = () => emulator.requests.some(({ path }) => path.endsWith('/token'));
  for (let tries = 0; tries < 25 && !fetched(); tries++) await sleep(10);
  emulator.clearRequests();
}

/** Returns the cancel requests that arrived. */
export function getCancelRequests({ requests }: Emulator) {
  return requests.filter(({ method, path }) => method === 'POST' && path.endsWith(':cancel'));
}

/** Returns the paths of the API requests that arrived. */
export function getApiPaths({ requests }: Emulator): string[] {
  return requests.map(({ path }) => path).filter((path) => path.startsWith('/v1/'));
}
