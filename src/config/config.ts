/**
 * The configuration: read once, at start. Every fault is found and told at once; nothing starts
 * half-configured.
 */

import type { Caller, CallerType } from '../caller.ts';
import { callerTypes } from '../callers/index.ts';
import type { Rule } from '../policy/rule.ts';
import { isRecord } from '../validation/json.ts';
import type { Fault } from '../validation/validator.ts';
import { referencesIn, setupOf } from './caller-deps.ts';
import { ConfigError } from './config-error.ts';
import { type ConfigText, checkConfig } from './config-schema.ts';
import type { Surroundings } from './deps.ts';
import { type Endpoints, readEndpoints } from './endpoints.ts';
import { unsafeVariables } from './environment.ts';
import { LIMITS, type Limits } from './limits.ts';
import { parseConfig } from './parse-config.ts';
import { readRule } from './parse-rule.ts';
import { soundBeside } from './valid-parts.ts';

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
export function readConfig(given: string | undefined, around: Surroundings): Config {
  return configOf(parseConfig(given), around);
}

/**
 * What the schema has nothing against is looked at more closely even where other parts are faulty.
 *
 * @param value the configuration, parsed
 * @throws ConfigError
 */
export function configOf(value: unknown, around: Surroundings): Config {
  const result = checkConfig(value);
  const faults: Fault[] = result.ok ? [] : [...result.faults];
  const { isSound, soundOf } = soundBeside(faults);
  const fault = (path: Fault['path'], message: string) => faults.push({ path, message });
  for (const reason of unsafeVariables(around.env)) fault([], reason);

  const text = (isRecord(value) ? value : {}) as Partial<ConfigText>;
  const endpoints = readEndpoints(soundOf(text.endpoints, 'endpoints'), (key, message) =>
    fault(['endpoints', key], message),
  );
  const limits = { ...LIMITS, ...soundOf(text.limits, 'limits') };
  const shared = {
    clock: around.clock,
    post: around.post,
    googleKeys: around.keySource(endpoints.googleCerts),
    chatKeys: around.keySource(endpoints.chatCerts),
    endpoints,
    sweepMax: limits.sweepMax,
  };

  const routes = Object.entries(isRecord(text.callers) ? text.callers : {});
  const callers = new Map<string, Caller>();
  for (const [route, settings] of routes) {
    const setup = setupOf(route, shared, around, fault);
    if (!isSound('callers', route)) {
      for (const { at, ref } of referencesIn(settings)) setup.secret(at, ref);
      continue;
    }
    const callerType = callerTypes.find(({ type }) => type === settings.type);
    if (callerType)
      callers.set(route, (callerType as CallerType<never>).create(route, settings as never, setup));
  }

  const known = isRecord(text.callers) ? routes.map(([route]) => route) : undefined;
  const rules = (Array.isArray(text.allow) ? text.allow : []).map((rule, index) =>
    readRule(soundOf(rule, 'allow', index), index, known, fault),
  );

  const calledBack = [...callers.values()].some((one) => one.callback);
  if (text.queue !== undefined && callers.size === routes.length && !calledBack) {
    fault(['queue'], "needs a json caller whose google audience is the hook's own URL");
  }

  if (faults.length > 0) throw new ConfigError(faults);
  return {
    callers,
    rules,
    endpoints,
    observe: text.mode === 'observe',
    limits,
    ...(text.queue === undefined ? {} : { queue: text.queue }),
  };
}
