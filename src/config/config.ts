/**
 * The configuration: read once, at start. Every fault is found and told at once; nothing starts
 * half-configured.
 */

import { readFileSync } from 'node:fs';
import type { Caller, CallerType } from '../caller.ts';
import { callerTypes } from '../callers/index.ts';
import type { Clock } from '../clock.ts';
import { type Pattern, parseOperationPattern, parseTargetPattern } from '../operation.ts';
import type { Rule } from '../policy/rule.ts';
import type { KeySource } from '../proofs/google-keys.ts';
import { openSecret } from '../proofs/secret.ts';
import { isRecord } from '../schema/json.ts';
import { type Fault, jsonPath } from '../schema/schema.ts';
import type { Setup } from '../setup.ts';
import { type ConfigText, checkConfig, type RuleText } from './config-schema.ts';
import { type Endpoints, readEndpoints } from './endpoints.ts';
import { unsafeVariables } from './environment.ts';

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

interface Limits {
  readonly bodyBytes: number;
  /** For one cancel with its retries. */
  readonly upstreamSeconds: number;
  /** Most cancels of one sweep. */
  readonly sweepMax: number;
  /** At one time, within one sweep or one alert. */
  readonly concurrentCancels: number;
  /** For a whole sweep. */
  readonly sweepSeconds: number;
}

const LIMITS: Limits = {
  bodyBytes: 1_048_576,
  upstreamSeconds: 9,
  sweepMax: 100,
  concurrentCancels: 8,
  sweepSeconds: 50,
};

/** Every fault with its JSONPath; never a secret's value. */
export class ConfigError extends Error {
  readonly faults: readonly string[];
  readonly found: readonly Fault[];

  constructor(found: readonly Fault[]) {
    const lines = found.map(({ path, message }) => `${jsonPath(path)} ${message}`);
    super(`The configuration is faulty:\n${lines.join('\n')}`);
    this.name = 'ConfigError';
    this.faults = lines;
    this.found = found;
  }
}

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Google's public keys, by the address that serves them. */
  readonly keySource: (url: URL) => KeySource;
  readonly post: Setup['post'];
  readonly log: (severity: 'WARNING' | 'ERROR', message: string) => void;
  /** Absent: references to secrets are opened. */
  readonly openSecret?: typeof openSecret;
}

/**
 * @param given the configuration's JSON text, or a path to a file of it
 * @throws ConfigError
 */
export function readConfig(given: string | undefined, around: Surroundings): Config {
  return configOf(parse(given), around);
}

/**
 * @param value the configuration, parsed
 * @throws ConfigError
 */
export function configOf(value: unknown, around: Surroundings): Config {
  const result = checkConfig(value);
  const faults: Fault[] = result.ok ? [] : [...result.faults];
  // What the schema found no fault with is looked at more closely even where other parts have some.
  const unsound = new Set(
    faults.flatMap(({ path }) => path.map((_, at) => jsonPath(path.slice(0, at + 1)))),
  );
  const sound = (...path: (string | number)[]) =>
    unsound.size === 0 || !unsound.has(jsonPath(path));
  const text = (isRecord(value) ? value : {}) as Partial<ConfigText>;
  const fault = (path: Fault['path'], message: string) => faults.push({ path, message });
  for (const reason of unsafeVariables(around.env)) fault([], reason);
  const soundOf = <T extends object>(
    part: T | undefined,
    ...path: (string | number)[]
  ): Partial<T> =>
    Object.fromEntries(
      Object.entries(isRecord(part) ? part : {}).filter(([key]) => sound(...path, key)),
    ) as Partial<T>;

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

  const callers = new Map<string, Caller>();
  for (const [route, settings] of Object.entries(isRecord(text.callers) ? text.callers : {})) {
    const setup = setupOf(route, shared, around, fault);
    if (!sound('callers', route)) {
      for (const { at, ref } of referencesIn(settings)) setup.secret(at, ref);
      continue;
    }
    const callerType = callerTypes.find(({ type }) => type === settings.type);
    if (callerType)
      callers.set(route, (callerType as CallerType<never>).create(route, settings as never, setup));
  }

  const known = Object.keys(isRecord(text.callers) ? text.callers : {});
  const rules: Rule[] = [];
  for (const [index, rule] of (Array.isArray(text.allow) ? text.allow : []).entries()) {
    rules.push(readRule(soundOf(rule, 'allow', index), index, known, fault));
  }

  if (
    text.queue !== undefined &&
    callers.size === known.length &&
    ![...callers.values()].some((one) => one.callback)
  ) {
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

function parse(given: string | undefined): unknown {
  if (given === undefined || given.trim() === '') {
    throw new ConfigError([
      {
        path: [],
        message: 'is missing: set CANCEL_HOOK_CONFIG to JSON, or to the path of a JSON file',
      },
    ]);
  }
  let text = given.trim();
  if (!text.startsWith('{')) {
    try {
      text = readFileSync(text, 'utf8');
    } catch {
      throw new ConfigError([
        {
          path: [],
          message: 'is neither a JSON object nor the path of a readable file',
        },
      ]);
    }
  }
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    // The parser's own words quote the text, which may hold what someone took for a secret's place.
    const [place = ''] = /position \d+( \(line \d+ column \d+\))?/.exec(String(error)) ?? [];
    throw new ConfigError([{ path: [], message: `is not valid JSON ${place}`.trim() }]);
  }
}

function setupOf(
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
function referencesIn(
  value: unknown,
  at: readonly (string | number)[] = [],
): { at: readonly (string | number)[]; ref: string }[] {
  if (typeof value === 'string') return /^(env|file):./.test(value) ? [{ at, ref: value }] : [];
  if (Array.isArray(value)) return value.flatMap((one, index) => referencesIn(one, [...at, index]));
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, one]) => referencesIn(one, [...at, key]));
}

function readRule(
  rule: Partial<RuleText>,
  index: number,
  known: readonly string[],
  fault: (path: Fault['path'], message: string) => void,
): Rule {
  const at = ['allow', index];
  for (const [place, caller] of (rule.callers ?? []).entries()) {
    if (!known.includes(caller))
      fault([...at, 'callers', place], 'names a caller that does not exist');
  }
  const patterns = (key: 'operations' | 'targets', read: (text: string) => Pattern | string) =>
    (rule[key] ?? []).flatMap((text, place) => {
      const pattern = read(text);
      if (typeof pattern !== 'string') return [pattern];
      fault([...at, key, place], pattern);
      return [];
    });
  const operations = patterns('operations', parseOperationPattern);
  const targets = patterns('targets', parseTargetPattern);
  const { targets: given, operations: _, sweep = false, ...rest } = rule;
  return { ...rest, index, sweep, operations, ...(given ? { targets } : {}) };
}
