/** The command line's entry: Node runs it from its sources. `cancel-hook.mjs` starts it. */

import { readFileSync, writeSync } from 'node:fs';
import { run } from './cli.ts';

const STDIN = 0;

process.exitCode = await run(process.argv.slice(2), {
  env: process.env,
  out: (text) => write(1, text),
  err: (text) => write(2, text),
  readFile: (path) => readFileSync(path === '-' ? STDIN : path, 'utf8'),
  readBytes: (path) => readFileSync(path === '-' ? STDIN : path),
  fetch,
});

/** At once and whole, also into a pipe; a reader that has gone away ends it quietly. */
function write(descriptor: 1 | 2, text: string): void {
  try {
    for (let left = Buffer.from(text); left.length > 0; ) {
      left = left.subarray(writeSync(descriptor, left));
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  }
}
