/** Defines the commands that requests are parsed into, and their results, independent of any vendor's format. */

import type { Mode } from './caller.ts';
import type { StatusError } from './errors.ts';
import type { ParentName, ResourceName } from './resource-name.ts';
import type { Pattern } from './resource-pattern.ts';
import type { ResourceState } from './resources/resource-type.ts';

/** The most operations that one request proposes in mode `ask`: a message has no room for more buttons. */
export const MAX_PROPOSALS = 20;

/** Cancels one operation. */
export interface CancelCommand {
  readonly kind: 'cancel';
  readonly operation: ResourceName;
  /** When the wait for the outcome ends, in milliseconds since 1970; absent: no wait. */
  readonly waitDeadline?: number | undefined;
  readonly reason?: string;
  readonly validateOnly: boolean;
  /**
   * Whether the cancel is sent without a read before it, which a slow upstream would delay, and no
   * read goes on after `waitDeadline`.
   */
  readonly cancelFirst?: true;
}

/** Cancels each operation that an alert names. Names that are refused are among the results. */
export interface CancelManyCommand {
  readonly kind: 'cancel-many';
  readonly targets: readonly CancelTarget[];
  /** A text looks as if it held a name, and none could be read. */
  readonly unreadName: boolean;
  /** How many alerts the sender left out. */
  readonly truncatedAlerts: number;
  /** Wait for the outcomes until then, in milliseconds since 1970. */
  readonly waitDeadline?: number | undefined;
}

/** The alert that caused a request, as its sender names it. */
export interface Alert {
  readonly name: string;
  /** A fingerprint, an incident's id, a message's id. */
  readonly id?: string | undefined;
}

/** A program that sends requests for a model, as it calls itself. Nobody has verified that. */
export interface Agent {
  readonly name: string;
  readonly version?: string | undefined;
}

export type CancelTarget =
  | { readonly operation: ResourceName; readonly alert?: Alert | undefined }
  | { readonly name: string; readonly error: StatusError };

/** Cancels the operations under a parent that are older than `olderThan` milliseconds. */
export interface SweepCommand {
  readonly kind: 'sweep';
  readonly parent: ParentName;
  readonly olderThan: number;
  readonly verbs?: readonly string[];
  readonly targets?: readonly Pattern[];
  readonly limit?: number;
  readonly reason?: string;
  readonly validateOnly: boolean;
  /** Wait for the outcomes until then, in milliseconds since 1970. */
  readonly waitDeadline?: number | undefined;
  /** How many alerts the sender left out. */
  readonly truncatedAlerts?: number;
}

/** Reads one operation. */
export interface StatusCommand {
  readonly kind: 'status';
  readonly operation: ResourceName;
}

/** Lists the running operations that the requester may cancel. */
export interface ListCommand {
  readonly kind: 'list';
  readonly parent: ParentName;
}

/** Tells whether the requester may cancel a resource, and what its rules are. */
export interface ExplainCommand {
  readonly kind: 'explain';
  readonly operation: ResourceName;
}

/** Refuses an invalid request with an error in the format of the sender's protocol. */
interface RefuseCommand {
  readonly kind: 'refuse';
  readonly error: StatusError;
}

/** Does nothing: a test, a resolved alert, a welcome message. */
interface NoopCommand {
  readonly kind: 'noop';
  /** How many alerts the sender left out. */
  readonly truncatedAlerts?: number;
}

export type Command =
  | CancelCommand
  | CancelManyCommand
  | SweepCommand
  | StatusCommand
  | ListCommand
  | ExplainCommand
  | RefuseCommand
  | NoopCommand;

/** What is known about an operation after its command. Only `CANCELLED`, `COMPLETED`, `FAILED` and `ALREADY_DONE` say that it ended. */
export type Outcome =
  | 'CANCEL_REQUESTED'
  | 'CANCELLED'
  | 'COMPLETED'
  | 'FAILED'
  | 'PENDING'
  | 'ALREADY_DONE'
  | 'WOULD_CANCEL'
  | 'ASKED';

export interface CancelResult {
  readonly outcome: Outcome;
  /** What the resource says of itself; absent where it was not read. */
  readonly state?: ResourceState;
  /** Upstream's JSON text, unchanged. */
  readonly body: string;
  /** Upstream's response to the cancel of an operation that was done already, where that is an error. */
  readonly cancelError?: StatusError;
}

/** `ALREADY_QUEUED`: an earlier sweep created the task in Cloud Tasks. */
export type SweepOutcome = Outcome | 'QUEUED' | 'ALREADY_QUEUED';

/** The result of one of many operations. Only a sweep queues. */
export type OperationOutcome = { readonly outcome: SweepOutcome } | { readonly error: StatusError };

/** `state`: as it was read. `rule`: the one that decided. */
export type OperationResult = {
  readonly name: string;
  readonly state?: ResourceState | undefined;
  readonly rule?: string | undefined;
} & OperationOutcome;

/** A running operation, as far as a list shows it. */
export interface RunningOperation {
  readonly name: ResourceName;
  readonly createTime: string;
  readonly verb?: string | undefined;
  readonly target?: string | undefined;
}

export interface SweepResult {
  readonly parent: string;
  readonly matched: number;
  readonly denied: number;
  readonly remaining: number;
  readonly operations: readonly (RunningOperation &
    OperationOutcome & { readonly rule?: string })[];
  readonly unreachable: readonly string[];
}

/** A rule that is for the requester. */
export interface OwnRule {
  readonly rule: string;
  readonly operations: readonly string[];
  readonly verbs?: readonly string[];
  readonly targets?: readonly string[];
}

interface Explanation {
  /** What a cancel comes to. */
  readonly mode: Mode;
  /** The rule that allows it; absent: none does. */
  readonly rule?: string;
  /** NOT_ALLOWED, where no rule allows it. */
  readonly denial?: StatusError;
  readonly rules: readonly OwnRule[];
  /** How many others are for the requester. */
  readonly moreRules: number;
}

export type CommandResult =
  | ({ readonly kind: 'cancel' } & CancelResult)
  | { readonly kind: 'cancel-many'; readonly items: readonly OperationResult[] }
  | { readonly kind: 'sweep'; readonly report: SweepResult }
  | { readonly kind: 'status'; readonly state: ResourceState }
  | { readonly kind: 'list'; readonly found: readonly RunningOperation[]; readonly more: number }
  | ({ readonly kind: 'explain' } & Explanation)
  | { readonly kind: 'noop' }
  /** The response is due before there is a result. The result goes to `onLateResult`. */
  | { readonly kind: 'deadline-exceeded' };
