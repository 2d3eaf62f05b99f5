/** What can be asked of the hook, and what it can answer, in nobody's words yet. */

import type { StatusError } from './errors.ts';
import type { LocationName, Operation, OperationName, Pattern } from './resource-name.ts';

/** Cancel one operation. */
export interface CancelAsk {
  readonly kind: 'cancel';
  readonly operation: OperationName;
  /** Wait for the outcome until then, in milliseconds since 1970. */
  readonly waitUntil?: number;
  readonly reason?: string;
  readonly validateOnly: boolean;
}

/** Cancel each operation that an alert names; what it names wrongly is carried along. */
export interface AlertAsk {
  readonly kind: 'alert';
  readonly items: readonly AlertItem[];
}

export type AlertItem =
  | { readonly operation: OperationName }
  | { readonly name: string; readonly error: StatusError };

/** Cancel what is old under a parent. Times are milliseconds. */
export interface SweepAsk {
  readonly kind: 'sweep';
  readonly parent: LocationName;
  readonly olderThan: number;
  readonly verbs?: readonly string[];
  readonly targets?: readonly Pattern[];
  readonly limit?: number;
  readonly reason?: string;
  readonly validateOnly: boolean;
}

/** Tell what is known about one operation. */
export interface StatusAsk {
  readonly kind: 'status';
  readonly operation: OperationName;
}

/** Tell which running operations the asker may cancel. */
export interface ListAsk {
  readonly kind: 'list';
  readonly parent: LocationName;
}

/** Acknowledge, and do nothing: a test, a resolved alert, a greeting. */
interface NothingAsk {
  readonly kind: 'nothing';
}

export type Ask = CancelAsk | AlertAsk | SweepAsk | StatusAsk | ListAsk | NothingAsk;

/** What is known about an operation after the hook dealt with it (contract, section 5). */
export type Outcome =
  | 'CANCEL_REQUESTED'
  | 'CANCELLED'
  | 'COMPLETED'
  | 'FAILED'
  | 'PENDING'
  | 'ALREADY_DONE'
  | 'WOULD_CANCEL';

export interface Answered {
  readonly outcome: Outcome;
  /** As far as it was read; empty where it was not. */
  readonly operation: Operation;
  /** Upstream's JSON text, as it came. */
  readonly body: string;
}

/** What came of one of many operations. */
export type ItemOutcome =
  /** `QUEUED`: of a sweep alone, handed to Cloud Tasks. */
  { readonly outcome: Outcome | 'QUEUED' } | { readonly error: StatusError };

export type ItemResult = { readonly name: string } & ItemOutcome;

/** A running operation, as a list tells of it. */
export interface Found {
  readonly name: OperationName;
  readonly createTime: string;
  readonly verb?: string | undefined;
  readonly target?: string | undefined;
}

export interface SweepReport {
  readonly parent: string;
  readonly matched: number;
  readonly denied: number;
  readonly left: number;
  readonly operations: readonly (Found & ItemOutcome)[];
  readonly unreachable: readonly string[];
}

export type Answer =
  | ({ readonly kind: 'cancel' } & Answered)
  | { readonly kind: 'alert'; readonly items: readonly ItemResult[] }
  | { readonly kind: 'sweep'; readonly report: SweepReport }
  | { readonly kind: 'status'; readonly operation: Operation }
  | { readonly kind: 'list'; readonly found: readonly Found[]; readonly more: number }
  | { readonly kind: 'nothing' }
  /** The time for an answer is over before there is one; `late` will tell. */
  | { readonly kind: 'unfinished' };
