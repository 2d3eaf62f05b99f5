/** The function's log, read as it is written: each line finds the request that it tells of. */

import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { LogLine } from '../support/function.ts';

const SPAN = 'logging.googleapis.com/spanId';

/** Passes each line that has a span to `take`; returns a function that stops it. */
export function readLogLines(
  stdout: Readable,
  take: (span: string, line: LogLine) => void,
): () => void {
  const decoder = new StringDecoder();
  let rest = '';
  function onData(chunk: Buffer): void {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const text of lines) {
      if (!text.startsWith('{')) continue;
      const line: LogLine = JSON.parse(text);
      const span = line[SPAN];
      if (typeof span === 'string') take(span, line);
    }
  }
  stdout.on('data', onData);
  return () => stdout.off('data', onData);
}
