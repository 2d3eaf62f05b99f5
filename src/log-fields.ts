/** The fields of a log line about a request. Free text of callers and of upstream is not logged. */

import type { Agent, Alert, Command, CommandResult } from './command.ts';
import type { StatusError } from './errors.ts';
import type { LogEntry } from './log.ts';
import { parseResourceName } from './resource-name.ts';

export function addCommandFields(
  entry: LogEntry,
  command: Command,
  alert?: Alert,
  agent?: Agent,
): void {
  const { kind } = command;
  if (alert) addAlertField(entry, alert);
  if (agent) addAgentField(entry, agent);
  if (kind === 'cancel' || kind === 'status' || kind === 'explain')
    entry.operation = command.operation;
  if (kind === 'sweep' || kind === 'list') entry.parent = command.parent;
  if ((kind === 'cancel' || kind === 'sweep') && command.reason !== undefined) {
    entry.reason = command.reason;
  }
  if (kind === 'cancel-many' && command.unreadName) {
    entry.unreadName = true;
    entry.severity = 'WARNING';
  }
  if ('truncatedAlerts' in command && command.truncatedAlerts) {
    entry.truncatedAlerts = command.truncatedAlerts;
    entry.severity = 'WARNING';
  }
}

export function addAlertField(entry: LogEntry, { name, id }: Alert): void {
  entry.alert = { name: truncate(name), ...(id && { id: truncate(id) }) };
}

function addAgentField(entry: LogEntry, { name, version }: Agent): void {
  entry.agent = { name, ...(version !== undefined && { version }), verified: false };
}

export function addResultFields(entry: LogEntry, result: CommandResult): void {
  if (result.kind === 'cancel') entry.outcome = result.outcome;
  else if (result.kind === 'cancel-many') addOperationFields(entry, result.items);
  else if (result.kind === 'sweep') {
    const { matched, denied, remaining, operations } = result.report;
    entry.sweep = { matched, denied, remaining };
    addOperationFields(entry, operations);
    entry.message ??= `matched ${matched}, denied ${denied}`;
  }
  if (entry.unreadName) entry.message = 'a text seems to hold a name that cannot be read';
  if (entry.truncatedAlerts) {
    const hint = `the sender left out ${entry.truncatedAlerts} alerts (max_alerts)`;
    entry.message = [entry.message, hint].filter(Boolean).join(', ');
  }
}

/** An alert's name is text of its sender, of any length. */
const MAX_TEXT = 256;

/** Returns at most `max` characters of a text, the last one an ellipsis where it was longer. */
export function truncate(text: string, max: number = MAX_TEXT): string {
  return text.length > max ? `${text.slice(0, max - 1)}…` : text;
}

function addOperationFields(
  entry: LogEntry,
  items: readonly { name: string; outcome?: string; error?: StatusError }[],
): void {
  if (items.length === 0) return;
  entry.operations = items.map(({ name, outcome, error }) => ({
    // What was refused as a name is the caller's own text.
    name: parseResourceName(name) ?? '(invalid)',
    ...(error ? { error: errorName(error) } : { outcome }),
  }));
  const counts = new Map<string, number>();
  let worst: StatusError | undefined;
  for (const { outcome = '', error } of items) {
    const word = error ? errorName(error) : outcome;
    counts.set(word, (counts.get(word) ?? 0) + 1);
    if (error) addRateLimit(entry, error);
    if (error && (!worst || rank(error) > rank(worst))) worst = error;
  }
  entry.message = [...counts].map(([word, count]) => `${word} ${count}`).join(', ');
  if (worst) addErrorFields(entry, worst);
}

/** Cloud Logging drops a line of over 256 KiB. */
const MAX_OPERATIONS_PER_LINE = 100;

/** Splits an entry that has more results than fit into one line. The trace ties its lines together. */
export function splitLogEntry(entry: LogEntry): LogEntry[] {
  const { operations } = entry;
  if (!Array.isArray(operations) || operations.length <= MAX_OPERATIONS_PER_LINE) return [entry];
  const shared = Object.fromEntries(
    Object.entries(entry).filter(([key]) => /^(?:severity|caller|logging\.)/.test(key)),
  );
  return Array.from(
    { length: Math.ceil(operations.length / MAX_OPERATIONS_PER_LINE) },
    (_, line) => {
      const first = line * MAX_OPERATIONS_PER_LINE;
      const part = operations.slice(first, first + MAX_OPERATIONS_PER_LINE);
      if (line === 0) return { ...entry, operations: part };
      const range = `${first + 1} to ${first + part.length} of ${operations.length}`;
      return { ...shared, message: `${entry.caller} operations ${range}`, operations: part };
    },
  );
}

/**
 * Raises the severity of an error for a caller whose responses nobody reads. Anybody can make an
 * error of which the sender is not authenticated, so that is no reason to alarm a person.
 */
export function raiseSeverity(entry: LogEntry, authenticated: boolean): void {
  if (entry.error === undefined || entry.error === 'UNAUTHENTICATED') return;
  if (authenticated) entry.severity = 'ERROR';
  else entry.severity ??= 'WARNING';
}

/** @returns the same error */
export function addErrorFields(entry: LogEntry, error: StatusError): StatusError {
  entry.error = errorName(error);
  if (error.unauthenticated !== undefined) entry.unauthenticated = error.unauthenticated;
  addRateLimit(entry, error);
  const severity = severityOf(error);
  if (severity !== 'INFO') entry.severity = severity;
  const cause = error.reason === 'INTERNAL' ? stackFrames(error.cause) : errorCode(error.cause);
  if (cause !== undefined) entry.cause = cause;
  return error;
}

/** Each instance counts its own cancels, which a reader of the log must know. */
function addRateLimit(entry: LogEntry, { reason, metadata }: StatusError): void {
  if (reason !== 'RATE_LIMITED') return;
  entry.denied ??= `cancelsPerMinute ${metadata.cancelsPerMinute} of this instance`;
}

function errorName({ reason, status }: StatusError): string {
  return reason === 'UPSTREAM' ? status || 'UPSTREAM' : reason;
}

const SEVERITIES = ['INFO', 'WARNING', 'ERROR'] as const;

function rank(error: StatusError): number {
  return SEVERITIES.indexOf(severityOf(error));
}

const REFUSALS: readonly string[] = ['UNAUTHENTICATED', 'NOT_ALLOWED', 'RATE_LIMITED'];

/** A denied request is a WARNING. What a person must look at is an ERROR. */
function severityOf({ reason, code }: StatusError): (typeof SEVERITIES)[number] {
  if (REFUSALS.includes(reason)) return 'WARNING';
  // Upstream's 403: the service account lacks a permission that only a person can grant.
  const lacksPermission = reason === 'UPSTREAM' && code === 403;
  return code === 429 || code >= 500 || lacksPermission ? 'ERROR' : 'INFO';
}

/** A code such as ECONNREFUSED or an HTTP status; never a message, which may quote anything. */
function errorCode(cause: unknown): string | undefined {
  const { code, status, errors, cause: deeper } = (cause ?? {}) as Record<string, unknown>;
  const known = [code, status].find((one) => /^[A-Z0-9_]{2,40}$/.test(String(one)));
  if (known !== undefined) return String(known);
  const inner = Array.isArray(errors) ? errors[0] : deeper;
  if (inner) return errorCode(inner);
  return cause instanceof Error && /^\w{1,60}$/.test(cause.name) ? cause.name : undefined;
}

/** Tells where an unexpected error came from, without its message, which may quote anything. */
export function stackFrames(cause: unknown): string {
  if (!(cause instanceof Error)) return typeof cause;
  const { message, stack = '' } = cause;
  // A message of several lines stands before the frames and may look like them.
  const after = stack.slice(stack.indexOf(message) + message.length);
  const frames = after.split('\n').filter((line) => FRAME.test(line));
  return [errorCode(cause), ...frames.slice(0, 5).map((line) => line.trim())]
    .filter(Boolean)
    .join(' ');
}

const FRAME = /^ {4}at (?:[\w.<>$# [\]]+ \()?[^\s()]+:\d+:\d+\)?$/;
