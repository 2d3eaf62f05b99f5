import { randomBytes } from 'node:crypto';
import { RPC_CODE, StatusError } from './status.ts';

export interface Status {
  code: number;
  message: string;
  details?: unknown[];
}

/** `google.longrunning.Operation` with Certificate Authority Service's `OperationMetadata`. */
export interface Operation {
  name: string;
  metadata: {
    '@type': string;
    createTime: string;
    endTime?: string;
    target: string;
    verb: string;
    requestedCancellation: boolean;
    apiVersion: 'v1';
  };
  done: boolean;
  error?: Status;
  response?: Record<string, unknown>;
}

/**
 * What a cancel does to an operation:
 * `cancel` it ends soon after with code 1; `complete` it finishes soon after, despite the cancel;
 * `fail` it ends soon after with another error; `ignore` the wish is recorded, and it runs on;
 * `refuse` 501 UNIMPLEMENTED, as a server does that cannot cancel.
 */
export type OnCancel = 'cancel' | 'complete' | 'fail' | 'ignore' | 'refuse';

export interface NewOperation {
  name: string;
  verb?: string;
  target?: string;
  /** Milliseconds since the epoch, or the RFC 3339 text to show as it is. Default: now. */
  createTime?: number | string;
  /** Milliseconds from now until it ends by itself; `Infinity` for never. */
  duration?: number;
  onCancel?: OnCancel;
  /** Milliseconds between an accepted cancel and the end. */
  cancelDelay?: number;
  /** How it ends by itself; `response` (default: an Empty) or `error`. */
  response?: Record<string, unknown>;
  error?: Status;
}

export const EMPTY = { '@type': 'type.googleapis.com/google.protobuf.Empty' };

interface Entry extends Required<Omit<NewOperation, 'error' | 'duration'>> {
  sequence: number;
  error: Status | undefined;
  endsAt: number;
  cancelledAt: number | undefined;
}

/** The operations, whose progress is worked out from the clock when somebody looks: no timers. */
export class Operations {
  readonly #now: () => number;
  readonly #defaults: { duration: number; cancelDelay: number };
  readonly #entries = new Map<string, Entry>();
  #sequence = 0;

  constructor(now: () => number, defaults: { duration: number; cancelDelay: number }) {
    this.#now = now;
    this.#defaults = defaults;
  }

  /** A name in the form of the real ones: `operation-<ms>-<hex>-<hex>-<hex>`. */
  newName(parent: string): string {
    const hex = randomBytes(15).toString('hex');
    const id = `${hex.slice(0, 13)}-${hex.slice(13, 21)}-${hex.slice(21, 29)}`;
    return `${parent}/operations/operation-${Math.floor(this.#now())}-${id}`;
  }

  /** Returns a look at the operation that goes on working after its record is deleted. */
  add(operation: NewOperation): () => Operation {
    const now = this.#now();
    const entry: Entry = {
      name: operation.name,
      sequence: ++this.#sequence,
      verb: operation.verb ?? 'create',
      target: operation.target ?? operation.name.replace(/\/operations\/[^/]*$/, '/caPools/pool'),
      createTime: operation.createTime ?? now,
      endsAt: now + (operation.duration ?? this.#defaults.duration),
      onCancel: operation.onCancel ?? 'cancel',
      cancelDelay: operation.cancelDelay ?? this.#defaults.cancelDelay,
      response: operation.response ?? EMPTY,
      error: operation.error,
      cancelledAt: undefined,
    };
    this.#entries.set(operation.name, entry);
    return () => look(entry, this.#now());
  }

  get(name: string): Operation | undefined {
    const entry = this.#entries.get(name);
    return entry && look(entry, this.#now());
  }

  /** Oldest record first; `sequence` never changes and is never used twice. */
  *all(): Generator<{ sequence: number; name: string; read: () => Operation }> {
    const now = this.#now();
    for (const entry of this.#entries.values()) {
      yield {
        sequence: entry.sequence,
        name: entry.name,
        read: () => look(entry, now),
      };
    }
  }

  cancel(name: string): void {
    const entry = this.#entries.get(name);
    if (!entry) throw notFound(name);
    const now = this.#now();
    if (look(entry, now).done) {
      throw new StatusError('FAILED_PRECONDITION', `Operation '${name}' is already done.`);
    }
    if (entry.onCancel === 'refuse') {
      throw new StatusError('UNIMPLEMENTED', `Operation '${name}' does not support cancellation.`);
    }
    entry.cancelledAt ??= now;
  }

  /** Forgets the record; the work itself goes on (google.longrunning.Operations.DeleteOperation). */
  delete(name: string): void {
    if (!this.#entries.delete(name)) throw notFound(name);
  }

  clear(): void {
    this.#entries.clear();
  }
}

function notFound(name: string): StatusError {
  return new StatusError('NOT_FOUND', `Resource '${name}' was not found`);
}

function look(entry: Entry, now: number): Operation {
  const { endsAt, cancelledAt } = entry;
  const cutShortAt =
    cancelledAt === undefined || entry.onCancel === 'ignore'
      ? Infinity
      : cancelledAt + entry.cancelDelay;
  const end = Math.min(endsAt, cutShortAt);
  const done = now >= end;
  const operation: Operation = {
    name: entry.name,
    metadata: {
      '@type': 'type.googleapis.com/google.cloud.security.privateca.v1.OperationMetadata',
      createTime: timestamp(entry.createTime),
      ...(done ? { endTime: timestamp(end) } : {}),
      target: entry.target,
      verb: entry.verb,
      requestedCancellation: cancelledAt !== undefined,
      apiVersion: 'v1',
    },
    done,
  };
  return done ? { ...operation, ...outcome(entry, cutShortAt <= endsAt) } : operation;
}

function outcome(entry: Entry, cutShort: boolean): Pick<Operation, 'error' | 'response'> {
  if (cutShort && entry.onCancel === 'cancel') {
    return {
      error: {
        code: RPC_CODE.CANCELLED,
        message: 'The operation was cancelled.',
      },
    };
  }
  if (cutShort && entry.onCancel === 'fail') {
    return {
      error: {
        code: RPC_CODE.INTERNAL,
        message: 'An internal error has occurred.',
      },
    };
  }
  return entry.error ? { error: entry.error } : { response: entry.response };
}

function timestamp(time: number | string): string {
  return typeof time === 'string' ? time : new Date(time).toISOString();
}
