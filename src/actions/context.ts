/** Defines what the actions of one request share: the principal, the rules, the deadlines, and the rate limit. */

import { type Caller, describeRate, type Mode, type Principal } from '../caller.ts';
import type { Clock } from '../clock.ts';
import type { Agent, Alert } from '../command.ts';
import { StatusError } from '../errors.ts';
import type { CallOptions } from '../google/api-client.ts';
import type { LogEntry } from '../log.ts';
import type { Policy } from '../policy/policy.ts';
import type { Dependencies } from './cancel.ts';

export interface Limits {
  /** For one cancel with its retries, in milliseconds. */
  readonly upstreamTime: number;
  /** For a whole sweep, or all operations of an alert, in milliseconds. */
  readonly sweepTime: number;
  /** The most cancels of one sweep. */
  readonly sweepMax: number;
  /** The most cancels of one sweep if a Cloud Tasks queue is configured. */
  readonly queuedMax: number;
  /** The most operations that are handled for one delivery of an alert. */
  readonly alertMax: number;
  readonly concurrentCancels: number;
}

export interface OperationContext {
  readonly principal: Principal;
  readonly policy: Policy;
  readonly deps: Dependencies;
  readonly limits: Limits;
  /** The URL to which Cloud Tasks can send the caller's requests. */
  readonly callback: Caller['callback'];
  readonly mode: Mode;
  /** What caused the request, where that is an alert. */
  readonly alert?: Alert | undefined;
  /** The program that sent the request, as it calls itself. */
  readonly agent?: Agent | undefined;
  /** What the log line will say. */
  readonly entry: LogEntry;
  /** Aborts when nobody waits for the response any more. */
  readonly signal: AbortSignal;
}

/** @param until milliseconds since 1970: the deadline where it is before the end of `upstreamSeconds` */
export function callOptions(
  { principal, deps, limits, entry, alert, agent }: OperationContext,
  reason?: string,
  until: number = Number.POSITIVE_INFINITY,
): CallOptions {
  return {
    deadline: Math.min(deps.clock.now() + limits.upstreamTime, until),
    reason: requestReason(principal, reason, alert, agent),
    stats: entry,
  };
}

/** Names the caller, the person, the alert, and the agent behind the service account in Cloud Audit Logs. */
function requestReason(
  { caller, identities }: Principal,
  reason: string | undefined,
  alert: Alert | undefined,
  agent: Agent | undefined,
): string {
  const fields = {
    caller,
    principal: identities[0] ?? 'none',
    ...(alert && { alert: truncate(alert.name, MAX_ALERT) }),
    ...(alert?.id && { alertId: truncate(alert.id, MAX_ALERT) }),
    ...(agent && { claimedAgent: formatAgent(agent) }),
    ...(reason && { reason }),
  };
  const text = Object.entries(fields).map(([name, value]) => `${name}=${encodeValue(value)}`);
  return ['cancel-hook', ...text].join(' ');
}

function formatAgent({ name, version }: Agent): string {
  return version === undefined ? name : `${name}/${version}`;
}

/** A header has little room, and an alert's name any length. */
const MAX_ALERT = 128;

function truncate(text: string, most: number): string {
  return text.length > most ? text.slice(0, most) : text;
}

/**
 * Returns the outcome of a cancel that the mode does not send.
 *
 * @param validateOnly whether the request itself asked for checks only
 */
export function dryRunOutcome(mode: Mode, validateOnly: boolean): 'ASKED' | 'WOULD_CANCEL' {
  return mode === 'ask' && !validateOnly ? 'ASKED' : 'WOULD_CANCEL';
}

/** Percent-encodes what could end a value or begin another field, and what no header can hold. */
function encodeValue(value: string): string {
  return value.toWellFormed().replace(/[^\x21-\x7e]|[%=]/gu, encodeURIComponent);
}

/** Limits how many cancels a caller may send per minute. Each instance of the function counts its own. */
export interface RateLimiter {
  /**
   * Counts one cancel that is about to be sent.
   *
   * @throws StatusError RATE_LIMITED, which is not counted, where the caller's limit is reached
   */
  count(caller: string): void;
}

const WINDOW_MS = 60_000;

/**
 * Creates an exact limit: no 60 seconds, whenever they begin, hold more cancels than the limit.
 *
 * @param callers `cancelsPerMinute` by route; a caller without it has no limit
 */
export function createRateLimiter(
  callers: ReadonlyMap<string, { readonly cancelsPerMinute?: number | undefined }>,
  clock: Clock,
): RateLimiter {
  /** When the latest cancels of each caller were counted: a ring, in which `next` is the oldest. */
  const counted = new Map<string, { readonly times: number[]; next: number }>();

  return {
    count(caller) {
      const limit = callers.get(caller)?.cancelsPerMinute;
      if (limit === undefined) return;
      const ring = counted.get(caller) ?? { times: [], next: 0 };
      counted.set(caller, ring);
      const now = clock.now();
      const oldest = ring.times[ring.next] ?? Number.NEGATIVE_INFINITY;
      const free = oldest + WINDOW_MS;
      // A time in the future is from before the clock was set back.
      if (now < free && now >= oldest)
        throw rateLimited(caller, limit, Math.ceil((free - now) / 1000));
      ring.times[ring.next] = now;
      ring.next = (ring.next + 1) % limit;
    },
  };
}

function rateLimited(caller: string, limit: number, seconds: number): StatusError {
  return StatusError.create(
    'RATE_LIMITED',
    `${JSON.stringify(caller)} may send at most ${describeRate(limit)} (cancelsPerMinute). Try again in ${seconds} s.`,
    {
      metadata: { caller, cancelsPerMinute: String(limit), scope: 'instance' },
      headers: { 'Retry-After': String(seconds) },
      sent: false,
    },
  );
}
