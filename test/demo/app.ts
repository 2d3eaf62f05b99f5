/** The demo's app: an emulated Google Cloud, and the function under its stock command. */

import { callerTypes } from '../../src/callers/index.ts';
import { type Emulator, startEmulator } from '../emulator/index.ts';
import type { Fixture, World } from '../fixtures/fixture.ts';
import { type RunningFunction, startFunction } from '../support/function.ts';

export const PARENT = 'projects/demo/locations/us-central1';
export const TOKEN = 'demo-token';

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
  });
  const callers = new Map<string, Fixture>();
  for (const { type } of callerTypes) {
    const { fixtures }: { fixtures: Fixture[] } = await import(`../fixtures/${type}.ts`);
    if (fixtures[0]) callers.set(type, fixtures[0]);
  }
  const settings = Object.fromEntries([...callers].map(([type, one]) => [type, one.settings]));
  const env = Object.assign({}, ...[...callers.values()].map((one) => one.env));
  const config = {
    callers: { ops: { type: 'json', auth: { bearer: 'env:DEMO_TOKEN' } }, ...settings },
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
    ],
    endpoints: {
      privateca: emulator.url,
      slack: emulator.url,
      googleCerts: `${emulator.url}/oauth2/v3/certs`,
      chatCerts: `${emulator.url}/service_accounts/v1/jwk/chat@system.gserviceaccount.com`,
    },
  };
  const hook = await startFunction({
    ...(ports.hook ? { port: ports.hook } : {}),
    config,
    env: { ...env, DEMO_TOKEN: TOKEN, GCE_METADATA_HOST: emulator.host },
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
