/** Whether a proof let a request in: one with an empty body `{}` comes no further than the schema. */

import assert from 'node:assert/strict';
import { assertError } from './error-form.ts';
import type { House } from './test-app.ts';

type Headers = Readonly<Record<string, string>>;

function knock({ hook }: House, route: string, headers: Headers, body = '{}') {
  return hook.http
    .post(`/${route}`)
    .set({ 'Content-Type': 'application/json', ...headers })
    .send(body);
}

export async function assertAdmitted(house: House, route: string, headers: Headers, body?: string) {
  assertError(await knock(house, route, headers, body), 'INVALID_REQUEST');
}

/** @returns the challenge, `WWW-Authenticate` */
export async function assertRefused(
  house: House,
  route: string,
  headers: Headers,
  body?: string,
): Promise<string | undefined> {
  const answer = await knock(house, route, headers, body);
  const { message, metadata } = assertError(answer, 'UNAUTHENTICATED');
  assert.equal(message, 'No valid proof of who sent this request.');
  assert.deepEqual(metadata, {});
  return answer.headers['www-authenticate'];
}
