/** What the actions of one request share: who asks, by which rules, in how much time. */

import type { Caller, Mode, Principal } from '../caller.ts';
import type { Agent, Alert } from '../command.ts';
import { StatusError } from '../errors.ts';
import type { CallOptions } from '../google/api-client.ts';
import type { LogEntry } from '../log.ts';
import { explainDenial } from '../policy/denial.ts';
import type { ExplainRequest } from '../policy/explain.ts';
import { decide, type Permit, type Policy } from '../policy/policy.ts';
import type { AuthorizationRequest } from '../policy/rule.ts';
import type { ResourceName } from '../resource-name.ts';
import { type Dependencies, type FetchedResource, fetchResource } from './cancel.ts';

export interface Limits {
  /** For one cancel with its retries, in milliseconds. */
  readonly upstreamTime: number;
  /** For a whole sweep, or all operations of an alert, in milliseconds. */
  readonly sweepTime: number;
  /** The most cancels of one sweep. */
  readonly sweepMax: number;
  /** The same where Cloud Tasks takes what one request has no time for. */
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
 * What a cancel comes to where the mode does not let it be sent.
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

/**
 * Authorizes the cancel of a named operation. Where a rule asks for its verb or target, the operation is
 * read first.
 *
 * @throws StatusError NOT_ALLOWED, or the error of the read
 */
export async function authorize(
  operation: ResourceName,
  call: CallOptions,
  ctx: OperationContext,
): Promise<{ permit: Permit; fetched: FetchedResource | undefined }> {
  const { policy, deps } = ctx;
  const { caller, identities } = ctx.principal;
  const question: AuthorizationRequest = { caller, identities, operation, sweep: false };
  let decision = decide(policy, question);
  let fetched: FetchedResource | undefined;
  if (decision.kind === 'needs-metadata') {
    fetched = await fetchResource(operation, call, deps);
    decision = decide(policy, { ...question, metadata: fetched.state });
  }
  if (decision.kind === 'allowed') return { permit: decision.permit, fetched };
  const metadata = fetched && { metadata: fetched.state };
  throw notAllowedError(
    `cancel ${operation}`,
    { operation },
    { name: operation, sweep: false, ...metadata },
    ctx,
  );
}

/**
 * Creates NOT_ALLOWED and notes the closest rule for the log. The error's metadata has the condition
 * that failed and a hint, which concern the caller alone.
 *
 * @param what was asked for, after "No rule allows … to"
 */
export function notAllowedError(
  what: string,
  metadata: Readonly<Record<string, string>>,
  asked: Omit<ExplainRequest, 'caller' | 'identities'>,
  { principal: { caller, identities }, policy, entry }: OperationContext,
): StatusError {
  const { condition, hint, detail } = explainDenial(policy, { caller, identities, ...asked });
  entry.denied ??= detail;
  return StatusError.create(
    'NOT_ALLOWED',
    `No rule allows ${JSON.stringify(caller)} to ${what}. ${hint}`,
    { metadata: { ...metadata, caller, condition, hint } },
  );
}
