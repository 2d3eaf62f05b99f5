import { EMPTY, newOperationName, type Operation } from './operation.ts';
import type { Records } from './records.ts';
import { StatusError } from './status.ts';

export interface CaPool {
  name: string;
  tier: string;
  [field: string]: unknown;
}

interface Entry {
  sequence: number;
  pool: CaPool;
  creation: () => Operation;
  deletion: (() => Operation) | undefined;
}

const TYPE = 'type.googleapis.com/google.cloud.security.privateca.v1.CaPool';
/** CaPool.Tier, by its number in the proto: clients that ask for numeric enums send those. */
const TIERS = ['TIER_UNSPECIFIED', 'ENTERPRISE', 'DEVOPS'];

/** The CA pools, as far as starting and watching their operations needs them. */
export class CaPools {
  readonly #operations: Records<Operation>;
  readonly #now: () => number;
  readonly #entries = new Map<string, Entry>();
  #sequence = 0;

  constructor(operations: Records<Operation>, now: () => number) {
    this.#operations = operations;
    this.#now = now;
  }

  /** Starts the creation. `duration` in milliseconds; default: the emulator's. */
  create(
    parent: string,
    id: string | undefined,
    fields: Record<string, unknown>,
    duration?: number,
  ): Operation {
    const pool = {
      ...fields,
      name: `${parent}/caPools/${poolId(id)}`,
      tier: tier(fields.tier),
    };
    if (this.#occupied(pool.name)) {
      throw new StatusError('ALREADY_EXISTS', `Resource '${pool.name}' already exists`);
    }
    const creation = this.#start(parent, 'create', pool.name, { '@type': TYPE, ...pool }, duration);
    this.#entries.delete(pool.name);
    this.#entries.set(pool.name, {
      sequence: ++this.#sequence,
      pool,
      creation,
      deletion: undefined,
    });
    return creation();
  }

  delete(name: string, duration?: number): Operation {
    const entry = this.#existing(name);
    // AIP-151: a resource that takes one operation at a time answers ABORTED to the second.
    if (entry.deletion && !entry.deletion().done) {
      throw new StatusError('ABORTED', `Resource '${name}' has an operation in progress.`);
    }
    const parent = name.replace(/\/caPools\/[^/]*$/, '');
    entry.deletion = this.#start(parent, 'delete', name, EMPTY, duration);
    return entry.deletion();
  }

  get(name: string): CaPool {
    return this.#existing(name).pool;
  }

  /** Those that exist, in the order of their creation. */
  *all(): Generator<{ sequence: number; pool: CaPool }> {
    for (const entry of this.#entries.values()) if (exists(entry)) yield entry;
  }

  #start(
    parent: string,
    verb: string,
    target: string,
    response: Record<string, unknown>,
    duration: number | undefined,
  ): () => Operation {
    const name = newOperationName(parent, this.#now());
    const length = duration === undefined ? {} : { duration };
    return this.#operations.add({ name, verb, target, response, ...length });
  }

  #existing(name: string): Entry {
    const entry = this.#entries.get(name);
    if (!entry || !exists(entry)) {
      throw new StatusError('NOT_FOUND', `Resource '${name}' was not found`);
    }
    return entry;
  }

  #occupied(name: string): boolean {
    const entry = this.#entries.get(name);
    return entry !== undefined && (exists(entry) || !entry.creation().done);
  }
}

/** A pool is there once its creation has succeeded, and until its deletion has. */
function exists(entry: Entry): boolean {
  return entry.creation().response !== undefined && entry.deletion?.().response === undefined;
}

/** CreateCaPoolRequest.ca_pool_id: "must match the regular expression `[a-zA-Z0-9_-]{1,63}`". */
function poolId(id: string | undefined): string {
  if (id === undefined || !/^[a-zA-Z0-9_-]{1,63}$/.test(id)) {
    throw new StatusError(
      'INVALID_ARGUMENT',
      'ca_pool_id is required and must match the regular expression [a-zA-Z0-9_-]{1,63}.',
    );
  }
  return id;
}

function tier(given: unknown): string {
  const name = typeof given === 'number' ? TIERS[given] : given;
  if (name === undefined || name === null || name === 'TIER_UNSPECIFIED') {
    throw new StatusError('INVALID_ARGUMENT', 'ca_pool.tier is required.');
  }
  if (typeof name !== 'string' || !TIERS.includes(name)) {
    throw new StatusError(
      'INVALID_ARGUMENT',
      `Invalid value at 'ca_pool.tier' (type.googleapis.com/google.cloud.security.privateca.v1.CaPool.Tier), ${JSON.stringify(given)}`,
    );
  }
  return name;
}
