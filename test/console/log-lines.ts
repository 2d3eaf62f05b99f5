/** The function's log, read as it is written: each line finds the request that it tells of. */

import { createInterface, type Interface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { LogLine } from '../support/function.ts';

const TRACE = 'logging.googleapis.com/trace';

export class LogLines {
  readonly #expected = new Map<string, (line: LogLine) => void>();
  readonly #reader: Interface;

  /** @param stdout the function's */
  constructor(stdout: Readable) {
    this.#reader = createInterface({ input: stdout });
    this.#reader.on('line', (text) => this.#read(text));
  }

  /** @param trace the trace id that the request is sent with */
  expect(trace: string): Promise<LogLine> {
    const { promise, resolve } = Promise.withResolvers<LogLine>();
    this.#expected.set(trace, resolve);
    return promise;
  }

  forget(trace: string): void {
    this.#expected.delete(trace);
  }

  close(): void {
    this.#reader.close();
  }

  #read(text: string): void {
    if (!text.startsWith('{')) return;
    const line: LogLine = JSON.parse(text);
    const trace = String(line[TRACE] ?? '').replace(/^.*\//, '');
    this.#expected.get(trace)?.(line);
    this.#expected.delete(trace);
  }
}
