/**
 * Secrets by reference: `env:NAME`, or `file:/path` for a mounted one. Any of a list is accepted,
 * which is how one rotates.
 */

import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
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

/** The values accepted now. */
export type Secret = () => Promise<readonly string[]>;

/** A mounted secret is looked at again after this long: a rotation is seen within 10 s. */
const REREAD_MS = 5_000;
/** Cloud Run fetches a mounted secret at each read; a slow one must not hold up a request. */
const READ_DEADLINE_MS = 1_000;

export interface SecretSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => number;
  /** Told once when a mounted secret can no longer be read, and keeps its last value. */
  readonly onStale: (path: string) => void;
}

/**
 * Reads a reference once.
 *
 * @param check what is wrong with a value; a rotation to such a one is not followed
 * @returns the way to the value from now on, and the value; or why there is none
 */
export function openSecret(
  ref: string,
  sources: SecretSources,
  check: (value: string) => string | undefined = () => undefined,
): { current: () => Promise<string>; value: string } | string {
  const [, kind, place = ''] = /^(env|file):(.+)/s.exec(ref) ?? [];
  if (kind === 'env') {
    const value = Object.hasOwn(sources.env, place) ? sources.env[place] : undefined;
    if (!value) return `the environment variable ${place} is missing or empty`;
    return check(value) ?? { current: async () => value, value };
  }
  try {
    const value = trimNewline(readFileSync(place, 'utf8'));
    if (value === '') return `the file ${place} is empty`;
    return check(value) ?? { current: watchFile(place, value, sources, check), value };
  } catch {
    return `the file ${place} cannot be read`;
  }
}

function watchFile(
  path: string,
  first: string,
  sources: SecretSources,
  check: (value: string) => string | undefined,
): () => Promise<string> {
  let value = first;
  let readAt = sources.now();
  let stale = false;
  let reading: Promise<void> | undefined;

  async function reread(): Promise<void> {
    try {
      const text = trimNewline(await readFile(path, 'utf8'));
      if (text === '' || check(text) !== undefined) throw new Error('no such secret');
      value = text;
      stale = false;
    } catch {
      if (!stale) sources.onStale(path);
      stale = true;
    }
    reading = undefined;
  }

  return async () => {
    if (!reading && sources.now() - readAt >= REREAD_MS) {
      readAt = sources.now();
      reading = reread();
      await Promise.race([reading, pause(READ_DEADLINE_MS)]);
    }
    return value;
  };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}

function trimNewline(text: string): string {
  return text.replace(/\r?\n$/, '');
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
