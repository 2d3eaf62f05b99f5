import { StatusError } from './status.ts';
import type { Task } from './task.ts';

/** How tasks are sent out; the defaults are those of a new queue, but for fewer attempts at once. */
export interface QueueSettings {
  dispatchesPerSecond: number;
  concurrentDispatches: number;
  maxAttempts: number;
  /** Milliseconds; doubled with each further attempt, up to the highest. */
  minBackoff: number;
  maxBackoff: number;
  /** Returns where a task is sent in place of its URL, such as to a function on this machine. */
  target: (url: string) => string;
}

function queueSettings(): QueueSettings {
  return {
    dispatchesPerSecond: 500,
    concurrentDispatches: 10,
    maxAttempts: 100,
    minBackoff: 100,
    maxBackoff: 3_600_000,
    target: (url) => url,
  };
}

/** Sends a task's request to a URL. Resolves with `undefined` where no answer came. */
type Send = (task: Task, url: string) => Promise<Response | undefined>;

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Keeps all tasks that ever were, and sends the due ones, whichever queue they are in. */
export class TaskQueue {
  readonly settings = queueSettings();
  readonly #now: () => number;
  readonly #send: Send;
  readonly #tasks = new Map<string, Task>();
  readonly #due: Task[] = [];
  readonly #timers = new Set<NodeJS.Timeout>();
  #idle = Promise.withResolvers<void>();
  #open = 0;
  #running = 0;
  #nextDispatch = 0;
  #waiting = false;
  #closed = false;

  constructor(now: () => number, send: Send) {
    this.#now = now;
    this.#send = send;
  }

  get tasks(): Task[] {
    return [...this.#tasks.values()];
  }

  /** The name of a task stays taken when it is done: a second one is refused. */
  add(task: Task): void {
    const earlier = this.#tasks.get(task.name);
    if (earlier) {
      throw new StatusError(
        'ALREADY_EXISTS',
        earlier.state === 'done' || earlier.state === 'failed'
          ? 'The task cannot be created because a task with this name existed too recently.'
          : 'Requested entity already exists',
      );
    }
    this.#tasks.set(task.name, task);
    if (!LOOPBACK.has(new URL(this.settings.target(task.request.url)).hostname)) {
      task.state = 'undeliverable';
      return;
    }
    this.#open++;
    this.#later(task, task.scheduleTime - this.#now());
  }

  /** Resolves when no task is left to send. */
  async idle(): Promise<void> {
    if (this.#open > 0) await this.#idle.promise;
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#due.length = 0;
  }

  #later(task: Task, milliseconds: number): void {
    const due = () => {
      this.#due.push(task);
      this.#pump();
    };
    if (milliseconds > 0) this.#after(milliseconds, due);
    else due();
  }

  /** Sends what is due, one task per tick of the rate. */
  #pump(): void {
    const { concurrentDispatches, dispatchesPerSecond } = this.settings;
    while (!this.#waiting && this.#due.length > 0 && this.#running < concurrentDispatches) {
      const wait = this.#nextDispatch - performance.now();
      if (wait > 0) {
        this.#waiting = true;
        this.#after(wait, () => {
          this.#waiting = false;
          this.#pump();
        });
        return;
      }
      this.#nextDispatch = performance.now() + 1000 / dispatchesPerSecond;
      const task = this.#due.shift();
      if (task) void this.#dispatch(task);
    }
  }

  async #dispatch(task: Task): Promise<void> {
    const attempt: Task['attempts'][number] = { time: this.#now() };
    task.attempts.push(attempt);
    task.state = 'running';
    this.#running++;
    const response = await this.#send(task, this.settings.target(task.request.url));
    this.#running--;
    if (response) attempt.status = response.status;
    this.#settle(task, response);
    this.#pump();
  }

  #settle(task: Task, response: Response | undefined): void {
    const { maxAttempts, minBackoff, maxBackoff } = this.settings;
    if (!response?.ok && task.attempts.length < maxAttempts) {
      task.state = 'queued';
      const backoff = Math.min(maxBackoff, minBackoff * 2 ** (task.attempts.length - 1));
      const retryAfter = Number(response?.headers.get('retry-after') ?? 0) * 1000 || 0;
      this.#later(task, Math.max(backoff, retryAfter));
      return;
    }
    task.state = response?.ok ? 'done' : 'failed';
    if (--this.#open > 0) return;
    this.#idle.resolve();
    this.#idle = Promise.withResolvers();
  }

  #after(milliseconds: number, run: () => void): void {
    if (this.#closed) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, milliseconds);
    timer.unref();
    this.#timers.add(timer);
  }
}
