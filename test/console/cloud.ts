/** The emulated Google Cloud as the page shows it, and the work that the page can start there. */

import { parseDuration } from '../emulator/duration.ts';
import type { Emulator, Operation } from '../emulator/index.ts';
import type { RunningResource } from './allowlist.ts';
import { Refusal } from './guard.ts';
import type { LocalConfig } from './local-config.ts';
import { Resources, type StartedResource } from './resources.ts';
import { CONSOLE_TOKEN } from './upstream.ts';

type State = 'running' | 'cancelling' | 'cancelled' | 'finished' | 'failed';

interface OperationView {
  readonly name: string;
  readonly verb: string;
  readonly target: string;
  readonly state: State;
  /** RFC 3339. */
  readonly createTime: string;
  readonly done: boolean;
  /** The routes of the callers whose usual sender may cancel it. */
  readonly allowed: readonly string[];
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
export const DURATIONS = ['10m', '5s', '30s', '2m', '1h', '0s'] as const;
/** What a cancel does to an operation, in words; the emulator's names are the keys. */
export const ENDINGS = {
  cancel: 'stops',
  complete: 'finishes nevertheless',
  fail: 'fails',
  ignore: 'runs on',
  refuse: 'cannot be cancelled',
} as const;
const POOL = /^projects\/[\w-]+\/locations\/[\w-]+\/caPools\/[\w-]{1,63}$/;
const TOKEN = { authorization: CONSOLE_TOKEN, 'content-type': 'application/json' };

export class Cloud {
  readonly #emulator: Emulator;
  readonly #parents: () => readonly string[];
  readonly #allowed: (running: RunningResource) => readonly string[];
  readonly #resources: Resources;
  #pools: readonly string[] = [];
  #ended = -1;

  /**
   * @param parents where operations can be started
   * @param allowed returns who may cancel an operation or a resource of another type
   */
  constructor(
    emulator: Emulator,
    parents: () => readonly string[],
    allowed: (running: RunningResource) => readonly string[],
  ) {
    this.#emulator = emulator;
    this.#parents = parents;
    this.#allowed = allowed;
    this.#resources = new Resources(emulator);
  }

  async look(): Promise<CloudView> {
    const all = this.#emulator.operations();
    const ended = all.filter(({ done }) => done).length;
    // Each request to the emulator is kept there: none without a reason.
    if (ended !== this.#ended) {
      this.#pools = await this.#readPools();
      this.#ended = ended;
    }
    const resources = this.#resources.started();
    const operations = [
      ...resources.map((one) => ({ ...viewResource(one), metadata: {} })),
      ...all.slice(-MOST_SHOWN).map((one) => ({ ...view(one), metadata: one.metadata })),
    ]
      .reverse()
      .sort((one, other) => Date.parse(other.createTime) - Date.parse(one.createTime))
      .slice(0, MOST_SHOWN)
      .map(({ metadata, ...one }) => ({
        ...one,
        allowed: one.done ? [] : this.#allowed({ name: one.name, metadata }),
      }));
    return { operations, total: all.length + resources.length, pools: this.#pools };
  }

  /** All that runs: operations, and resources of other types. */
  running(): RunningResource[] {
    return [
      ...this.#emulator.operations().filter(({ done }) => !done),
      ...this.#resources
        .started()
        .filter(({ state }) => !state.ended)
        .map(({ name }) => ({ name, metadata: {} })),
    ];
  }

  /**
   * @param config says where resources of other types than operations can be started
   * @returns the name, and of a resource that is no operation: the routes of who may cancel it
   * @throws Refusal with what the emulated API answers
   */
  async start(
    wish: Readonly<Record<string, unknown>>,
    config: LocalConfig | undefined,
  ): Promise<{ name: string; allowed?: readonly string[] }> {
    const text = (key: string) => String(wish[key] ?? '');
    const [verb, parent, pool] = [text('verb'), text('parent'), text('pool')];
    const [target, duration, onCancel] = [text('target'), text('duration'), text('onCancel')];
    if (!(DURATIONS as readonly string[]).includes(duration))
      throw new Refusal(400, 'No such duration.');
    if (onCancel !== '' && !Object.hasOwn(ENDINGS, onCancel)) {
      throw new Refusal(400, 'No such effect of a cancel.');
    }
    if (text('type') !== '') {
      const name = this.#resources.start(config, parent, {
        duration: parseDuration(duration) ?? 0,
        ...(onCancel === '' ? {} : { onCancel: onCancel as keyof typeof ENDINGS }),
      });
      return { name, allowed: this.#allowed({ name, metadata: {} }) };
    }
    const headers = { ...TOKEN, 'x-emulator-duration': duration };
    const started = await this.#start(verb, parent, pool, target, headers);
    if (onCancel !== '') this.#emulator.setOnCancel(started.name, onCancel as keyof typeof ENDINGS);
    return started;
  }

  async #start(
    verb: string,
    parent: string,
    pool: string,
    target: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<{ name: string }> {
    if (verb === 'create' && this.#parents().includes(parent)) {
      const path = `${parent}/caPools?caPoolId=${encodeURIComponent(pool)}`;
      return this.#ask(path, { method: 'POST', headers, body: '{"tier":"DEVOPS"}' });
    }
    if (verb === 'delete' && POOL.test(target)) {
      return this.#ask(target, { method: 'DELETE', headers });
    }
    throw new Refusal(400, 'Choose what to create or to delete.');
  }

  async #readPools(): Promise<string[]> {
    const lists = this.#parents().map((parent) =>
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

function view({ name, metadata, done, error }: Operation): Omit<OperationView, 'allowed'> {
  const { verb, target, createTime, requestedCancellation } = metadata;
  const running = requestedCancellation ? 'cancelling' : 'running';
  const state = done ? endOf(error) : running;
  return { name, verb, target, state, createTime, done };
}

const ENDS = { CANCELLED: 'cancelled', COMPLETED: 'finished', FAILED: 'failed' } as const;

/** Such a resource has no verb and no target. */
function viewResource({ name, state, startTime }: StartedResource): Omit<OperationView, 'allowed'> {
  const { ended, cancelRequested, createTime = startTime } = state;
  const running = cancelRequested ? 'cancelling' : 'running';
  const done = ended !== undefined;
  return { name, verb: '', target: '', state: done ? ENDS[ended] : running, createTime, done };
}

/** google.rpc.Code 1 is CANCELLED. */
function endOf(error: Operation['error']): State {
  if (!error) return 'finished';
  return error.code === 1 ? 'cancelled' : 'failed';
}
