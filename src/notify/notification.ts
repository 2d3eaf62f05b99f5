/** Renders the message about one delivery of an alert, a budget, or an agent, independent of any chat's markup. */

import { codeSpan, describeOperation, type TextLine, truncate } from '../chat/text.ts';
import { type Agent, type Alert, MAX_PROPOSALS } from '../command.ts';
import type { StatusError } from '../errors.ts';

/** One operation, what happened to it, and why. */
export interface NotifiedOperation {
  readonly name: string;
  /** An outcome word; absent where `error` says why there is none. */
  readonly outcome?: string | undefined;
  readonly error?: StatusError | undefined;
  readonly verb?: string | undefined;
  readonly target?: string | undefined;
  readonly createTime?: string | undefined;
  /** The rule that decided. */
  readonly rule?: string | undefined;
}

export interface Notification {
  /** The caller's route. */
  readonly caller: string;
  readonly alert?: Alert | undefined;
  readonly agent?: Agent | undefined;
  /** Why the sender wants it cancelled, in the sender's words. */
  readonly reason?: string | undefined;
  readonly operations: readonly NotifiedOperation[];
  /** How many further operations the delivery named. */
  readonly omitted?: number;
  /** Where the delivery ran a sweep. */
  readonly sweep?: {
    readonly parent: string;
    readonly matched: number;
    readonly denied: number;
    readonly remaining: number;
  };
  /** Why the whole delivery was refused. */
  readonly error?: StatusError | undefined;
  readonly trace?: string | undefined;
}

/** One operation's paragraph. */
export interface NotificationItem {
  readonly name: string;
  readonly title: string;
  readonly lines: readonly TextLine[];
  /** `cancel`: people decide. `status`: they can ask for more. */
  readonly button: 'cancel' | 'status' | undefined;
}

export interface NotificationText {
  /** One line of plain text, also for a phone's lock screen. */
  readonly title: string;
  readonly lines: readonly TextLine[];
  readonly items: readonly NotificationItem[];
  readonly footer: readonly TextLine[];
}

/** A message names these; more of them are counted. */
export const MAX_ITEMS = MAX_PROPOSALS;
const MAX_TITLE = 140;
const MAX_ALERT = 100;
const MAX_REASON = 256;

const TITLES: Readonly<Record<string, string>> = {
  ASKED: 'Cancel it?',
  CANCELLED: 'Cancelled',
  CANCEL_REQUESTED: 'Cancellation requested',
  COMPLETED: 'Too late, it finished',
  FAILED: 'It failed before the cancellation took effect',
  PENDING: 'Cancellation requested, it still runs',
  ALREADY_DONE: 'Nothing to cancel, it was done before',
  ALREADY_QUEUED: 'Already queued for cancellation',
  QUEUED: 'Queued for cancellation',
  WOULD_CANCEL: 'Observed only, not cancelled',
};

const REFUSALS = [
  'NOT_ALLOWED',
  'INVALID_REQUEST',
  'LIMIT_EXCEEDED',
  'RATE_LIMITED',
  'MALFORMED_BODY',
  'BODY_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
];

/**
 * @param now milliseconds since 1970
 * @param most operations that are shown; the others are counted
 */
export function renderNotification(
  notification: Notification,
  now: number,
  most: number = MAX_ITEMS,
): NotificationText {
  const {
    caller,
    alert,
    agent,
    reason,
    sweep,
    error,
    trace,
    operations,
    omitted = 0,
  } = notification;
  // What people decide on is shown, whatever else the message has no room for.
  const isAsked = ({ outcome }: NotifiedOperation) => outcome === 'ASKED';
  const ordered = [...operations.filter(isAsked), ...operations.filter((one) => !isAsked(one))];
  const shown = ordered.slice(0, most);
  const more = operations.length - shown.length + omitted;
  const from: TextLine = alert
    ? ['Alert: ', { code: truncate(alert.name, MAX_ALERT) }, ...idOf(alert), `, from ${caller}`]
    : [`From ${caller}`];
  return {
    title: truncate(titleOf(notification), MAX_TITLE),
    lines: [
      from,
      ...(agent ? [agentLine(agent)] : []),
      ...(reason ? [['Reason: ', { code: truncate(reason, MAX_REASON) }]] : []),
      ...(error ? [[codeSpan(error.message)]] : []),
      ...(sweep ? [sweepLine(sweep)] : []),
      ...(operations.length > 1 ? [[countOutcomes(operations)]] : []),
    ],
    items: shown.map((operation) => toItem(operation, now)),
    footer: [
      ...(more > 0 ? [[`And ${more} more: the log line of this request counts all of them.`]] : []),
      ...(shown.length > 0
        ? [['Ask for the status of an operation: ', { code: 'status NAME' }]]
        : []),
      ...(trace ? [['Trace: ', { code: trace }]] : []),
    ],
  };
}

/** Nobody has verified what a program calls itself. */
function agentLine({ name, version = '' }: Agent): TextLine {
  const claimed = { code: truncate(`${name} ${version}`.trim(), MAX_ALERT) };
  return ['Agent, as it calls itself: ', claimed];
}

function idOf({ id }: Alert): TextLine {
  return id ? [' (', { code: truncate(id, MAX_ALERT) }, ')'] : [];
}

function titleOf({ operations, sweep, error, omitted = 0 }: Notification): string {
  const [first] = operations;
  if (error) return `${outcomeTitle(undefined, error)}: the whole delivery`;
  if (first && operations.every(({ outcome }) => outcome === 'ASKED')) {
    return operations.length === 1
      ? `Cancel ${shortName(first.name)}?`
      : `Cancel these ${operations.length} operations?`;
  }
  if (sweep) return `Sweep: ${operations.length} operations, ${sweep.denied} denied`;
  if (!first) return 'No operation';
  return operations.length + omitted === 1
    ? `${outcomeTitle(first.outcome, first.error)}: ${shortName(first.name)}`
    : `${operations.length + omitted} operations: ${countOutcomes(operations)}`;
}

function sweepLine({
  parent,
  matched,
  denied,
  remaining,
}: NonNullable<Notification['sweep']>): TextLine {
  return [
    'Sweep of ',
    { code: parent },
    `: ${matched} matched, ${denied} denied, ${remaining} remaining`,
  ];
}

/** `CANCELLED 2, NOT_ALLOWED 1` */
function countOutcomes(operations: readonly NotifiedOperation[]): string {
  const counts = new Map<string, number>();
  for (const { outcome, error } of operations) {
    const word = outcomeWord(outcome, error);
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return [...counts].map(([word, count]) => `${word} ${count}`).join(', ');
}

function toItem(operation: NotifiedOperation, now: number): NotificationItem {
  const { name, outcome, error, rule, verb, target, createTime } = operation;
  const isKnown = verb !== undefined || target !== undefined || createTime !== undefined;
  const done = outcome !== 'ASKED' && outcome !== 'PENDING';
  return {
    name,
    title: `${outcomeTitle(outcome, error)}: ${shortName(name)}`,
    lines: [
      ...(isKnown ? [describeOperation({ name, verb, target, createTime }, now, done)] : []),
      ...(error ? [[codeSpan(error.message)]] : []),
      [{ code: truncate(name, 512) }],
      ...(rule === undefined ? [] : [['Rule: ', { code: truncate(rule, MAX_ALERT) }]]),
    ],
    button: outcome === 'ASKED' ? 'cancel' : 'status',
  };
}

function outcomeTitle(outcome: string | undefined, error: StatusError | undefined): string {
  const word = outcomeWord(outcome, error);
  if (error) return `${REFUSALS.includes(error.reason) ? 'Refused' : 'Failed'} (${word})`;
  return `${TITLES[word] ?? 'Outcome'} (${word})`;
}

function outcomeWord(outcome: string | undefined, error: StatusError | undefined): string {
  if (!error) return outcome ?? 'UNKNOWN';
  return error.reason === 'UPSTREAM' ? error.status || 'UPSTREAM' : error.reason;
}

/** The operation's own id, by which people recognize it. A refused name can hold line breaks and markup. */
function shortName(name: string): string {
  const id = name.split('/').at(-1) ?? name;
  return truncate(id.replace(/[\s\p{Cc}*~`]+/gu, ' '), 80);
}
