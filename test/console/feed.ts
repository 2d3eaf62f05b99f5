/** Server-Sent Events (https://html.spec.whatwg.org/multipage/server-sent-events.html). */

import type { ServerResponse } from 'node:http';
import { HEADERS, Refusal } from './guard.ts';

const MOST_LISTENERS = 16;
/** Characters that may wait for a listener; a browser that lost its connection comes again. */
const MOST_WAITING = 4_000_000;

export class Feed {
  readonly #listeners = new Set<ServerResponse>();

  get heard(): boolean {
    return this.#listeners.size > 0;
  }

  /** @throws Refusal 503 where too many listen */
  listen(response: ServerResponse): void {
    if (this.#listeners.size >= MOST_LISTENERS) throw new Refusal(503, 'Too many pages are open.');
    response.writeHead(200, { ...HEADERS, 'Content-Type': 'text/event-stream' });
    response.flushHeaders();
    this.#listeners.add(response);
    response.once('close', () => this.#listeners.delete(response));
  }

  /** To one listener, or to all. @param data anything that JSON can hold */
  tell(event: string, data: unknown, to: Iterable<ServerResponse> = this.#listeners): void {
    const text = `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
    for (const listener of to) {
      if (listener.writableLength > MOST_WAITING) listener.destroy();
      else listener.write(text);
    }
  }

  close(): void {
    for (const listener of this.#listeners) listener.destroy();
  }
}
