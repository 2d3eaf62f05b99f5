/** What a log line tells of a request; what a caller or upstream wrote as free text stays out. */

import type { Command, CommandResult } from './command.ts';
import type { StatusError } from './errors.ts';
import type { LogEntry } from './log.ts';
import { parseOperationName } from './resource-name.ts';

export function addCommandFields(entry: LogEntry, ask: Command): void {
  if (ask.kind === 'cancel' || ask.kind === 'status') entry.operation = ask.operation;
  if (ask.kind === 'sweep' || ask.kind === 'list') entry.parent = ask.parent;
  if ((ask.kind === 'cancel' || ask.kind === 'sweep') && ask.reason !== undefined) {
    entry.reason = ask.reason;
  }
}

export function addResultFields(entry: LogEntry, answer: CommandResult): void {
  if (answer.kind === 'cancel') entry.outcome = answer.outcome;
  else if (answer.kind === 'alert') addOperationFields(entry, answer.items);
  else if (answer.kind === 'sweep') {
    const { matched, denied, left, operations } = answer.report;
    entry.sweep = { matched, denied, left };
    addOperationFields(entry, operations);
  }
}

/** Cloud Logging drops a line of over 256 KiB; counts of all are in the message. */
const MAX_LOGGED_OPERATIONS = 100;

function addOperationFields(
  entry: LogEntry,
  items: readonly { name: string; outcome?: string; error?: StatusError }[],
): void {
  entry.operations = items.slice(0, MAX_LOGGED_OPERATIONS).map(({ name, outcome, error }) => ({
    // What was refused as a name is a caller's own text.
    name: parseOperationName(name) ?? '(invalid)',
    ...(error ? { error: errorName(error) } : { outcome }),
  }));
  const words = items.map(({ outcome, error }) => (error ? errorName(error) : (outcome ?? '')));
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  entry.message = [...counts].map(([word, count]) => `${word} ${count}`).join(', ');
  const worst = items
    .map(({ error }) => error)
    .filter((error) => error !== undefined)
    .toSorted((a, b) => rank(b) - rank(a))[0];
  if (worst) addErrorFields(entry, worst);
}

/** Notes an error as people are to find it. @returns the same error */
export function addErrorFields(entry: LogEntry, error: StatusError): StatusError {
  entry.error = errorName(error);
  if (error.unauthenticated !== undefined) entry.unauthenticated = error.unauthenticated;
  const severity = severityOf(error);
  if (severity !== 'INFO') entry.severity = severity;
  const cause = error.reason === 'INTERNAL' ? stackFrames(error.cause) : errorCode(error.cause);
  if (cause !== undefined) entry.cause = cause;
  return error;
}

function errorName({ reason, status }: StatusError): string {
  return reason === 'UPSTREAM' ? status || 'UPSTREAM' : reason;
}

const SEVERITIES = ['INFO', 'WARNING', 'ERROR'] as const;

function rank(error: StatusError): number {
  return SEVERITIES.indexOf(severityOf(error));
}

/** A denied request is a warning; what a person must look at is an error. */
function severityOf({ reason, code }: StatusError): (typeof SEVERITIES)[number] {
  if (reason === 'UNAUTHENTICATED' || reason === 'NOT_ALLOWED') return 'WARNING';
  // Upstream's 403: the hook's service account lacks a right, which only a person can give it.
  const lacksRights = reason === 'UPSTREAM' && code === 403;
  return code === 429 || code >= 500 || lacksRights ? 'ERROR' : 'INFO';
}

/** What a person looks up first, such as ECONNREFUSED or an HTTP status; no message, which may quote anything. */
function errorCode(cause: unknown): string | undefined {
  const { code, status, errors, cause: deeper } = (cause ?? {}) as Record<string, unknown>;
  const known = [code, status].find((one) => /^[A-Z0-9_]{2,40}$/.test(String(one)));
  if (known !== undefined) return String(known);
  const inner = Array.isArray(errors) ? errors[0] : deeper;
  if (inner) return errorCode(inner);
  return cause instanceof Error && /^\w{1,60}$/.test(cause.name) ? cause.name : undefined;
}

/** Where an unexpected error came from, without its message, which may quote anything. */
export function stackFrames(cause: unknown): string {
  if (!(cause instanceof Error)) return typeof cause;
  const { message, stack = '' } = cause;
  // A message of several lines stands before the frames, and may look like them.
  const after = stack.slice(stack.indexOf(message) + message.length);
  const frames = after.split('\n').filter((line) => FRAME.test(line));
  return [errorCode(cause), ...frames.slice(0, 5).map((line) => line.trim())]
    .filter(Boolean)
    .join(' ');
}

const FRAME = /^ {4}at (?:[\w.<>$# [\]]+ \()?[^\s()]+:\d+:\d+\)?$/;
