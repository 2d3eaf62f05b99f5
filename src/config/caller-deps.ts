/** Creates the dependencies of a caller or a destination: its own paths for issues and secrets, and what all share. */

import { openSecret } from '../auth/secret.ts';
import type { CallerDeps } from '../caller-deps.ts';
import { isRecord } from '../validation/json.ts';
import type { ConfigIssue } from '../validation/validator.ts';
import type { ConfigDeps } from './deps.ts';

export function createCallerDeps(
  place: ConfigIssue['path'],
  shared: Omit<CallerDeps, 'addError' | 'warn' | 'secret'>,
  { clock, env, logError, warn, openSecret: open = openSecret }: ConfigDeps,
  addError: (path: ConfigIssue['path'], message: string) => void,
): CallerDeps {
  return {
    ...shared,
    addError: (at, message) => addError([...place, ...at], message),
    warn: (at, message) => warn({ path: [...place, ...at], message }),
    secret(at, refs, check) {
      const list = typeof refs === 'string' ? [refs] : refs;
      const opened = list.flatMap((ref, index) => {
        const path = [...place, ...at, ...(typeof refs === 'string' ? [] : [index])];
        const secret = open(ref, { env, now: clock.now, onError: logError }, check);
        if (typeof secret !== 'string') return [secret.current];
        addError(path, secret);
        return [];
      });
      return async () => {
        const values = await Promise.all(opened.map((current) => current()));
        return values.filter((value) => value !== undefined);
      };
    },
  };
}

/** Finds the references to secrets in settings that are invalid otherwise: these can be missing, too. */
export function findSecretRefs(
  value: unknown,
  at: readonly (string | number)[] = [],
): { at: readonly (string | number)[]; ref: string }[] {
  if (typeof value === 'string') return /^(env|file):./.test(value) ? [{ at, ref: value }] : [];
  if (Array.isArray(value))
    return value.flatMap((one, index) => findSecretRefs(one, [...at, index]));
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, one]) => findSecretRefs(one, [...at, key]));
}
