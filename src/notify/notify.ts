/** Notifies people about requests: selects the requests, sends the messages, and logs the deliveries. */

import type { Caller, Interaction } from '../caller.ts';
import type { Agent, Alert, Command, CommandResult } from '../command.ts';
import { StatusError } from '../errors.ts';
import type { LogEntry } from '../log.ts';
import type { ResourceState } from '../resources/resource-type.ts';
import type { Destination } from './destination.ts';
import type { Notification, NotifiedOperation } from './notification.ts';

/** What became of a destination's message, for the log field `notified`. */
interface Delivery {
  readonly destination: string;
  readonly error?: string;
}

/** Tells people what a request did. Nothing waits for it but the log line. */
export async function notifyOutcome(
  { notify: destinations }: Caller,
  interaction: Interaction | undefined,
  result: CommandResult | StatusError,
  entry: LogEntry,
): Promise<void> {
  if (destinations.length === 0) return;
  const alert = interaction?.alert ?? (result instanceof StatusError ? result.alert : undefined);
  const { command, agent } = interaction ?? {};
  const notification = toNotification(command, result, alert, agent, entry);
  if (notification) await notify(destinations, notification, entry);
}

/** The least patient sender, PagerDuty, waits 5 s for a response. */
const APPROVAL_TIMEOUT_MS = 4_000;
/** Where reading the operation took longer, there is still time for an attempt. */
const MIN_APPROVAL_MS = 1_000;

/**
 * Asks people, in place of a cancel. Only here the response waits for a destination: an alert that
 * reached nobody is one that its sender should repeat.
 *
 * @param receivedAt when the request arrived, in milliseconds since 1970
 * @param now milliseconds since 1970
 * @throws StatusError UPSTREAM_UNAVAILABLE where nobody could be asked
 */
export async function requestApproval(
  { notify: destinations }: Caller,
  { command, alert, agent }: Interaction,
  result: CommandResult,
  entry: LogEntry,
  receivedAt: number,
  now: number,
): Promise<void> {
  const notification = toNotification(command, result, alert, agent, entry);
  const deadline = Math.max(receivedAt + APPROVAL_TIMEOUT_MS, now + MIN_APPROVAL_MS);
  const delivered = notification ? await notify(destinations, notification, entry, deadline) : [];
  if (delivered.some(({ type }) => type === 'slack')) return;
  throw StatusError.create(
    'UPSTREAM_UNAVAILABLE',
    'The approval request was not delivered: Slack accepted no message.',
  );
}

export function needsApproval(result: CommandResult): boolean {
  switch (result.kind) {
    case 'cancel':
      return result.outcome === 'ASKED';
    case 'cancel-many':
      return result.items.some((item) => 'outcome' in item && item.outcome === 'ASKED');
    case 'sweep':
      return result.report.operations.some((one) => 'outcome' in one && one.outcome === 'ASKED');
    default:
      return false;
  }
}

/** Sends a notification to all destinations at the same time. Never rejects. */
async function notify(
  destinations: readonly Destination[],
  notification: Notification,
  entry: LogEntry,
  deadline?: number,
): Promise<readonly Destination[]> {
  const failures = await Promise.all(destinations.map((one) => one.send(notification, deadline)));
  entry.notified = destinations.map(({ name: destination }, index): Delivery => {
    const error = failures[index];
    return error === undefined ? { destination } : { destination, error };
  });
  if (failures.some((failure) => failure !== undefined)) entry.severity = 'ERROR';
  return destinations.filter((_, index) => failures[index] === undefined);
}

const CANCELS: readonly Command['kind'][] = ['cancel', 'cancel-many', 'sweep'];

/**
 * What people are told about a request: each outcome, each final refusal, each sweep that did or
 * refused something. Retryable errors are left out, because the sender repeats the request.
 *
 * @returns undefined if there is nothing to tell
 */
function toNotification(
  command: Command | undefined,
  result: CommandResult | StatusError,
  alert: Alert | undefined,
  agent: Agent | undefined,
  entry: LogEntry,
): Notification | undefined {
  const reason = command?.kind === 'cancel' ? command.reason : undefined;
  const base = { caller: entry.caller ?? '', alert, agent, reason, trace: traceOf(entry) };
  if (result instanceof StatusError) {
    if (result.retryable || result.reason === 'UNAUTHENTICATED') return undefined;
    // An agent that only looks, or sends what is no call, is told itself.
    if (command && !CANCELS.includes(command.kind)) return undefined;
    if (command?.kind !== 'cancel') return { ...base, operations: [], error: result };
    return { ...base, operations: [{ name: command.operation, error: result }] };
  }
  switch (result.kind) {
    case 'cancel': {
      if (command?.kind !== 'cancel' || command.validateOnly) return undefined;
      const { outcome, state } = result;
      const rule = entry.rule;
      const operation = { ...factsOf(state), name: command.operation, outcome, rule };
      return { ...base, operations: [operation] };
    }
    case 'cancel-many': {
      const operations = result.items.map(
        ({ state, ...item }): NotifiedOperation => ({ ...item, ...factsOf(state) }),
      );
      const news = operations.some(({ error }) => error?.retryable !== true);
      return news ? { ...base, operations } : undefined;
    }
    case 'sweep': {
      const { parent, matched, denied, remaining, operations } = result.report;
      const validateOnly = command?.kind === 'sweep' && command.validateOnly;
      if (validateOnly || matched === 0) return undefined;
      return { ...base, operations, sweep: { parent, matched, denied, remaining } };
    }
    default:
      return undefined;
  }
}

function factsOf({ verb, target, createTime }: ResourceState = {}) {
  return { verb, target, createTime };
}

function traceOf(entry: LogEntry): string | undefined {
  const trace = entry['logging.googleapis.com/trace'];
  return typeof trace === 'string' ? trace.split('/').at(-1) : undefined;
}
