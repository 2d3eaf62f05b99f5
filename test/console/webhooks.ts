/** Webhooks that the page fires: proved here, sent to the function, and kept with what came of them. */

import { randomBytes } from 'node:crypto';
import type { House } from '../demo/app.ts';
import type { LogLine } from '../support/function.ts';
import { type Caller, callersOf, type Fields } from './callers.ts';
import { deciding } from './deciding.ts';
import { type Fired, shortened } from './fired.ts';
import { Refusal } from './guard.ts';
import { LogLines } from './log-lines.ts';
import { prove, shown } from './proving.ts';

const MOST_KEPT = 100;
/** The longest that the hook may take: a `wait` of 55 s, and what comes after. */
const ANSWER_MS = 70_000;
/** A line comes when all is known: Slack's late word may take as long as its `response_url` is good. */
const LINE_MS = 60_000;

export class Webhooks {
  readonly callers: ReadonlyMap<string, Caller>;
  /** The newest last. */
  readonly fired: Fired[] = [];
  readonly #app: House;
  readonly #lines: LogLines;
  readonly #tell: (fired: Fired) => void;
  readonly #closing = new AbortController();
  #count = 0;

  constructor(app: House, tell: (fired: Fired) => void) {
    const { stdout } = app.hook.process;
    if (!stdout) throw new Error('the function writes no log that could be read');
    this.callers = callersOf(app);
    this.#app = app;
    this.#lines = new LogLines(stdout);
    this.#tell = tell;
  }

  /** @throws Refusal 400 where the form names a caller or a command that does not exist */
  compose({ caller: route, command, ...fields }: Readonly<Record<string, unknown>>): {
    what: string;
    body: string;
  } {
    const found = this.#caller(route).commands[Number(command)];
    if (!found) throw new Refusal(400, 'No such command.');
    const text = (key: keyof Fields) => String(fields[key] ?? '');
    const given: Fields = {
      operation: text('operation'),
      reason: text('reason'),
      wait: text('wait'),
      validateOnly: fields.validateOnly === true,
      parent: text('parent'),
      olderThan: text('olderThan'),
    };
    return { what: found.label, body: found.body(given, this.#app.world()) };
  }

  /** Sends it; what comes of it is told. @throws Refusal 400 */
  fire(wish: Readonly<Record<string, unknown>>): { id: number } {
    const caller = this.#caller(wish.caller);
    const { what, body } =
      typeof wish.body === 'string' ? { what: 'raw body', body: wish.body } : this.compose(wish);
    const proved = prove(String(wish.proof ?? ''), caller.sender, this.#app.world(), body);
    if (!proved) throw new Refusal(400, 'No such proof.');
    const [trace, span] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
    const headers = { ...proved.headers, traceparent: `00-${trace}-${span}-01` };
    const sent = { ...proved, headers };
    const visible = shown(sent, caller.sender);
    const fired: Fired = {
      id: ++this.#count,
      at: Date.now(),
      caller: caller.route,
      type: caller.type,
      what,
      sent: {
        method: visible.method,
        path: pathOf(caller.route, visible.query),
        headers: visible.headers,
        body: shortened(visible.body),
      },
    };
    this.fired.push(fired);
    if (this.fired.length > MOST_KEPT) this.fired.shift();
    this.#tell(fired);
    const line = this.#lines.expect(trace);
    void this.#send(fired, pathOf(caller.route, sent.query), sent)
      .then(() => this.#await(fired, line))
      .catch((error: Error) => this.#fail(fired, error))
      .finally(() => this.#lines.forget(trace));
    return { id: fired.id };
  }

  close(): void {
    this.#closing.abort();
    this.#lines.close();
  }

  #caller(route: unknown): Caller {
    const caller = this.callers.get(String(route));
    if (!caller) throw new Refusal(400, 'No such caller.');
    return caller;
  }

  async #send(
    fired: Fired,
    path: string,
    { method, headers, body }: { method: string; headers: Record<string, string>; body: string },
  ): Promise<void> {
    const started = performance.now();
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(ANSWER_MS)]);
    const url = `${this.#app.hook.url}${path}`;
    const response = await fetch(url, { method, headers, body, signal, redirect: 'manual' });
    fired.answer = {
      status: response.status,
      body: shortened(await response.text()),
      headers: Object.fromEntries(response.headers),
      milliseconds: Math.round(performance.now() - started),
    };
    this.#tell(fired);
  }

  async #await(fired: Fired, line: Promise<LogLine>): Promise<void> {
    const { promise: tooLate, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(new Error('No log line came.')), LINE_MS);
    timer.unref();
    fired.line = await Promise.race([line, tooLate]);
    clearTimeout(timer);
    fired.rule = deciding(fired.line, this.#app.config.allow);
    this.#tell(fired);
  }

  #fail(fired: Fired, error: Error): void {
    if (this.#closing.signal.aborted) return;
    fired.failure = error.message;
    this.#tell(fired);
  }
}

function pathOf(route: string, query: string | undefined): string {
  return query === undefined ? `/${route}` : `/${route}?${query}`;
}
