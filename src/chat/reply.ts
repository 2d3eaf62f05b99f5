/**
 * What came of a chat command, in words, for people who were woken up: what is known, who asked, how
 * to ask again. Each chat shows them in its own way, and escapes them in its own way.
 */

import type { CancelResult, CommandResult } from '../command.ts';
import type { StatusError } from '../errors.ts';
import { toOutcome } from '../operation.ts';
import type { Operation, OperationName } from '../resource-name.ts';
import type { ChatCommand } from './chat-command.ts';
import { renderError } from './error-reply.ts';
import { describeOperation, renderList } from './operation-list.ts';
import {
  type ChatReply,
  codeSpan,
  commandSpan,
  ephemeral,
  operationName,
  type Requester,
  retryHint,
  type TextLine,
  UNKNOWN,
} from './text.ts';

/** @param now milliseconds since 1970 */
export function renderReply(
  command: ChatCommand,
  learned: CommandResult | StatusError,
  requester: Requester,
  now: number,
): ChatReply {
  if (learned instanceof Error) return renderError(command, learned, requester);
  switch (learned.kind) {
    case 'cancel':
      return cancelled(command, learned, requester);
    case 'status':
      return status(command, learned.operation, requester, now);
    case 'list':
      return renderList(command.kind === 'list' ? command.parent : '', learned, now);
    case 'unfinished':
      return unfinished(command, requester);
    default:
      return help(command, requester);
  }
}

/**
 * Returns the headers that tell a program what the text tells a person: `Cancel-Outcome`, or, since
 * a chat gets 200 for a refusal too, `Cancel-Error` with the error's reason or canonical code.
 */
export function replyHeaders(
  command: ChatCommand,
  learned: CommandResult | StatusError,
): Readonly<Record<string, string>> {
  if (learned instanceof Error) return errorHeaders(learned);
  if (learned.kind === 'cancel') return { 'Cancel-Outcome': learned.outcome };
  if (learned.kind === 'unfinished') return { 'Cancel-Error': 'UPSTREAM_DEADLINE_EXCEEDED' };
  return command.kind === 'misunderstood' ? { 'Cancel-Error': 'INVALID_REQUEST' } : {};
}

export function errorHeaders({ reason, status }: StatusError): Readonly<Record<string, string>> {
  const canonical = /^[A-Z_]{1,40}$/.test(status) ? status : reason;
  return { 'Cancel-Error': reason === 'UPSTREAM' ? canonical : reason };
}

function cancelled(
  command: ChatCommand,
  { outcome, operation }: CancelResult,
  requester: Requester,
): ChatReply {
  const name = { code: operationName(command) };
  const said: Record<CancelResult['outcome'], TextLine[]> = {
    CANCELLED: [['Cancelled: ', name]],
    CANCEL_REQUESTED: [
      ['Cancellation requested: ', name],
      ['Google Cloud accepted it. Whether the operation has stopped is not known yet.'],
    ],
    PENDING: [
      ['Cancellation requested: ', name],
      ['Google Cloud accepted it. The operation was still running just now.'],
    ],
    COMPLETED: [['Too late: ', name], ['It finished its work despite the cancellation.']],
    FAILED: [['Ended before the cancellation took effect: ', name], ...ending(operation)],
    ALREADY_DONE: [['Nothing to cancel, it was done before: ', name], ...ending(operation)],
    WOULD_CANCEL: [
      ['Observing only. Would have cancelled: ', name],
      ['Nothing was cancelled, for the hook runs in mode "observe".'],
    ],
  };
  return {
    lines: [...said[outcome], askedBy(command, requester), ...retryHint(command, requester)],
    operations: [],
    inChannel: outcome !== 'ALREADY_DONE' && outcome !== 'WOULD_CANCEL',
  };
}

function askedBy(command: ChatCommand, { userId }: Requester): TextLine {
  const reason = command.kind === 'cancel' ? command.reason : undefined;
  return [
    'Asked by ',
    { person: userId },
    ...(reason === undefined ? ['.'] : [': ', { code: reason }]),
  ];
}

function ending(operation: Operation): TextLine[] {
  if (operation.done !== true) return [];
  const message = operation.error?.message;
  switch (toOutcome(operation)) {
    case 'CANCELLED':
      return [['It was cancelled.']];
    case 'COMPLETED':
      return [['It finished its work.']];
    default:
      return [message ? ['It failed: ', codeSpan(message)] : ['It failed.']];
  }
}

function status(
  command: ChatCommand,
  operation: Operation,
  requester: Requester,
  now: number,
): ChatReply {
  const name = operationName(command);
  if (operation.done === true) {
    return ephemeral([
      ['Done: ', { code: name }],
      describeOperation(operation.metadata ?? {}, now, true),
      ...ending(operation),
    ]);
  }
  const lines: TextLine[] = [
    ['Running: ', { code: name }],
    describeOperation(operation.metadata ?? {}, now),
  ];
  return operation.metadata?.requestedCancellation === true
    ? ephemeral([...lines, ['Its cancellation was requested.'], ...retryHint(command, requester)])
    : { lines: [], operations: [{ name: name as OperationName, lines }], inChannel: false };
}

function unfinished(command: ChatCommand, requester: Requester): ChatReply {
  const name = operationName(command);
  const first: TextLine = [
    'No answer from Google Cloud yet',
    ...(name ? [': ', { code: name }] : ['.']),
  ];
  return ephemeral([
    first,
    ...(command.kind === 'cancel' ? [UNKNOWN] : []),
    ...(requester.supportsFollowUp ? [['What comes of it will be told here.']] : []),
    ...retryHint(command, requester),
  ]);
}

function help(command: ChatCommand, requester: Requester): ChatReply {
  const misread: TextLine[] =
    command.kind === 'misunderstood'
      ? [[...(command.what ? [{ code: command.what }, ' '] : ['What follows ']), `${command.why}.`]]
      : [];
  return ephemeral([
    ...misread,
    [
      commandSpan(requester, 'cancel NAME reason'),
      ' cancels a running operation; a reason is optional',
    ],
    [commandSpan(requester, 'status NAME'), ' tells how it stands'],
    [
      commandSpan(requester, 'list projects/PROJECT/locations/LOCATION'),
      ' shows what you may cancel there',
    ],
    ['A NAME is ', { code: 'projects/PROJECT/locations/LOCATION/operations/OPERATION' }],
  ]);
}
