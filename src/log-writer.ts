/** How lines get out where very many come at one time, and where nobody reads them. */

import { formatLogEntry, type WriteLine } from './log.ts';

/** Characters that may wait for a reader. Node keeps what a pipe does not take, without any bound. */
const MOST_WAITING = 8_388_608;

/** Characters that are kept at most: one connection may bring more requests in one turn than any memory holds lines. */
const MOST_KEPT = 65_536;

export interface LogWriter {
  readonly write: WriteLine;
  /** Writes now what is still kept. */
  readonly flush: () => void;
}

/**
 * Lines are written at once, but those of one turn of the event loop after the first together: a write
 * costs as much as refusing a request does, and where many come in one turn there is no time to lose.
 * Where their reader stands still, lines are lost in the end, not the instance, and a line says so.
 *
 * @param waiting how much of what was written has not been taken yet, in characters
 */
export function createLogWriter(write: WriteLine, waiting: () => number): LogWriter {
  let kept: string | undefined;
  let lost = 0;

  function put(lines: string): void {
    if (waiting() > MOST_WAITING) {
      lost += lines.split('\n').length - 1;
      return;
    }
    if (lost > 0) {
      const message = `${lost} log lines were lost: nobody read them in time.`;
      lost = 0;
      write(formatLogEntry({ severity: 'ERROR', message }));
    }
    write(lines);
  }

  function empty(): void {
    const lines = kept;
    kept = '';
    if (lines) put(lines);
  }

  function flush(): void {
    empty();
    kept = undefined;
  }

  return {
    flush,
    write(line) {
      if (kept !== undefined) {
        kept += line;
        if (kept.length > MOST_KEPT) empty();
        return;
      }
      kept = '';
      setImmediate(flush);
      put(line);
    },
  };
}
