/** One request's way, as lines one can read aloud. Knows no HTTP, no vendor. */

import type { Answer, Ask, Caller, CancelAsk, Incoming, Principal, Reply } from './caller.ts';
import type { Clock } from './clock.ts';
import type { Entry } from './log.ts';
import { cancel, type Doors, type Reading, read } from './operations.ts';
import { decide, type Permit, type Question, type Rule, ruleName } from './policy.ts';
import { StatusError } from './status.ts';
import type { Call } from './upstream.ts';

export interface HookOptions {
  readonly rules: readonly Rule[];
  readonly doors: Doors;
  readonly clock: Clock;
  /** For one cancel with its retries, in milliseconds. */
  readonly upstreamTime: number;
}

/** Answers always, in the caller's own tongue; what was learned on the way is left in the entry. */
export type Hook = (caller: Caller, incoming: Incoming, entry: Entry) => Promise<Reply>;

export function createHook({ rules, doors, clock, upstreamTime }: HookOptions): Hook {
  async function perform(ask: Ask, principal: Principal, entry: Entry): Promise<Answer> {
    entry.operation = ask.operation;
    if (ask.reason !== undefined) entry.reason = ask.reason;
    const call: Call = {
      deadline: clock.now() + upstreamTime,
      reason: requestReason(principal, ask),
      trail: entry,
    };
    const { permit, reading } = await permitted(ask, principal, call);
    entry.rule = ruleName(permit.rule);
    return cancel(permit, ask, reading, call, doors);
  }

  async function permitted(
    { operation }: CancelAsk,
    { caller, identities }: Principal,
    call: Call,
  ): Promise<{ permit: Permit; reading: Reading }> {
    const question: Question = { caller, identities, operation, sweep: false };
    let decision = decide(rules, question);
    let reading: Reading;
    if (decision.kind === 'unread') {
      reading = await read(operation, call, doors);
      decision = decide(rules, { ...question, facts: reading?.value.metadata ?? {} });
    }
    if (decision.kind === 'allowed') return { permit: decision.permit, reading };
    throw StatusError.of(
      'NOT_ALLOWED',
      `No rule allows ${JSON.stringify(caller)} to cancel ${operation}.`,
      { metadata: { operation, caller } },
    );
  }

  return async (caller, incoming, entry) => {
    try {
      const principal = await caller.authenticate(incoming);
      if (principal.identities[0] !== undefined) entry.principal = principal.identities[0];
      const ask = caller.read(incoming, principal);
      const answer = await perform(ask, principal, entry);
      entry.outcome = answer.outcome;
      return caller.answer(answer);
    } catch (thrown) {
      const error = StatusError.from(thrown);
      noteError(entry, error);
      return caller.refuse(error);
    }
  };
}

/** Names the person behind the service account in Cloud Audit Logs. */
function requestReason({ caller, identities }: Principal, { reason }: CancelAsk): string {
  const text = `cancel-hook caller=${caller} principal=${identities[0] ?? 'none'}`;
  // A header takes printable ASCII; the rest travels percent-encoded (RFC 3986, 2.1).
  return `${text}${reason === undefined ? '' : ` reason=${reason}`}`
    .toWellFormed()
    .replace(/[^\x20-\x7e]/gu, encodeURIComponent);
}

/** Notes an error as people are to find it; what a caller or upstream wrote stays out of the log. */
export function noteError(entry: Entry, error: StatusError): void {
  entry.error = error.reason === 'UPSTREAM' ? error.status || 'UPSTREAM' : error.reason;
  if (error.reason === 'UNAUTHENTICATED' || error.reason === 'NOT_ALLOWED') {
    entry.severity = 'WARNING';
  } else if (error.code === 429 || error.code >= 500 || isOwnRights(error)) {
    entry.severity = 'ERROR';
  }
  if (error.reason === 'INTERNAL') entry.cause = placeOf(error.cause);
}

/** Upstream's 403: the hook's service account lacks a right, which only a person can give it. */
function isOwnRights(error: StatusError): boolean {
  return error.reason === 'UPSTREAM' && error.code === 403;
}

/** Where an unexpected error came from, without its message, which may quote anything. */
function placeOf(cause: unknown): string {
  if (!(cause instanceof Error)) return typeof cause;
  const frames = (cause.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return [cause.name, ...frames.slice(0, 5).map((line) => line.trim())].join(' ');
}
