/** `google.rpc.Status`. */
export interface Status {
  code: number;
  message: string;
  details?: unknown[];
}

/**
 * What a cancel does to a resource:
 * `cancel` it ends soon after as cancelled; `complete` it finishes soon after, despite the cancel;
 * `fail` it ends soon after with another error; `ignore` the wish is recorded, and it runs on;
 * `refuse` the cancel is refused, as a server does that cannot cancel.
 */
type OnCancel = 'cancel' | 'complete' | 'fail' | 'ignore' | 'refuse';

export interface NewRecord {
  name: string;
  /** Milliseconds since the epoch, or the RFC 3339 text to show as it is. Default: now. */
  createTime?: number | string;
  /** Milliseconds from now that it waits before it runs; default 0. */
  queuedFor?: number;
  /** Milliseconds from now until it ends by itself; `Infinity` for never. */
  duration?: number;
  onCancel?: OnCancel;
  /** Milliseconds between an accepted cancel and the end. */
  cancelDelay?: number;
  /** What a cancel of a resource that has ended gets: 400 FAILED_PRECONDITION, or 200 and no effect. */
  whenDone?: 'refuse' | 'accept';
  /** The error it ends with by itself; absent: it succeeds. */
  error?: Status;
  /** Of an operation. */
  verb?: string;
  /** Of an operation. */
  target?: string;
  /** What an operation ends with by itself; default: an Empty. */
  response?: Record<string, unknown>;
  /** The fields of a job that its creator sets, in the form of the create method's body. */
  fields?: Record<string, unknown>;
}

export type Phase = 'queued' | 'running' | 'cancelling' | 'cancelled' | 'succeeded' | 'failed';

/** A resource at a moment, before it takes the form of its service. Times are RFC 3339 texts. */
export interface Moment {
  name: string;
  phase: Phase;
  done: boolean;
  createTime: string;
  startTime?: string;
  /** When the first cancel was accepted. */
  cancelTime?: string;
  endTime?: string;
  /** Of a resource that was cancelled or has failed. */
  error?: Status;
  /** What it was added with. */
  given: NewRecord;
}

/** A resource as it is kept. Times in milliseconds since the epoch. */
export interface Entry {
  sequence: number;
  given: NewRecord;
  createTime: number | string;
  startsAt: number;
  endsAt: number;
  onCancel: OnCancel;
  cancelDelay: number;
  whenDone: 'refuse' | 'accept';
  cancelledAt: number | undefined;
}

const CANCELLED: Status = { code: 1, message: 'The operation was cancelled.' };
const INTERNAL: Status = { code: 13, message: 'An internal error has occurred.' };

/** Works out from the clock what has become of a resource. */
export function look(entry: Entry, now: number): Moment {
  const { given, endsAt, startsAt, cancelledAt, onCancel } = entry;
  const cutShortAt =
    cancelledAt === undefined || onCancel === 'ignore' ? Infinity : cancelledAt + entry.cancelDelay;
  const end = Math.min(endsAt, cutShortAt);
  const done = now >= end;
  const started = now >= startsAt && startsAt <= end;
  const error = done ? errorOf(entry, cutShortAt <= endsAt) : undefined;
  return {
    name: given.name,
    phase: phaseOf(done, error, cancelledAt !== undefined, started),
    done,
    createTime: timestamp(entry.createTime),
    ...(started ? { startTime: startTimeOf(entry) } : {}),
    ...(cancelledAt === undefined ? {} : { cancelTime: timestamp(cancelledAt) }),
    ...(done ? { endTime: timestamp(end) } : {}),
    ...(error ? { error } : {}),
    given,
  };
}

function phaseOf(done: boolean, error: Status | undefined, asked: boolean, started: boolean) {
  if (done) {
    if (!error) return 'succeeded';
    return error.code === CANCELLED.code ? 'cancelled' : 'failed';
  }
  if (asked) return 'cancelling';
  return started ? 'running' : 'queued';
}

function errorOf({ onCancel, given }: Entry, cutShort: boolean): Status | undefined {
  if (cutShort && onCancel === 'cancel') return CANCELLED;
  if (cutShort && onCancel === 'fail') return INTERNAL;
  return given.error;
}

function startTimeOf({ createTime, startsAt, given }: Entry): string {
  return timestamp(given.queuedFor ? startsAt : createTime);
}

export function timestamp(time: number | string): string {
  return typeof time === 'string' ? time : new Date(time).toISOString();
}
