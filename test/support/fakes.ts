/** The handler without HTTP, on a clock of the test: many runs in no time. */

import type { Dependencies } from '../../src/actions/cancel.ts';
import {
  createRateLimiter,
  type Limits,
  type OperationContext,
  type RateLimiter,
} from '../../src/actions/context.ts';
import { createPrincipal, type Mode } from '../../src/caller.ts';
import type { Clock } from '../../src/clock.ts';
import type { Command } from '../../src/command.ts';
import { StatusError } from '../../src/errors.ts';
import type { CallOptions, ParsedResponse } from '../../src/google/api-client.ts';
import type { ResourceClient } from '../../src/google/resource-client.ts';
import { createPolicy } from '../../src/policy/policy.ts';
import { parseRule, type Rule, type RuleSettings } from '../../src/policy/rule.ts';
import { parseCommand } from '../../src/requests/parse-command.ts';

export const NOW = Date.UTC(2026, 9, 1);

export interface FakeClock extends Clock {
  /** How long each sleep was, in milliseconds. */
  readonly sleeps: number[];
}

/** Time passes only in sleeps, and at once. */
export function createFakeClock(random: () => number = () => 0.5): FakeClock {
  let now = NOW;
  const sleeps: number[] = [];
  return {
    sleeps,
    now: () => now,
    random,
    async sleep(milliseconds, signal) {
      if (signal?.aborted) return;
      sleeps.push(milliseconds);
      now += milliseconds;
    },
  };
}

export function createParsedResponse<T>(value: T): ParsedResponse<T> {
  return { value, text: JSON.stringify(value) };
}

/** `google.rpc.Operation`, as Certificate Authority Service returns it. */
export type Operation = {
  readonly name?: string;
  readonly done?: boolean;
  readonly error?: { readonly code?: number; readonly message?: string };
  readonly response?: unknown;
  readonly metadata?: {
    readonly createTime?: string;
    readonly verb?: string;
    readonly target?: string;
    readonly requestedCancellation?: boolean;
  };
};

/** Upstream's own error, as an answer with this status. */
export function createUpstreamError(code: number, status: string): StatusError {
  const error = { code, status, message: `Scripted ${status}.` };
  return StatusError.upstream(error, JSON.stringify({ error }));
}

/** An upstream with the methods that a test needs. Every other call throws. */
export function createFakeUpstream(given: Partial<ResourceClient>): ResourceClient {
  const never = (): never => {
    throw new Error('unexpected call to upstream');
  };
  return { get: never, cancel: never, list: never, ...given };
}

export type RuleInput = RuleSettings;

/** Parses rules as the configuration does; a rule without operations is for all of the default service. */
export function parseRules(given: readonly RuleInput[]): Rule[] {
  return given.map((rule, index) =>
    parseRule(
      { operations: ['projects/*/locations/*/operations/*'], ...rule },
      index,
      undefined,
      (path, message) => {
        throw new Error(`${path.join('.')} ${message}`);
      },
    ),
  );
}

export const LIMITS: Limits = {
  upstreamTime: 9_000,
  sweepTime: 50_000,
  sweepMax: 100,
  queuedMax: 10_000,
  alertMax: 100,
  concurrentCancels: 8,
};

/** No caller has a limit. */
export const NO_RATE_LIMIT: RateLimiter = createRateLimiter(new Map(), createFakeClock());

export function createContext(given: {
  deps: Partial<Dependencies> & Pick<Dependencies, 'upstream'>;
  rules?: readonly RuleInput[];
  limits?: Partial<Limits>;
  identities?: readonly string[];
  callback?: OperationContext['callback'];
  mode?: Mode;
  signal?: AbortSignal;
}): OperationContext {
  return {
    principal: createPrincipal('ops', given.identities ?? []),
    policy: createPolicy(parseRules(given.rules ?? [{ sweep: true }])),
    deps: { clock: createFakeClock(), rateLimiter: NO_RATE_LIMIT, ...given.deps },
    limits: { ...LIMITS, ...given.limits },
    callback: given.callback,
    mode: given.mode ?? 'enforce',
    entry: {},
    signal: given.signal ?? new AbortController().signal,
  };
}

/** Parses a body that is received now. */
export function createCommand<K extends Command['kind']>(
  kind: K,
  body: object,
): Extract<Command, { kind: K }> {
  const command = parseCommand(body, NOW, LIMITS.queuedMax);
  if (command.kind !== kind) throw new Error(`not a ${kind}`);
  return command as Extract<Command, { kind: K }>;
}

export const CALL: CallOptions = {
  deadline: NOW + LIMITS.upstreamTime,
  reason: 'a test',
  stats: {},
};
