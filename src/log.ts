/**
 * Formats log entries: one line of JSON, in the fields that Cloud Logging knows:
 * https://cloud.google.com/logging/docs/structured-logging#special-payload-fields
 */

import type { UnauthenticatedReason } from './errors.ts';

type Severity = 'INFO' | 'WARNING' | 'ERROR' | 'CRITICAL';

/** What becomes known about one request while it is handled. `deploy/reference.md` describes each field. */
export interface LogEntry {
  severity?: Severity;
  message?: string;
  httpRequest?: {
    requestMethod?: string | undefined;
    requestUrl?: string;
    status?: number;
    latency?: string;
  };
  'logging.googleapis.com/trace'?: string;
  'logging.googleapis.com/spanId'?: string;
  caller?: string;
  principal?: string;
  alert?: { name: string; id?: string };
  /** What the program that sent the request calls itself. */
  agent?: { name: string; version?: string; verified: false };
  notified?: readonly { destination: string; error?: string }[];
  operation?: string;
  /** The parent of a sweep or a list. */
  parent?: string;
  outcome?: string;
  error?: string;
  operations?: readonly ({ name: string } & (
    | { outcome: string | undefined }
    | { error: string }
  ))[];
  sweep?: { matched: number; denied: number; remaining: number };
  unauthenticated?: UnauthenticatedReason;
  rule?: string;
  /** The closest rule, and what in it did not match; or the limit that was reached. */
  denied?: string;
  /** A text of the alert seems to hold a name but yields none. */
  unreadName?: true;
  truncatedAlerts?: number;
  reason?: string;
  upstream?: { status?: number; attempts: number; milliseconds: number };
  /** What a person needs to find a bug; never anything that a caller sent. */
  cause?: string;
}

export type WriteLine = (line: string) => void;

/** JSON does not escape these two line breaks, at which some log readers end a line. */
const LINE_SEPARATORS = /[\u2028\u2029]/g;

export function formatLogEntry(entry: LogEntry): string {
  const json = JSON.stringify({ severity: 'INFO', ...entry });
  return `${json.replace(LINE_SEPARATORS, (c) => `\\u${c.charCodeAt(0).toString(16)}`)}\n`;
}

/**
 * Returns the trace fields of a W3C `traceparent` header (https://www.w3.org/TR/trace-context/#traceparent-header);
 * none where it is missing or malformed.
 *
 * @param project the project that keeps the trace; without it the trace id stands alone
 */
export function traceFields(
  traceparent: string | undefined,
  project: string | undefined,
): Pick<LogEntry, 'logging.googleapis.com/trace' | 'logging.googleapis.com/spanId'> {
  const match = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(?:-|$)/.exec(
    traceparent ?? '',
  );
  const [, trace, span] = match ?? [];
  if (!trace || !span || /^0+$/.test(trace) || /^0+$/.test(span)) return {};
  return {
    'logging.googleapis.com/trace': project ? `projects/${project}/traces/${trace}` : trace,
    'logging.googleapis.com/spanId': span,
  };
}
