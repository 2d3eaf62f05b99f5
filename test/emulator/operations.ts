import { randomBytes } from 'node:crypto';
import { EMPTY, type Entry, look, type NewOperation, type Operation } from './operation.ts';
import { StatusError } from './status.ts';

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
    // Deleted first: the map must stay in the order of `sequence`.
    this.#entries.delete(operation.name);
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
