/**
 * The configuration: read once, at start. Every fault is found and told at once; nothing starts
 * half-configured.
 */

import type { Caller, CallerDefinition } from '../caller.ts';
import { callerTypes } from '../callers/index.ts';
import type { Rule } from '../policy/rule.ts';
import { isRecord } from '../validation/json.ts';
import type { ConfigIssue } from '../validation/validator.ts';
import { createCallerDeps, findSecretRefs } from './caller-deps.ts';
import { ConfigError } from './config-error.ts';
import { type ConfigInput, validateConfig } from './config-schema.ts';
import type { ConfigDeps } from './deps.ts';
import { type Endpoints, parseEndpoints } from './endpoints.ts';
import { unsafeVariables } from './environment.ts';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';
import { parseConfig } from './parse-config.ts';
import { parseRule } from './parse-rule.ts';
import { createValidityFilter } from './valid-parts.ts';

export interface Config {
  readonly callers: ReadonlyMap<string, Caller>;
  readonly rules: readonly Rule[];
  /** Everything but the cancel itself. */
  readonly observe: boolean;
  readonly endpoints: Endpoints;
  readonly limits: Limits;
  /** The full name of a Cloud Tasks queue. */
  readonly queue?: string;
}

/**
 * @param given the configuration's JSON text, or a path to a file of it
 * @throws ConfigError
 */
export function loadConfig(given: string | undefined, deps: ConfigDeps): Config {
  return buildConfig(parseConfig(given), deps);
}

/**
 * What the schema has nothing against is looked at more closely even where other parts are faulty.
 *
 * @param value the configuration, parsed
 * @throws ConfigError
 */
export function buildConfig(value: unknown, deps: ConfigDeps): Config {
  const result = validateConfig(value);
  const issues: ConfigIssue[] = result.ok ? [] : [...result.issues];
  const { isValid, validEntries } = createValidityFilter(issues);
  const addError = (path: ConfigIssue['path'], message: string) => issues.push({ path, message });
  for (const reason of unsafeVariables(deps.env)) addError([], reason);

  const input = (isRecord(value) ? value : {}) as Partial<ConfigInput>;
  const endpoints = parseEndpoints(validEntries(input.endpoints, 'endpoints'), (key, message) =>
    addError(['endpoints', key], message),
  );
  const limits = { ...DEFAULT_LIMITS, ...validEntries(input.limits, 'limits') };
  const shared = {
    clock: deps.clock,
    post: deps.post,
    googleKeys: deps.keySource(endpoints.googleCerts),
    chatKeys: deps.keySource(endpoints.chatCerts),
    endpoints,
    sweepMax: limits.sweepMax,
  };

  const routes = Object.entries(isRecord(input.callers) ? input.callers : {});
  const callers = new Map<string, Caller>();
  for (const [route, settings] of routes) {
    const callerDeps = createCallerDeps(route, shared, deps, addError);
    if (!isValid('callers', route)) {
      for (const { at, ref } of findSecretRefs(settings)) callerDeps.secret(at, ref);
      continue;
    }
    const definition = callerTypes.find(({ type }) => type === settings.type);
    if (definition)
      callers.set(
        route,
        (definition as CallerDefinition<never>).create(route, settings as never, callerDeps),
      );
  }

  const known = isRecord(input.callers) ? routes.map(([route]) => route) : undefined;
  const rules = (Array.isArray(input.allow) ? input.allow : []).map((rule, index) =>
    parseRule(validEntries(rule, 'allow', index), index, known, addError),
  );

  const calledBack = [...callers.values()].some((one) => one.callback);
  if (input.queue !== undefined && callers.size === routes.length && !calledBack) {
    addError(
      ['queue'],
      "needs a json caller with google or iam whose audience is the function's URL",
    );
  }

  if (issues.length > 0) throw new ConfigError(issues);
  return {
    callers,
    rules,
    endpoints,
    observe: input.mode === 'observe',
    limits,
    ...(input.queue === undefined ? {} : { queue: input.queue }),
  };
}
