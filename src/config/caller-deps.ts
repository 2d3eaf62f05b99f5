/** What each caller is set up with: its own place for faults and secrets, and what all callers share. */

import { openSecret } from '../auth/secret.ts';
import type { Setup } from '../caller-deps.ts';
import { isRecord } from '../validation/json.ts';
import { type Fault, jsonPath } from '../validation/validator.ts';
import type { Surroundings } from './deps.ts';

export function setupOf(
  route: string,
  shared: Omit<Setup, 'fault' | 'warn' | 'secret'>,
  { clock, env, log, openSecret: open = openSecret }: Surroundings,
  fault: (path: Fault['path'], message: string) => void,
): Setup {
  const onStale = (path: string) =>
    log('ERROR', `The secret in ${path} can no longer be read; its last value is kept.`);
  return {
    ...shared,
    fault: (at, message) => fault(['callers', route, ...at], message),
    warn: (at, message) => log('WARNING', `${jsonPath(['callers', route, ...at])} ${message}.`),
    secret(at, refs, check) {
      const list = typeof refs === 'string' ? [refs] : refs;
      const opened = list.flatMap((ref, index) => {
        const path = ['callers', route, ...at, ...(typeof refs === 'string' ? [] : [index])];
        const secret = open(ref, { env, now: clock.now, onStale }, check);
        if (typeof secret !== 'string') return [secret.current];
        fault(path, secret);
        return [];
      });
      return () => Promise.all(opened.map((current) => current()));
    },
  };
}

/** The references to secrets in settings that are faulty otherwise: these can be missing as well. */
export function referencesIn(
  value: unknown,
  at: readonly (string | number)[] = [],
): { at: readonly (string | number)[]; ref: string }[] {
  if (typeof value === 'string') return /^(env|file):./.test(value) ? [{ at, ref: value }] : [];
  if (Array.isArray(value)) return value.flatMap((one, index) => referencesIn(one, [...at, index]));
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, one]) => referencesIn(one, [...at, key]));
}
