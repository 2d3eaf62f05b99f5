/** A proof by itself: what it is set up with, and what it makes of a request. */

import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { Authenticator } from '../../src/auth/authenticator.ts';
import type { SecretRefs } from '../../src/auth/secret.ts';
import type { CallerDeps } from '../../src/caller-deps.ts';
import { StatusError, unauthenticated } from '../../src/errors.ts';
import { createValidator, fieldPath } from '../../src/validation/validator.ts';

/** Milliseconds since 1970. */
export const NOW = 1_800_000_000_000;
export const SECONDS = NOW / 1000;

export interface TestDeps {
  readonly deps: CallerDeps;
  readonly errors: { at: readonly (string | number)[]; message: string }[];
  readonly warnings: { at: readonly (string | number)[]; message: string }[];
}

/** @param secrets by reference; one that is not there is a fault */
export function createTestDeps(
  secrets: Readonly<Record<string, string>> = {},
  keys: Partial<Pick<CallerDeps, 'googleKeys' | 'chatKeys'>> = {},
  now: () => number = () => NOW,
): TestDeps {
  const errors: TestDeps['errors'] = [];
  const warnings: TestDeps['warnings'] = [];
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

/** The identities that a proof finds, in the body as well where that is signed, or the error that it refuses with. */
export async function authenticate(
  proof: Authenticator,
  { headers = {}, query = '', body = '' }: TestRequest,
): Promise<readonly string[] | StatusError> {
  try {
    const shown = await proof({ method: 'POST', query, headers, receivedAt: NOW });
    if (typeof shown !== 'function') return shown;
    return shown(Buffer.from(body)) ? [] : unauthenticated();
  } catch (error) {
    if (error instanceof StatusError) return error;
    throw error;
  }
}

/** Whether a proof lets a request in; it may be refused in one way only. */
export async function isAuthenticated(proof: Authenticator, shown: TestRequest): Promise<boolean> {
  const found = await authenticate(proof, shown);
  if (!(found instanceof StatusError)) return true;
  if (found.reason === 'UNAUTHENTICATED') return false;
  throw found;
}

/** A key pair for tokens; small, for it guards nothing and has to sign thousands. */
export const TOKEN_KEYS = generateKeyPairSync('rsa', { modulusLength: 1024 });
export const KEY_ID = 'a-key-of-google';

export const googleKeys = createKeySet({ [KEY_ID]: TOKEN_KEYS.publicKey });

export function createKeySet(keys: Readonly<Record<string, KeyObject>>) {
  const known = new Map(Object.entries(keys));
  return { get: async (id: string) => known.get(id) };
}

export function encodeBase64Url(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return Buffer.from(text).toString('base64url');
}

/** A token of these two parts, objects or JSON text, signed with {@link TOKEN_KEYS}. */
export function signToken(
  claims: unknown,
  header: unknown = { alg: 'RS256', kid: KEY_ID, typ: 'JWT' },
): string {
  const input = `${encodeBase64Url(header)}.${encodeBase64Url(claims)}`;
  return `${input}.${sign('sha256', Buffer.from(input), TOKEN_KEYS.privateKey).toString('base64url')}`;
}

let schemas = 0;

/** What a proof's settings say is wrong with a value, one text for each fault. */
export function createSettingsValidator(schema: object): (value: unknown) => string[] {
  schemas += 1;
  const check = createValidator(`TestedSettings${schemas}`, schema);
  return (value) => {
    const result = check(value);
    if (result.ok) return [];
    return result.issues.map(({ path, message }) => `${fieldPath(path)} ${message}`.trim());
  };
}

/** A request that is refused with this challenge, and no other word. */
export async function getChallenge(
  proof: Authenticator,
  shown: TestRequest,
): Promise<string | undefined> {
  const found = await authenticate(proof, shown);
  if (!(found instanceof StatusError)) throw new Error(`let in as ${found.join() || 'someone'}`);
  if (found.reason !== 'UNAUTHENTICATED') throw found;
  return found.headers['WWW-Authenticate'];
}
