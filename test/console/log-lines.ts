/** The function's log, read as it is written: each line finds the request that it tells of. */

import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { LogLine } from '../support/function.ts';

const TRACE = 'logging.googleapis.com/trace';

export class LogLines {
  readonly #expected = new Map<string, (line: LogLine) => void>();
  readonly #stdout: Readable;
  readonly #decoder = new StringDecoder();
  #rest = '';

  /** @param stdout the function's; others go on reading it, which a readline interface would end */
  constructor(stdout: Readable) {
    this.#stdout = stdout;
    stdout.on('data', this.#take);
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
    this.#stdout.off('data', this.#take);
  }

  readonly #take = (chunk: Buffer): void => {
    const lines = (this.#rest + this.#decoder.write(chunk)).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const text of lines) if (text.startsWith('{')) this.#read(text);
  };

  #read(text: string): void {
    const line: LogLine = JSON.parse(text);
    const trace = String(line[TRACE] ?? '').replace(/^.*\//, '');
    this.#expected.get(trace)?.(line);
    this.#expected.delete(trace);
  }
}
