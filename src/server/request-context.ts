/** One request at the door, and the one line that is written about it. */

import type { ServerResponse } from 'node:http';
import type { Caller } from '../caller.ts';
import { formatLogEntry, type LogEntry, traceFields } from '../log.ts';

export interface Visit {
  readonly entry: LogEntry;
  /** Milliseconds on the hook's clock. */
  readonly startedAt: number;
  /** Known once the route is. */
  caller?: Caller;
  /** Ends with its answer. */
  served?: Promise<void>;
  /** Its line is written. */
  reported?: true;
}

/** What a route looks like. Anything else may be a slip that holds a secret, and is not logged. */
const LOGGED_PATH = /^\/[a-z0-9-]{0,63}$/;

/** @param project where traces are kept */
export function beginVisit(
  response: ServerResponse,
  path: string,
  startedAt: number,
  project: string | undefined,
): Visit {
  const { method, headers } = response.req;
  const entry: LogEntry = {
    httpRequest: {
      requestMethod: method,
      requestUrl: LOGGED_PATH.test(path) ? path : '(other)',
    },
    ...traceFields(String(headers.traceparent ?? ''), project),
  };
  return { entry, startedAt };
}

/** The one line, when all is known. */
export function lineOf({ entry, caller: kind }: Visit): string {
  const { caller, error, outcome } = entry;
  const refused = error !== undefined && error !== 'UNAUTHENTICATED';
  if (kind?.acknowledgesErrors && refused) entry.severity = 'ERROR';
  const summary = entry.message || [error ?? outcome, entry.operation].filter(Boolean).join(' ');
  entry.message = [caller, summary].filter(Boolean).join(' ') || 'GET /';
  return formatLogEntry(entry);
}
