/** What the server knows about one request, and its log line. */

import type { IncomingMessage } from 'node:http';
import type { Caller } from '../caller.ts';
import type { StatusError } from '../errors.ts';
import { formatLogEntry, type LogEntry, traceFields } from '../log.ts';
import { raiseSeverity, splitLogEntry } from '../log-fields.ts';

export interface RequestContext {
  readonly request: IncomingMessage;
  readonly path: string;
  /** The query string without its question mark. It may hold a secret and is never logged. */
  readonly query: string;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  readonly entry: LogEntry;
  /** Aborts when the client has disconnected, or when the instance shuts down. */
  readonly abortController: AbortController;
  /** Known once the route is. */
  caller?: Caller | undefined;
  /** Whether the head of the request authenticated its sender. */
  authenticated: boolean;
  /** Set while the body is read: ends the reading with an error. */
  failBody?: (error: StatusError) => void;
  /** Why the body cannot be read any further: its bytes are not HTTP. */
  clientError?: StatusError;
  /** Whether the connection may serve another request after this one. */
  keepAlive: boolean;
  /** Whether the response has ended or its connection has closed. */
  closed: boolean;
  /** Whether the connection sent requests ahead: nothing more is read from it. */
  refused: boolean;
}

/** What the path of a route looks like. Another path may hold a secret by mistake and is not logged. */
const LOGGED_PATH = /^\/[a-z0-9-]{0,63}\/?$/;

/** @param project the project that keeps the traces */
export function createRequestContext(
  request: IncomingMessage,
  receivedAt: number,
  project: string | undefined,
): RequestContext {
  const { method, url = '', headers } = request;
  // A client may send the whole URL (RFC 9112, section 3.2.2).
  const [path = '', ...query] = url.replace(/^https?:\/\/[^/?#]*/i, '').split('?');
  return {
    request,
    path,
    query: query.join('?'),
    receivedAt,
    entry: {
      httpRequest: {
        requestMethod: method,
        requestUrl: LOGGED_PATH.test(path) ? path : '(other)',
      },
      ...traceFields(String(headers.traceparent ?? ''), project),
    },
    abortController: new AbortController(),
    authenticated: false,
    keepAlive: true,
    closed: false,
    refused: false,
  };
}

/** Formats the log line of a request, when everything about it is known; more where it has many results. */
export function formatRequestLog({
  entry,
  caller,
  authenticated,
}: Pick<RequestContext, 'entry' | 'caller' | 'authenticated'>): string {
  const { error, outcome } = entry;
  if (caller?.acknowledgesErrors) raiseSeverity(entry, authenticated);
  const summary = entry.message || [error ?? outcome, entry.operation].filter(Boolean).join(' ');
  entry.message =
    [entry.caller, summary].filter(Boolean).join(' ') || `${entry.httpRequest?.requestMethod} /`;
  return splitLogEntry(entry).map(formatLogEntry).join('');
}
