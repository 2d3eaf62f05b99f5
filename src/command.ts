/** What can be asked of the hook, and what it can answer, in nobody's words yet. */

import type { StatusError } from './errors.ts';
import type { Operation } from './operation.ts';
import type { LocationName, OperationName, Pattern } from './resource-name.ts';

/** Cancel one operation. */
export interface CancelCommand {
  readonly kind: 'cancel';
  readonly operation: OperationName;
  /** Wait for the outcome until then, in milliseconds since 1970. */
  readonly waitDeadline?: number;
  readonly reason?: string;
  readonly validateOnly: boolean;
  /** Whether the cancel is sent without a read before it, which a slow upstream would delay. */
  readonly cancelFirst?: true;
}

/** Cancel each operation that an alert names; what it names wrongly is carried along. */
export interface CancelManyCommand {
  readonly kind: 'cancel-many';
  readonly targets: readonly CancelTarget[];
  /** A text looks as if it held a name, and none could be read. */
  readonly unreadName: boolean;
  /** How many alerts the sender left out. */
  readonly truncatedAlerts: number;
}

export type CancelTarget =
  | { readonly operation: OperationName }
  | { readonly name: string; readonly error: StatusError };

/** Cancel what is old under a parent. Times are milliseconds. */
export interface SweepCommand {
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
export interface StatusCommand {
  readonly kind: 'status';
  readonly operation: OperationName;
}

/** Tell which running operations the asker may cancel. */
export interface ListCommand {
  readonly kind: 'list';
  readonly parent: LocationName;
}

/** Acknowledge, and do nothing: a test, a resolved alert, a greeting. */
interface NoopCommand {
  readonly kind: 'noop';
}

export type Command =
  | CancelCommand
  | CancelManyCommand
  | SweepCommand
  | StatusCommand
  | ListCommand
  | NoopCommand;

/** What is known about an operation after the hook dealt with it (contract, section 5). */
export type Outcome =
  | 'CANCEL_REQUESTED'
  | 'CANCELLED'
  | 'COMPLETED'
  | 'FAILED'
  | 'PENDING'
  | 'ALREADY_DONE'
  | 'WOULD_CANCEL';

export interface CancelResult {
  readonly outcome: Outcome;
  /** As far as it was read; empty where it was not. */
  readonly operation: Operation;
  /** Upstream's JSON text, as it came. */
  readonly body: string;
  /** What upstream answered to the cancel of an operation that was done already, where that is an error. */
  readonly cancelError?: StatusError;
}

/** What came of one of many operations. */
export type OperationOutcome =
  /** `QUEUED`: of a sweep alone, handed to Cloud Tasks. */
  { readonly outcome: Outcome | 'QUEUED' | 'ALREADY_QUEUED' } | { readonly error: StatusError };

export type OperationResult = { readonly name: string } & OperationOutcome;

/** A running operation, as a list tells of it. */
export interface RunningOperation {
  readonly name: OperationName;
  readonly createTime: string;
  readonly verb?: string | undefined;
  readonly target?: string | undefined;
}

export interface SweepResult {
  readonly parent: string;
  readonly matched: number;
  readonly denied: number;
  readonly remaining: number;
  readonly operations: readonly (RunningOperation & OperationOutcome)[];
  readonly unreachable: readonly string[];
}

export type CommandResult =
  | ({ readonly kind: 'cancel' } & CancelResult)
  | { readonly kind: 'cancel-many'; readonly items: readonly OperationResult[] }
  | { readonly kind: 'sweep'; readonly report: SweepResult }
  | { readonly kind: 'status'; readonly operation: Operation }
  | { readonly kind: 'list'; readonly found: readonly RunningOperation[]; readonly more: number }
  | { readonly kind: 'noop' }
  /** The time for an answer is over before there is one; `late` will tell. */
  | { readonly kind: 'deadline-exceeded' };
