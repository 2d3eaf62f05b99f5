/** What ended an operation, by the one evidence there is: the operation itself, read when it is done. */

import type { Outcome } from './command.ts';
import type { Operation } from './resource-name.ts';

/** https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto */
const CANCELLED = 1;

/** @param operation one that is done: it then has an `error` or a `response` (https://google.aip.dev/151) */
export function toOutcome({ error }: Operation): Outcome {
  if (!error) return 'COMPLETED';
  return error.code === CANCELLED ? 'CANCELLED' : 'FAILED';
}
