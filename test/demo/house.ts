/** The demo's house: an emulated Google Cloud, and the function under its stock command. */

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
  readonly world: () => World;
  close(): Promise<void>;
}

export async function openHouse(ports: { emulator?: number; hook?: number } = {}): Promise<House> {
  const emulator = await startEmulator({
    duration: 600_000,
    ...(ports.emulator === undefined ? {} : { port: ports.emulator }),
  });
  const callers = new Map<string, Fixture>();
  for (const { type } of callerTypes) {
    const { fixtures }: { fixtures: Fixture[] } = await import(`../fixtures/${type}.ts`);
    if (fixtures[0]) callers.set(type, fixtures[0]);
  }
  const settings = Object.fromEntries([...callers].map(([type, one]) => [type, one.settings]));
  const env = Object.assign({}, ...[...callers.values()].map((one) => one.env));
  const hook = await startFunction({
    ...(ports.hook === undefined ? {} : { port: ports.hook }),
    config: {
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
        googleCerts: `${emulator.url}/oauth2/v1/certs`,
        chatCerts: `${emulator.url}/service_accounts/v1/metadata/x509/chat@system.gserviceaccount.com`,
      },
    },
    env: { ...env, DEMO_TOKEN: TOKEN, GCE_METADATA_HOST: emulator.host },
  });
  return {
    emulator,
    hook,
    callers,
    world: () => ({ emulator, now: Date.now() }),
    async close() {
      await hook.stop();
      await emulator.close();
    },
  };
}
