/** Options of `startTestApp` with a caller for each fixture of each registered type. */

import { existsSync } from 'node:fs';
import { callerTypes } from '../../src/callers/index.ts';
import type { Answered, Fixture, Sent, World } from '../fixtures/fixture.ts';
import { OPERATIONS, type TestApp, type TestAppOptions } from './test-app.ts';

/** Returns the fixtures of a type. A type without any fails in `contract.test.ts`, not here. */
async function loadFixtures(type: string): Promise<readonly Fixture[]> {
  const file = new URL(`../fixtures/${type}.ts`, import.meta.url);
  return existsSync(file) ? (await import(file.href)).fixtures : [];
}

export const callerFixtures = await Promise.all(
  callerTypes.map(async ({ type }) => ({ type, fixtures: await loadFixtures(type) })),
);
export const routed = callerFixtures.flatMap(({ type, fixtures }) =>
  fixtures.map((fixture, index) => ({ type, fixture, route: `${type}-${index}` })),
);

export const ALL_CALLERS: TestAppOptions = {
  config: {
    callers: Object.fromEntries(routed.map(({ route, fixture }) => [route, fixture.settings])),
    allow: [{ operations: [`${OPERATIONS}/*`] }],
  },
  env: Object.assign({}, ...routed.map(({ fixture }) => fixture.env)),
  operation: {},
};

/** Returns what the fixtures need to know of the app. */
export const toWorld = ({ emulator }: TestApp): World => ({ emulator, now: Date.now() });

/** Sends a fixture's webhook to this route. */
export async function sendWebhook(
  { process: { http } }: TestApp,
  route: string,
  { method, query, headers, body }: Sent,
): Promise<Answered> {
  const path = query === undefined ? `/${route}` : `/${route}?${query}`;
  const request = method === 'PUT' ? http.put(path) : http.post(path);
  const response = await request
    .set(headers)
    .serialize((text) => text)
    .buffer(true)
    .send(body as unknown as object);
  return { status: response.status, headers: response.headers, text: response.text ?? '' };
}
