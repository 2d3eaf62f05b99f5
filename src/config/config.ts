/**
 * Builds the configuration, once, at start. Every issue is found and reported at once; nothing starts
 * with a part of a configuration.
 */

import type { Caller, CallerDefinition, Mode } from '../caller.ts';
import { callerTypes } from '../callers/index.ts';
import type { Rule } from '../policy/rule.ts';
import { ConfigError, type ConfigIssue, jsonPath } from '../validation/validator.ts';
import { isRecord } from '../validation/values.ts';
import { type ConfigInput, DEFAULT_LIMITS, type Limits, validateConfig } from './config-schema.ts';
import { type ConfigDeps, createCallerDeps, findSecretRefs, unsafeVariables } from './deps.ts';
import {
  createDestinations,
  parseModeVariable,
  resolveMode,
  resolveNotify,
} from './destinations.ts';
import { type Endpoints, parseEndpoints } from './endpoints.ts';
import {
  createPositionFinder,
  parseConfigText,
  readConfigFile,
  readConfigText,
} from './read-config.ts';
import { exampleNames, parseRule } from './rules.ts';

/** The memory that the bodies of all concurrent requests may take, in bytes. */
const MAX_BODY_MEMORY = 268_435_456;

const IMPOSSIBLE_PRINCIPAL = /^(user|group|serviceAccount|domain|principal|principalSet):|\*/;

export interface Config {
  readonly callers: ReadonlyMap<string, Caller>;
  readonly rules: readonly Rule[];
  /** That of the whole configuration; each caller has its own. */
  readonly mode: Mode;
  readonly endpoints: Endpoints;
  readonly limits: Limits;
  /** The full name of a Cloud Tasks queue. */
  readonly queue?: string;
}

/**
 * @param given the configuration's text, JSON or YAML, or a path to a file of it
 * @throws ConfigError, with the position of each issue where the text is a file's
 */
export function loadConfig(given: string | undefined, deps: ConfigDeps): Config {
  const { text, file } = readConfigText(given, readConfigFile);
  const { value, duplicates } = parseConfigText(text, deps.loadYaml);
  try {
    return buildConfig(value, deps, duplicates);
  } catch (error) {
    if (!(error instanceof ConfigError) || file === undefined) throw error;
    const findPosition = createPositionFinder(text, deps.loadYaml());
    throw new ConfigError(
      error.issues.map((issue) => ({ position: findPosition(issue.path), ...issue })),
    );
  }
}

/**
 * Checks all parts that the schema accepts, also where other parts are invalid.
 *
 * @param value the configuration, parsed
 * @param found the issues that parsing it has found
 * @throws ConfigError
 */
export function buildConfig(
  value: unknown,
  deps: ConfigDeps,
  found: readonly ConfigIssue[] = [],
): Config {
  const result = validateConfig(value);
  const invalid = result.ok ? [] : result.issues;
  const { isValid, validEntries } = createValidityFilter(invalid);
  const issues: ConfigIssue[] = [...found, ...invalid];
  const addError = (path: ConfigIssue['path'], message: string) => issues.push({ path, message });
  for (const reason of unsafeVariables(deps.env)) addError([], reason);

  const input = (isRecord(value) ? value : {}) as Partial<ConfigInput>;
  const endpoints = parseEndpoints(
    validEntries(input.endpoints, 'endpoints'),
    validEntries(input.endpoints?.services, 'endpoints', 'services'),
    addError,
  );
  const limits = { ...DEFAULT_LIMITS, ...validEntries(input.limits, 'limits') };
  const shared = {
    clock: deps.clock,
    post: deps.post,
    googleKeys: deps.keySource(endpoints.googleCerts),
    chatKeys: deps.keySource(endpoints.chatCerts),
    endpoints,
    sweepMax: limits.sweepMax,
    queuedMax: queuedMax(limits.sweepMax, input.queue),
    // Known when requests arrive: the rules are read after the callers.
    examples: () => exampleNames(rules),
  };

  const routes = Object.entries(isRecord(input.callers) ? input.callers : {});
  const interactive = routes.some(([, settings]) => settings?.type === 'slack');
  const destinations = createDestinations(
    validEntries(input.destinations, 'destinations') as NonNullable<ConfigInput['destinations']>,
    interactive,
    shared,
    deps,
    addError,
  );
  const knownDestinations = Object.keys(isRecord(input.destinations) ? input.destinations : {});
  const overall = input.mode === 'observe' ? 'observe' : 'enforce';
  const override = parseModeVariable(deps.env.CANCEL_HOOK_MODE, addError);

  const callers = new Map<string, Caller>();
  for (const [route, settings] of routes) {
    const callerDeps = createCallerDeps(['callers', route], shared, deps, addError);
    if (!isValid('callers', route)) {
      for (const { at, ref } of findSecretRefs(settings)) callerDeps.secret(at, ref);
      continue;
    }
    const definition = callerTypes.find(({ type }) => type === settings.type);
    if (!definition) continue;
    const { create, cancelsPerMinute: defaultRate } = definition as CallerDefinition<never>;
    const notify = resolveNotify(route, settings, destinations, knownDestinations, addError);
    const mode = resolveMode(route, settings, overall, override, notify, interactive, addError);
    const { cancelsPerMinute = defaultRate } = settings;
    const behaviour = create(route, settings as never, callerDeps);
    callers.set(route, { ...behaviour, mode, notify, cancelsPerMinute });
  }

  const known = isRecord(input.callers) ? routes.map(([route]) => route) : undefined;
  const rules = (Array.isArray(input.allow) ? input.allow : []).map((rule, index) =>
    parseRule(validEntries(rule, 'allow', index), index, known, addError),
  );

  for (const [index, { principals = [] }] of rules.entries()) {
    for (const [at, principal] of principals.entries()) {
      if (!IMPOSSIBLE_PRINCIPAL.test(principal)) continue;
      deps.warn({
        path: ['allow', index, 'principals', at],
        message: 'never matches: a principal has neither a prefix of IAM nor a wildcard',
      });
    }
  }

  if (limits.bodyBytes * limits.concurrentRequests > MAX_BODY_MEMORY) {
    addError(
      ['limits'],
      'must keep bodyBytes times concurrentRequests at 268435456 (256 MiB) or less',
    );
  }

  const calledBack = [...callers.values()].some((one) => one.callback);
  if (input.queue !== undefined && callers.size === routes.length && !calledBack) {
    addError(['queue'], "needs a json caller whose audience (google or iam) is the function's URL");
  }

  if (issues.length > 0) throw new ConfigError(issues);
  return {
    callers,
    rules,
    endpoints,
    mode: override ?? overall,
    limits,
    ...(input.queue === undefined ? {} : { queue: input.queue }),
  };
}

interface ValidityFilter {
  /** Whether neither the value at the path nor any part of it has an issue. */
  isValid(...path: ConfigIssue['path']): boolean;
  /** Returns the properties of an object that have no issue. */
  validEntries<T extends object>(part: T | undefined, ...path: ConfigIssue['path']): Partial<T>;
}

function createValidityFilter(issues: readonly ConfigIssue[]): ValidityFilter {
  const invalid = new Set(
    issues.flatMap(({ path }) => path.map((_, index) => jsonPath(path.slice(0, index + 1)))),
  );
  const isValid = (...path: ConfigIssue['path']) =>
    invalid.size === 0 || !invalid.has(jsonPath(path));
  return {
    isValid,
    validEntries<T extends object>(part: T | undefined, ...path: ConfigIssue['path']) {
      const entries = Object.entries(isRecord(part) ? part : {});
      return Object.fromEntries(entries.filter(([key]) => isValid(...path, key))) as Partial<T>;
    },
  };
}

/** With a queue, the most operations that one sweep handles. */
const MAX_QUEUED = 10_000;

export function queuedMax(sweepMax: number, queue: string | undefined): number {
  return queue === undefined ? sweepMax : Math.max(MAX_QUEUED, sweepMax);
}
