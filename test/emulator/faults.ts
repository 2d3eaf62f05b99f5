import type { RecordedRequest } from './requests.ts';

/**
 * What happens to one request instead of the usual answer. Times are real milliseconds, whatever
 * clock the emulator runs on.
 */
export interface Behaviour {
  /** Before anything else: so long, or until this settles. Alone: the usual answer, late. */
  delay?: number | Promise<unknown>;
  /** The request takes effect first (the cancel is accepted …), only its answer suffers. */
  effect?: boolean;
  /** An answer of one's own. Without `json` and `raw`, the body is the status's error form. */
  status?: number;
  headers?: Record<string, string>;
  json?: unknown;
  raw?: string | Uint8Array;
  /** A redirect to this URL: 307, or `status`. */
  redirect?: string;
  /** Status 200 (or `status`), media type JSON, and a body that breaks off in mid-object. */
  malformed?: true;
  /** A valid JSON body of at least so many bytes, of no announced length. */
  oversized?: number;
  /** An error whose message repeats all the request's headers, the Authorization too. */
  echo?: true;
  /** Never answers; `middle`: sends the head and half the body of the (scripted or usual) answer. */
  hang?: 'before' | 'middle';
  /** Destroys the connection: before any answer, or after its head and half its body. */
  reset?: 'before' | 'middle';
}

interface Route {
  /** `dataproc.googleapis.com`; default: any port. */
  service?: string;
  method?: string;
  /** As text: the whole path as received, without the query. */
  path?: string | RegExp;
}

export type Match = Route | ((request: RecordedRequest) => boolean);

/** A script at work. */
export interface Script {
  /** How many requests it has met. */
  readonly hits: number;
  /** Behaviours that have not had their turn; those of a repeating script never run out. */
  readonly left: number;
  remove(): void;
}

class Queue implements Script {
  hits = 0;
  readonly #matches: (request: RecordedRequest) => boolean;
  readonly #behaviours: Behaviour[];
  readonly #repeat: boolean;

  constructor(match: Match, behaviours: Behaviour[], repeat: boolean) {
    this.#matches = typeof match === 'function' ? match : (request) => fits(match, request);
    this.#behaviours = [...behaviours];
    this.#repeat = repeat;
  }

  get left(): number {
    return this.#behaviours.length;
  }

  take(request: RecordedRequest): Behaviour | undefined {
    if (this.left === 0 || !this.#matches(request)) return undefined;
    const behaviour = this.#behaviours.shift();
    if (behaviour && this.#repeat) this.#behaviours.push(behaviour);
    this.hits++;
    return behaviour;
  }

  remove(): void {
    this.#behaviours.length = 0;
  }
}

/** The scripts, of which the first that matches and has something left decides. */
export class Faults {
  readonly #queues = new Set<Queue>();

  script(match: Match, behaviours: Behaviour | Behaviour[], { repeat = false } = {}): Script {
    const queue = new Queue(match, [behaviours].flat(), repeat);
    this.#queues.add(queue);
    return queue;
  }

  next(request: RecordedRequest): Behaviour | undefined {
    for (const queue of this.#queues) {
      const behaviour = queue.take(request);
      if (queue.left === 0) this.#queues.delete(queue);
      if (behaviour) return behaviour;
    }
    return undefined;
  }

  clear(): void {
    this.#queues.clear();
  }
}

function fits({ service, method, path }: Route, request: RecordedRequest): boolean {
  if (service !== undefined && service !== request.service) return false;
  if (method !== undefined && method !== request.method) return false;
  if (path === undefined) return true;
  return typeof path === 'string' ? path === request.path : path.test(request.path);
}
