/**
 * Builds the configuration, once, at start. Every issue is found and reported at once; nothing starts
 * with a part of a configuration.
 */

import type { Caller, Mode } from '../caller.ts';
import { exampleNames, parseRule, type Rule } from '../policy/rule.ts';
import { ConfigError, type ConfigIssue, jsonPath } from '../validation/validator.ts';
import { isRecord } from '../validation/values.ts';
import { type ConfigDeps, createCallers, type ValidityFilter } from './callers.ts';
import { type ConfigInput, DEFAULT_LIMITS, type Limits, validateConfig } from './config-schema.ts';
import { type Endpoints, parseEndpoints } from './endpoints.ts';
import {
  createPositionFinder,
  parseConfigText,
  readConfigFile,
  readConfigText,
} from './read-config.ts';

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
  const filter = createValidityFilter(invalid);
  const { validEntries } = filter;
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
    googleKeys: deps.createKeySet(endpoints.googleCerts),
    chatKeys: deps.createKeySet(endpoints.chatCerts),
    endpoints,
    sweepMax: limits.sweepMax,
    queuedMax: queuedMax(limits.sweepMax, input.queue),
    // Known when requests arrive: the rules are read after the callers.
    examples: () => exampleNames(rules),
  };

  const { callers, mode } = createCallers(input, filter, shared, deps, addError);

  const routes = isRecord(input.callers) ? Object.keys(input.callers) : undefined;
  const rules = (Array.isArray(input.allow) ? input.allow : []).map((rule, index) =>
    parseRule(validEntries(rule, 'allow', index), index, routes, addError),
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
  if (input.queue !== undefined && callers.size === routes?.length && !calledBack) {
    addError(['queue'], "needs a json caller whose audience (google or iam) is the function's URL");
  }

  if (issues.length > 0) throw new ConfigError(issues);
  return {
    callers,
    rules,
    endpoints,
    mode,
    limits,
    ...(input.queue === undefined ? {} : { queue: input.queue }),
  };
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
