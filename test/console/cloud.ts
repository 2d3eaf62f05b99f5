/** The emulated Google Cloud as the page shows it, and the work that the page can start there. */

import type { Emulator, Operation } from '../emulator/index.ts';
import { PARENTS } from './callers.ts';
import { Refusal } from './guard.ts';

type State = 'running' | 'cancelling' | 'cancelled' | 'finished' | 'failed';

interface OperationView {
  readonly name: string;
  readonly verb: string;
  readonly target: string;
  readonly state: State;
  /** RFC 3339. */
  readonly createTime: string;
  readonly endTime?: string;
}

export interface CloudView {
  /** The newest first, at most {@link MOST_SHOWN} of `total`. */
  readonly operations: readonly OperationView[];
  readonly total: number;
  /** The names of the CA pools, which can be deleted. */
  readonly pools: readonly string[];
}

const MOST_SHOWN = 200;
/** What Google Cloud answers, for long enough to be read. */
export const DURATIONS = ['5s', '30s', '2m', '10m', '1h'] as const;
const POOL = /^projects\/[\w-]+\/locations\/[\w-]+\/caPools\/[\w-]{1,63}$/;
const TOKEN = { authorization: 'Bearer console', 'content-type': 'application/json' };

export class Cloud {
  readonly #emulator: Emulator;
  #pools: readonly string[] = [];
  #ended = -1;

  constructor(emulator: Emulator) {
    this.#emulator = emulator;
  }

  async look(): Promise<CloudView> {
    const all = this.#emulator.operations();
    const ended = all.filter(({ done }) => done).length;
    // Each request to the emulator is kept there: none without a reason.
    if (ended !== this.#ended) {
      this.#pools = await this.#readPools();
      this.#ended = ended;
    }
    const operations = all.slice(-MOST_SHOWN).reverse().map(view);
    return { operations, total: all.length, pools: this.#pools };
  }

  /**
   * @returns the new operation's name
   * @throws Refusal with what the emulated API answers
   */
  async start(wish: Readonly<Record<string, unknown>>): Promise<{ name: string }> {
    const [verb, parent, pool, target, duration] = [
      'verb',
      'parent',
      'pool',
      'target',
      'duration',
    ].map((key) => String(wish[key] ?? '')) as [string, string, string, string, string];
    if (!(DURATIONS as readonly string[]).includes(duration))
      throw new Refusal(400, 'No such duration.');
    const headers = { ...TOKEN, 'x-emulator-duration': duration };
    if (verb === 'create' && PARENTS.includes(parent)) {
      const path = `${parent}/caPools?caPoolId=${encodeURIComponent(pool)}`;
      return this.#ask(path, { method: 'POST', headers, body: '{"tier":"DEVOPS"}' });
    }
    if (verb === 'delete' && POOL.test(target)) {
      return this.#ask(target, { method: 'DELETE', headers });
    }
    throw new Refusal(400, 'Choose what to create or to delete.');
  }

  async #readPools(): Promise<string[]> {
    const lists = PARENTS.map((parent) =>
      this.#ask<{ caPools?: { name: string }[] }>(`${parent}/caPools`, { headers: TOKEN }),
    );
    return (await Promise.all(lists)).flatMap(({ caPools = [] }) =>
      caPools.map(({ name }) => name),
    );
  }

  async #ask<T>(path: string, init: RequestInit): Promise<T> {
    const response = await fetch(`${this.#emulator.url}/v1/${path}`, init);
    const body = (await response.json()) as T & { error?: { message: string } };
    if (!response.ok) throw new Refusal(response.status, body.error?.message ?? '');
    return body;
  }
}

function view({ name, metadata, done, error }: Operation): OperationView {
  const { verb, target, createTime, endTime, requestedCancellation } = metadata;
  const ended = endTime === undefined ? {} : { endTime };
  const running = requestedCancellation ? 'cancelling' : 'running';
  const state = done ? endOf(error) : running;
  return { name, verb, target, state, createTime, ...ended };
}

/** google.rpc.Code 1 is CANCELLED. */
function endOf(error: Operation['error']): State {
  if (!error) return 'finished';
  return error.code === 1 ? 'cancelled' : 'failed';
}
