/** Secrets, by reference: `env:NAME`, or `file:/path` for a mounted one. Any of a list is accepted. */

import { createHash, timingSafeEqual } from 'node:crypto';
import { readFile, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { describePattern } from '../validation/validator.ts';

const REFERENCE = describePattern(
  '^(env:[A-Za-z_][A-Za-z0-9_]*|file:/.+)$',
  'a reference, env:NAME or file:/path; a secret is never written in the configuration',
);

export const secretRefs = {
  description:
    'References to a secret, env:NAME or file:/path. Any of a list is accepted: add the new one, switch the sender, remove the old one.',
  type: ['string', 'array'],
  pattern: REFERENCE,
  minItems: 1,
  items: { type: 'string', pattern: REFERENCE },
} as const;

export type SecretRefs = string | readonly string[];

/** Returns the values that are accepted now. */
export type Secret = () => Promise<readonly string[]>;

/** A shorter secret can be guessed. */
const MIN_CHARACTERS = 8;
/** How often a mounted secret is read again, so that a rotation is seen within 10 s. */
const REREAD_MS = 5_000;
/** Cloud Run fetches a mounted secret at each read; a slow read must not delay a request for longer. */
const READ_DEADLINE_MS = 1_000;
/** After a long time without requests nothing is accepted before the file was read, so that it may take longer. */
const EXPIRED_READ_DEADLINE_MS = 5_000;
/** How long a value is accepted after it was last read. */
const MAX_STALE_MS = 900_000;

export interface SecretSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Receives a message for the log, once for each time that a mounted secret becomes unusable. */
  readonly onError: (message: string) => void;
}

/**
 * Opens a reference. White space around a value, and a byte-order mark, are not part of it.
 *
 * @param check returns what is wrong with a value; a rotation to such a value is not followed
 * @returns the value, and a function that returns the value from now on, undefined if none is
 * accepted any more; or why there is none
 */
export function openSecret(
  ref: string,
  sources: SecretSources,
  check: (value: string) => string | undefined = () => undefined,
): { current: () => Promise<string | undefined>; value: string } | string {
  const [, kind, place = ''] = /^(env|file):(.+)/s.exec(ref) ?? [];
  const isVariable = kind === 'env';
  const name = isVariable ? `the environment variable ${place}` : `the file ${place}`;
  const text = isVariable ? readVariable(place, sources.env) : readWhole(place);
  if (text === undefined && !isVariable) return `${name} cannot be read`;

  const value = (text ?? '').trim();
  if (value === '') return `${name} is ${isVariable ? 'missing or ' : ''}empty`;
  if (value.length < MIN_CHARACTERS) return `${name} has fewer than ${MIN_CHARACTERS} characters`;
  const problem = check(value);
  if (problem !== undefined) return problem;

  if (isVariable) return { current: async () => value, value };
  const isValid = (text: string) => text.length >= MIN_CHARACTERS && check(text) === undefined;
  return { current: watchFile(place, value, { ...sources, isValid }), value };
}

function readVariable(name: string, env: SecretSources['env']): string | undefined {
  return Object.hasOwn(env, name) ? env[name] : undefined;
}

function readWhole(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function watchFile(
  path: string,
  first: string,
  { now, onError, isValid }: SecretSources & { readonly isValid: (value: string) => boolean },
): () => Promise<string | undefined> {
  let value = first;
  let validAt = now();
  let readAt = validAt;
  let reported: 'stale' | 'expired' | undefined;
  let reading: Promise<void> | undefined;
  const isExpired = () => now() - validAt >= MAX_STALE_MS;

  async function reread(): Promise<void> {
    const startedAt = now();
    const text = (await promisify(readFile)(path, 'utf8').catch(() => '')).trim();
    reading = undefined;
    if (isValid(text)) {
      value = text;
      validAt = startedAt;
      reported = undefined;
    } else report();
  }

  function report(): void {
    const state = isExpired() ? 'expired' : 'stale';
    if (state === reported) return;
    reported = state;
    const end =
      state === 'stale'
        ? 'its last value is accepted for at most 15 minutes'
        : 'no value is accepted';
    onError(`The file ${path} holds no valid secret or cannot be read: ${end}.`);
  }

  return async () => {
    // A clock that was set back must not delay the read.
    const isDue = !reading && Math.abs(now() - readAt) >= REREAD_MS;
    if (isDue) {
      readAt = now();
      reading = reread();
    }
    const expired = isExpired();
    const longest = expired ? EXPIRED_READ_DEADLINE_MS : READ_DEADLINE_MS;
    if (isDue || expired) await Promise.race([reading, pause(longest)]);
    if (!isExpired()) return value;
    report();
    return undefined;
  };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}

/** Compares in a time that depends on neither text: hashing gives both one length. */
export function timingSafeEqualString(a: string, b: string): boolean {
  return timingSafeEqual(sha256(a), sha256(b));
}

/** Returns whether `given` is one of `accepted`; all of them are compared. */
export function matchesAny(given: string, accepted: readonly string[]): boolean {
  let found = false;
  for (const secret of accepted) found = timingSafeEqualString(given, secret) || found;
  return found;
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
