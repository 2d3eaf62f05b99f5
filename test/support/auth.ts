/** An authenticator by itself: what it is created with, and what it makes of a request. */

import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { SecretRefs } from '../../src/auth/secret.ts';
import type { Authenticator, CallerDeps } from '../../src/caller.ts';
import { StatusError, type UnauthenticatedReason, unauthenticated } from '../../src/errors.ts';
import { createValidator, fieldPath } from '../../src/validation/validator.ts';

/** Milliseconds since 1970. */
export const NOW = 1_800_000_000_000;
export const SECONDS = NOW / 1000;

type Issue = { at: readonly (string | number)[]; message: string };

export interface TestDeps {
  readonly deps: CallerDeps;
  readonly errors: Issue[];
  readonly warnings: Issue[];
}

/** @param secrets by reference; one that is missing is an error */
export function createTestDeps(
  secrets: Readonly<Record<string, string>> = {},
  keys: Partial<Pick<CallerDeps, 'googleKeys' | 'chatKeys'>> = {},
  now: () => number = () => NOW,
): TestDeps {
  const errors: Issue[] = [];
  const warnings: Issue[] = [];
  const none = { get: async () => undefined };
  const deps: Partial<CallerDeps> = {
    clock: { now, random: () => 0.5, sleep: async () => {} },
    googleKeys: none,
    chatKeys: none,
    ...keys,
    addError: (at, message) => errors.push({ at, message }),
    warn: (at, message) => warnings.push({ at, message }),
    secret(at, refs: SecretRefs, check = () => undefined) {
      const values = [refs].flat().flatMap((ref) => {
        const value = secrets[ref];
        const message = value === undefined ? 'is missing' : check(value);
        if (message !== undefined) errors.push({ at, message });
        return value === undefined ? [] : [value];
      });
      return async () => values;
    },
  };
  return { deps: deps as CallerDeps, errors, warnings };
}

export interface TestRequest {
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly query?: string;
  readonly body?: Buffer | string;
}

/** Returns the sender's identities, after the check of the body if it is signed, or the error. */
export async function authenticate(
  authenticator: Authenticator,
  { headers = {}, query = '', body = '' }: TestRequest,
): Promise<readonly string[] | StatusError> {
  try {
    const result = await authenticator({ method: 'POST', query, headers, receivedAt: NOW });
    if (typeof result !== 'function') return result;
    return result(Buffer.from(body)) ? [] : unauthenticated('signature');
  } catch (error) {
    if (error instanceof StatusError) return error;
    throw error;
  }
}

/** Returns false only for UNAUTHENTICATED. */
export async function isAuthenticated(
  authenticator: Authenticator,
  request: TestRequest,
): Promise<boolean> {
  const result = await authenticate(authenticator, request);
  if (!(result instanceof StatusError)) return true;
  if (result.reason === 'UNAUTHENTICATED') return false;
  throw result;
}

/** Asserts a 401 with this reason for the log, and this challenge (none by default). */
export async function assertUnauthenticated(
  authenticator: Authenticator,
  request: TestRequest,
  reason: UnauthenticatedReason,
  challenge?: string,
): Promise<void> {
  const error = await authenticate(authenticator, request);
  if (!(error instanceof StatusError)) assert.fail(`accepted as ${JSON.stringify(error)}`);
  const found = [error.reason, error.unauthenticated, error.headers['WWW-Authenticate']];
  assert.deepEqual(found, ['UNAUTHENTICATED', reason, challenge]);
}

export const BEARER_CHALLENGE = 'Bearer realm="cancel-hook"';
export const BASIC_CHALLENGE = 'Basic realm="cancel-hook", charset="UTF-8"';

/** A key pair for tokens, of the least size that jose accepts. */
export const TOKEN_KEYS = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const KEY_ID = 'a-key-of-google';

export const googleKeys = createKeySet({ [KEY_ID]: TOKEN_KEYS.publicKey });

export function createKeySet(keys: Readonly<Record<string, KeyObject>>) {
  const known = new Map(Object.entries(keys));
  return { get: async (id: string) => known.get(id) };
}

/** A key set that must not be asked. */
export const UNUSED_KEYS = { get: (): never => assert.fail('asked for a key') };

export function encodeBase64Url(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return Buffer.from(text).toString('base64url');
}

/** Returns a token of these two parts, objects or JSON text, signed with {@link TOKEN_KEYS}. */
export function signToken(
  claims: unknown,
  header: unknown = { alg: 'RS256', kid: KEY_ID, typ: 'JWT' },
): string {
  const input = `${encodeBase64Url(header)}.${encodeBase64Url(claims)}`;
  return `${input}.${sign('sha256', Buffer.from(input), TOKEN_KEYS.privateKey).toString('base64url')}`;
}

/** Does what Cloud Run does with a token that its IAM check has verified. */
export function removeSignature(token: string): string {
  return token.replace(/[^.]+$/, 'SIGNATURE_REMOVED_BY_GOOGLE');
}

let schemas = 0;

/** Returns a function that lists what a settings' schema says is wrong with a value. */
export function createSettingsValidator(schema: object): (value: unknown) => string[] {
  schemas += 1;
  const validate = createValidator(`TestedSettings${schemas}`, schema, { allErrors: true });
  return (value) => {
    const result = validate(value);
    if (result.ok) return [];
    return result.issues.map(({ path, message }) => `${fieldPath(path)} ${message}`.trim());
  };
}
