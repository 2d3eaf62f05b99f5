/** One request's file, carried from desk to desk: who asks, by what rules, with what time. */

import type { Caller, Principal } from '../caller.ts';
import { StatusError } from '../errors.ts';
import type { Call } from '../google/api-client.ts';
import type { Entry } from '../log.ts';
import { denialOf } from '../policy/denial.ts';
import type { Asked } from '../policy/explain.ts';
import { decide, type Permit, type Policy } from '../policy/policy.ts';
import { factsOf, type Question } from '../policy/rule.ts';
import type { OperationName } from '../resource-name.ts';
import type { Doors, Reading } from './cancel.ts';

export interface HookLimits {
  /** For one cancel with its retries, in milliseconds. */
  readonly upstreamTime: number;
  /** For a whole sweep, or all operations of an alert, in milliseconds. */
  readonly sweepTime: number;
  /** Most cancels of one sweep. */
  readonly sweepMax: number;
  readonly concurrentCancels: number;
}

export interface Case {
  readonly principal: Principal;
  readonly policy: Policy;
  readonly doors: Doors;
  readonly limits: HookLimits;
  /** Where Cloud Tasks can send the caller's requests. */
  readonly callback: Caller['callback'];
  /** What the log will tell. */
  readonly entry: Entry;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** @param until milliseconds since 1970, where it comes before `upstreamSeconds` are over */
export function callOf(
  { principal, doors, limits, entry }: Case,
  reason?: string,
  until: number = Number.POSITIVE_INFINITY,
): Call {
  return {
    deadline: Math.min(doors.clock.now() + limits.upstreamTime, until),
    reason: requestReason(principal, reason),
    trail: entry,
  };
}

/** Names the person behind the service account in Cloud Audit Logs. */
function requestReason({ caller, identities }: Principal, reason: string | undefined): string {
  const text = `cancel-hook caller=${caller} principal=${identities[0] ?? 'none'}`;
  // A header takes printable ASCII; the rest travels percent-encoded (RFC 3986, 2.1).
  return `${text}${reason === undefined ? '' : ` reason=${reason}`}`
    .toWellFormed()
    .replace(/[^\x20-\x7e]/gu, encodeURIComponent);
}

/**
 * Leave to cancel a named operation; where a rule asks for its verb or target, it is read first.
 *
 * @throws StatusError NOT_ALLOWED, or what the reading ended with
 */
export async function permitted(
  operation: OperationName,
  call: Call,
  file: Case,
): Promise<{ permit: Permit; reading: Reading }> {
  const { policy, doors } = file;
  const { caller, identities } = file.principal;
  const question: Question = { caller, identities, operation, sweep: false };
  let decision = decide(policy, question);
  let reading: Reading;
  if (decision.kind === 'unread') {
    reading = await doors.upstream.get(operation, call);
    decision = decide(policy, { ...question, facts: factsOf(reading.value) });
  }
  if (decision.kind === 'allowed') return { permit: decision.permit, reading };
  const facts = reading && { facts: factsOf(reading.value) };
  throw denied(
    `cancel ${operation}`,
    { operation },
    { name: operation, sweep: false, ...facts },
    file,
  );
}

/**
 * NOT_ALLOWED, with a word to the caller on what concerns itself, and to the log on the nearest rule.
 *
 * @param what was asked for, after "No rule allows … to"
 */
export function denied(
  what: string,
  metadata: Readonly<Record<string, string>>,
  asked: Omit<Asked, 'caller' | 'identities'>,
  { principal: { caller, identities }, policy, entry }: Case,
): StatusError {
  const { hint, nearest } = denialOf(policy, { caller, identities, ...asked });
  entry.denied ??= nearest;
  return StatusError.of(
    'NOT_ALLOWED',
    `No rule allows ${JSON.stringify(caller)} to ${what}. ${hint}`,
    {
      metadata: { ...metadata, caller },
    },
  );
}
