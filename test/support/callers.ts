/** One function for every fixture of every registered type, each at a route of its own. */

import { existsSync } from 'node:fs';
import { callerTypes } from '../../src/callers/index.ts';
import { type Emulator, startEmulator } from '../emulator/index.ts';
import type { Answered, Fixture, Sent, World } from '../fixtures/fixture.ts';
import { startFunction } from './function.ts';
import { getCancelRequests } from './test-app.ts';

const PARENT = 'projects/my-project/locations/us-central1';

/** A type without fixtures fails a test of its own, so that the others are still tested. */
async function fixturesOf(type: string): Promise<readonly Fixture[]> {
  const file = new URL(`../fixtures/${type}.ts`, import.meta.url);
  return existsSync(file) ? (await import(file.href)).fixtures : [];
}

export const callerFixtures = await Promise.all(
  callerTypes.map(async ({ type }) => ({ type, fixtures: await fixturesOf(type) })),
);
export const routed = callerFixtures.flatMap(({ type, fixtures }) =>
  fixtures.map((fixture, index) => ({ type, fixture, route: `${type}-${index}` })),
);

export interface Callers {
  readonly emulator: Emulator;
  /** The function's own. */
  readonly url: string;
  /** The configuration that it runs with. */
  readonly config: object;
  world(): World;
  /** A name that nothing else has, so that each request can be told by it. */
  newName(parent?: string): string;
  /** The name of an operation that is running. */
  running(settings?: { duration?: number }): string;
  ask(route: string, sent: Sent): Promise<Answered>;
  /** The paths of the cancels that arrived. */
  cancelled(): string[];
  /** The paths of all that was asked about operations. */
  asked(): string[];
  forget(): void;
  /** All that the function has written so far. */
  output(): string;
  stop(): Promise<void>;
}

export async function openCallers(): Promise<Callers> {
  const emulator = await startEmulator();
  const config = {
    callers: Object.fromEntries(routed.map(({ route, fixture }) => [route, fixture.settings])),
    allow: [{ operations: [`${PARENT}/operations/*`] }],
    endpoints: {
      privateca: emulator.url,
      slack: emulator.url,
      googleCerts: `${emulator.url}/oauth2/v3/certs`,
      chatCerts: `${emulator.url}/service_accounts/v1/jwk/chat@system.gserviceaccount.com`,
    },
  };
  const hook = await startFunction({
    config,
    env: {
      ...Object.assign({}, ...routed.map(({ fixture }) => fixture.env)),
      GCE_METADATA_HOST: emulator.host,
    },
  });
  let named = 0;
  const newName = (parent = PARENT) => `${parent}/operations/operation-${++named}`;
  return {
    emulator,
    url: hook.url,
    config,
    world: () => ({ emulator, now: Date.now() }),
    newName,
    running(settings = {}) {
      const name = newName();
      emulator.addOperation({ name, ...settings });
      return name;
    },
    async ask(route, { method, query, headers, body }) {
      const path = query === undefined ? `/${route}` : `/${route}?${query}`;
      const request = method === 'PUT' ? hook.http.put(path) : hook.http.post(path);
      const answer = await request
        .set(headers)
        .serialize((text) => text)
        .buffer(true)
        .send(body as unknown as object);
      return { status: answer.status, headers: answer.headers, text: answer.text ?? '' };
    },
    cancelled: () => getCancelRequests(emulator).map(({ path }) => path),
    asked: () =>
      emulator.requests.map(({ path }) => path).filter((path) => path.startsWith('/v1/')),
    forget() {
      emulator.clearRequests();
      emulator.clearScripts();
    },
    output: () => hook.stdout() + hook.stderr(),
    async stop() {
      await hook.stop();
      await emulator.close();
    },
  };
}
