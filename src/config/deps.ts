/** Creates the dependencies of a caller or a destination: its own paths for issues and secrets, and what all share. */

import type { KeySet } from '../auth/key-set.ts';
import { openSecret } from '../auth/secret.ts';
import type { CallerDeps } from '../caller.ts';
import type { Clock } from '../clock.ts';
import type { ConfigIssue } from '../validation/validator.ts';
import { isRecord } from '../validation/values.ts';
import type { Yaml } from './read-config.ts';

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

export interface ConfigDeps {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Creates the key set that a URL serves. */
  readonly keySource: (url: URL) => KeySet;
  readonly post: CallerDeps['post'];
  /** Logs an ERROR. */
  readonly logError: (message: string) => void;
  /** Receives what an operator should know about a setting. */
  readonly warn: (issue: ConfigIssue) => void;
  /** Loads the parser of YAML, where the text is not JSON or has errors to locate. */
  readonly loadYaml: () => Yaml;
  /** Replaces the opening of references to secrets. */
  readonly openSecret?: typeof openSecret;
}

interface Unsafe {
  readonly variable: string;
  /** Returns whether a value has the effect. */
  readonly is: (value: string) => boolean;
  readonly does: string;
}

const isSet = (value: string) => value !== '';

const UNSAFE: readonly Unsafe[] = [
  // https://nodejs.org/api/cli.html#node_debugmodule: `net` writes whole requests to stderr.
  { variable: 'NODE_DEBUG', is: isSet, does: 'write access tokens into the log' },
  // https://github.com/googleapis/google-cloud-node-core/tree/main/packages/google-logging-utils
  { variable: 'GOOGLE_SDK_NODE_LOGGING', is: isSet, does: 'write access tokens into the log' },
  // https://nodejs.org/api/cli.html#node_tls_reject_unauthorizedvalue
  {
    variable: 'NODE_TLS_REJECT_UNAUTHORIZED',
    is: (value) => value === '0',
    does: 'send access tokens to a server that only claims to be Google',
  },
  // https://nodejs.org/api/cli.html#--tls-keylogfile and #--inspecthostport
  {
    variable: 'NODE_OPTIONS',
    // Node drops quotes and escapes, and takes an underscore for a dash.
    is: (value) =>
      /--(tls-keylog|inspect)/.test(value.replaceAll(/["\\]/g, '').replaceAll('_', '-')),
    does: 'let others read the memory or the connections of the function',
  },
];

/** @returns why the function must not start in this environment, one message for each reason */
export function unsafeVariables(
  env: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  return UNSAFE.filter(({ variable, is }) => is(env[variable] ?? '')).map(
    ({ variable, does }) =>
      `cannot be used while the environment variable ${variable} has this value: it would ${does}`,
  );
}
