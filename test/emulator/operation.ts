import { RPC_CODE } from './status.ts';

interface Status {
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
type OnCancel = 'cancel' | 'complete' | 'fail' | 'ignore' | 'refuse';

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

/** A running or ended operation, as it is kept. Times in milliseconds since the epoch. */
export interface Entry extends Required<Omit<NewOperation, 'error' | 'duration'>> {
  sequence: number;
  error: Status | undefined;
  endsAt: number;
  cancelledAt: number | undefined;
}

/** The operation at a moment: what a client would read then. */
export function look(entry: Entry, now: number): Operation {
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
