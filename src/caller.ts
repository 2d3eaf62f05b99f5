/**
 * What a caller is: who may knock at one route, what they may say there, and the language in which
 * they are answered.
 */

import type { IncomingHttpHeaders } from 'node:http';
import type { LocationName, OperationName } from './operation.ts';
import type { Setup } from './proofs/proof.ts';
import type { StatusError } from './status.ts';

/** A request as it came, body unread by anyone: no vendor's shape, no framework's. */
export interface Incoming {
  readonly method: string;
  /** The raw query string without its question mark; it may hold a secret, so it is never logged. */
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Milliseconds on the hook's clock (`Clock.now`). */
  readonly receivedAt: number;
  /** Aborts when the client has gone, or when the instance is told to stop. */
  readonly signal: AbortSignal;
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

declare const proven: unique symbol;

/** Someone whose proof was accepted. Only {@link principal}, behind a proof, makes one. */
export interface Principal {
  readonly caller: string;
  /** What a rule's `principals` may name; the first one names the person in logs. */
  readonly identities: readonly string[];
  readonly [proven]: true;
}

export function principal(caller: string, identities: readonly string[]): Principal {
  return { caller, identities } as Principal;
}

/** Cancel one operation. Times are milliseconds. */
export interface CancelAsk {
  readonly kind: 'cancel';
  readonly operation: OperationName;
  readonly wait?: number;
  readonly reason?: string;
  readonly validateOnly: boolean;
}

/** Cancel what is old under a parent. */
export interface SweepAsk {
  readonly kind: 'sweep';
  readonly parent: LocationName;
  readonly olderThan: number;
  readonly verbs?: readonly string[];
  readonly targets?: readonly string[];
  readonly limit?: number;
  readonly reason?: string;
  readonly validateOnly: boolean;
}

export type Ask = CancelAsk;

/** What is known about an operation after the hook dealt with it (contract, section 5). */
export type Outcome =
  | 'CANCEL_REQUESTED'
  | 'CANCELLED'
  | 'COMPLETED'
  | 'FAILED'
  | 'PENDING'
  | 'ALREADY_DONE'
  | 'WOULD_CANCEL';

export interface Answer {
  readonly outcome: Outcome;
  /** Upstream's JSON text, as it came. */
  readonly body: string;
}

/** One configured route. */
export interface Caller {
  readonly methods: readonly string[];
  /** Whether it takes a media type (lower case, without parameters; undefined where none is given). */
  takes(mediaType: string | undefined): boolean;
  /** @throws StatusError UNAUTHENTICATED, or KEYS_UNAVAILABLE where that cannot be known now */
  authenticate(incoming: Incoming): Promise<Principal>;
  /** @throws StatusError MALFORMED_BODY, INVALID_REQUEST */
  read(incoming: Incoming, principal: Principal): Ask;
  answer(answer: Answer): Reply;
  refuse(error: StatusError): Reply;
}

/** One kind of sender: its settings in the configuration, and what is made of them. */
export interface CallerType<Settings> {
  readonly type: string;
  /** The JSON Schema of `Settings`. */
  readonly settings: object;
  create(route: string, settings: Settings, setup: Setup): Caller;
}
