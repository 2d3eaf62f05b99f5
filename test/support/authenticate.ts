/** Whether a proof let a request in: one with an empty body `{}` comes no further than the schema. */

import assert from 'node:assert/strict';
import { assertError } from './error-form.ts';
import type { TestApp } from './test-app.ts';

type Headers = Readonly<Record<string, string>>;

function post({ process }: TestApp, route: string, headers: Headers, body = '{}') {
  return process.http
    .post(`/${route}`)
    .set({ 'Content-Type': 'application/json', ...headers })
    .send(body);
}

export async function assertAuthenticated(
  app: TestApp,
  route: string,
  headers: Headers,
  body?: string,
) {
  assertError(await post(app, route, headers, body), 'INVALID_REQUEST');
}

/** @returns the challenge, `WWW-Authenticate` */
export async function assertUnauthorized(
  app: TestApp,
  route: string,
  headers: Headers,
  body?: string,
): Promise<string | undefined> {
  const answer = await post(app, route, headers, body);
  const { message, metadata } = assertError(answer, 'UNAUTHENTICATED');
  assert.equal(message, 'No valid proof of who sent this request.');
  assert.deepEqual(metadata, {});
  return answer.headers['www-authenticate'];
}
