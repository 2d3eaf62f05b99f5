import { type Entry, look, type Moment, type NewRecord, timestamp } from './record.ts';
import { StatusError, type StatusName } from './status.ts';

export interface Defaults {
  duration: number;
  cancelDelay: number;
  whenDone: 'refuse' | 'accept';
  /** The answer to a cancel of what cannot be cancelled (`onCancel` `refuse`). */
  refusal: StatusName;
}

/** A kept resource, as a listing sees it. */
export interface Listed<View> {
  sequence: number;
  name: string;
  /** RFC 3339. */
  createTime: string;
  read: () => View;
}

/** The resources of one type, whose progress is worked out from the clock when somebody looks: no timers. */
export class Records<View> {
  readonly #now: () => number;
  readonly #defaults: Defaults;
  readonly #view: (moment: Moment) => View;
  readonly #entries = new Map<string, Entry>();
  #sequence = 0;

  constructor(now: () => number, defaults: Defaults, view: (moment: Moment) => View) {
    this.#now = now;
    this.#defaults = defaults;
    this.#view = view;
  }

  /** Returns a look at the resource that goes on working after its record is deleted. */
  add(given: NewRecord): () => View {
    const now = this.#now();
    const entry: Entry = {
      sequence: ++this.#sequence,
      given,
      createTime: given.createTime ?? now,
      startsAt: now + (given.queuedFor ?? 0),
      endsAt: now + (given.duration ?? this.#defaults.duration),
      onCancel: given.onCancel ?? 'cancel',
      cancelDelay: given.cancelDelay ?? this.#defaults.cancelDelay,
      whenDone: given.whenDone ?? this.#defaults.whenDone,
      cancelledAt: undefined,
    };
    // Deleted first: the map must stay in the order of `sequence`.
    this.#entries.delete(given.name);
    this.#entries.set(given.name, entry);
    return () => this.#view(look(entry, this.#now()));
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  get(name: string): View | undefined {
    const entry = this.#entries.get(name);
    return entry && this.#view(look(entry, this.#now()));
  }

  /** The same; NOT_FOUND where there is none. */
  existing(name: string): View {
    return this.get(name) ?? notFound(name);
  }

  /** Oldest record first; `sequence` never changes and is never used twice. */
  *all(): Generator<Listed<View>> {
    const now = this.#now();
    for (const entry of this.#entries.values()) {
      yield {
        sequence: entry.sequence,
        name: entry.given.name,
        createTime: timestamp(entry.createTime),
        read: () => this.#view(look(entry, now)),
      };
    }
  }

  cancel(name: string): void {
    const entry = this.#entries.get(name) ?? notFound(name);
    const now = this.#now();
    if (look(entry, now).done) {
      if (entry.whenDone === 'accept') return;
      throw new StatusError('FAILED_PRECONDITION', `Resource '${name}' is already done.`);
    }
    if (entry.onCancel === 'refuse') {
      throw new StatusError(this.#defaults.refusal, `'${name}' does not support cancellation.`);
    }
    entry.cancelledAt ??= now;
  }

  setOnCancel(name: string, onCancel: Entry['onCancel']): void {
    const entry = this.#entries.get(name) ?? notFound(name);
    entry.onCancel = onCancel;
  }

  /** Forgets the record; the work itself goes on (google.longrunning.Operations.DeleteOperation). */
  delete(name: string): void {
    if (!this.#entries.delete(name)) notFound(name);
  }
}

function notFound(name: string): never {
  throw new StatusError('NOT_FOUND', `Resource '${name}' was not found`);
}
