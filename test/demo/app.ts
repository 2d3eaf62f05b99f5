/** The demo's app: an emulated Google Cloud, and the function under its stock command. */

import { callerTypes } from '../../src/callers/index.ts';
import { type Emulator, startEmulator } from '../emulator/index.ts';
import type { Fixture, World } from '../fixtures/fixture.ts';
import { SLACK_WEBHOOK } from '../support/destination.ts';
import { type RunningFunction, startFunction } from '../support/function.ts';

export const PARENT = 'projects/demo/locations/us-central1';
export const TOKEN = 'demo-token';
/** Where Pub/Sub pushes budget notifications, and as whom. */
export const BUDGETS = 'https://hook.example/budgets';
export const PUSH_ACCOUNT = 'push@demo.iam.gserviceaccount.com';

/** What the budget's sweep looks through. */
export const JOBS = '//bigquery.googleapis.com/projects/sandbox/locations/-/jobs';

export interface House {
  readonly emulator: Emulator;
  readonly hook: RunningFunction;
  /** One for each type of caller, at the route of its name. */
  readonly callers: ReadonlyMap<string, Fixture>;
  /** The function's configuration. */
  readonly config: { readonly allow: readonly Readonly<Record<string, unknown>>[] };
  readonly world: () => World;
  close(): Promise<void>;
}

/** @param ports 0 or none: any free one */
export async function openHouse(ports: { emulator?: number; hook?: number } = {}): Promise<House> {
  const emulator = await startEmulator({
    duration: 600_000,
    port: ports.emulator ?? 0,
    services: ['dataproc', 'bigquery', 'run'],
  });
  const callers = new Map<string, Fixture>();
  for (const { type } of callerTypes) {
    const { fixtures }: { fixtures: Fixture[] } = await import(`../fixtures/${type}.ts`);
    if (fixtures[0]) callers.set(type, fixtures[0]);
  }
  const settings = Object.fromEntries([...callers].map(([type, one]) => [type, one.settings]));
  const env = Object.assign({}, ...[...callers.values()].map((one) => one.env));
  const config = {
    callers: {
      ops: { type: 'json', auth: { bearer: 'env:DEMO_TOKEN' } },
      asking: {
        type: 'alertmanager',
        auth: { bearer: 'env:DEMO_TOKEN' },
        mode: 'ask',
        notify: ['oncall'],
      },
      budgets: {
        type: 'pubsub',
        auth: { google: { audience: BUDGETS, emails: [PUSH_ACCOUNT] } },
        preset: { parent: JOBS, olderThan: '2h' },
        notify: ['oncall'],
      },
      ...settings,
    },
    destinations: { oncall: { type: 'slack', url: 'env:DEMO_WEBHOOK' } },
    allow: [
      {
        description: 'the demo project, for everyone',
        operations: ['projects/demo/locations/*/operations/*'],
      },
      {
        description: 'schedules may sweep stuck creations',
        callers: ['ops'],
        operations: ['projects/nightly/locations/*/operations/*'],
        verbs: ['create'],
        sweep: true,
      },
      {
        description: 'old queries of the sandbox stop where its budget ends',
        callers: ['budgets'],
        operations: ['//bigquery.googleapis.com/projects/sandbox/locations/*/jobs/*'],
        sweep: true,
      },
      {
        description: 'jobs of the demo project, for everyone',
        operations: [
          '//dataproc.googleapis.com/projects/demo/regions/*/jobs/*',
          '//run.googleapis.com/projects/demo/locations/*/jobs/*/executions/*',
        ],
      },
    ],
    endpoints: {
      privateca: emulator.url,
      services: emulator.services,
      slack: emulator.url,
      googleCerts: `${emulator.url}/oauth2/v3/certs`,
      chatCerts: `${emulator.url}/service_accounts/v1/jwk/chat@system.gserviceaccount.com`,
    },
  };
  const hook = await startFunction({
    ...(ports.hook ? { port: ports.hook } : {}),
    config,
    env: {
      ...env,
      DEMO_TOKEN: TOKEN,
      DEMO_WEBHOOK: `${emulator.url}${SLACK_WEBHOOK}`,
      GCE_METADATA_HOST: emulator.host,
    },
  });
  return {
    emulator,
    hook,
    callers,
    config,
    world: () => ({ emulator, now: Date.now() }),
    async close() {
      await hook.stop();
      await emulator.close();
    },
  };
}
