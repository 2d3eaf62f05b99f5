/**
 * The reply to a chat command: what is known, who asked, and what to type next. Each chat shows it
 * in its own markup.
 */

import type { CancelResult, CommandResult } from '../command.ts';
import type { StatusError } from '../errors.ts';
import { DEFAULT_SERVICE, nounOf, type ResourceName, splitName } from '../resource-name.ts';
import type { ResourceState } from '../resources/resource-type.ts';
import { askedBy, type ChatCommand, checkHint, operationName, UNKNOWN } from './chat-command.ts';
import { renderError } from './error-reply.ts';
import {
  type ChatReply,
  codeSpan,
  commandSpan,
  describeOperation,
  ephemeral,
  type Requester,
  renderList,
  type TextLine,
} from './text.ts';

/** @param now milliseconds since 1970 */
export function renderReply(
  command: ChatCommand,
  result: CommandResult | StatusError,
  requester: Requester,
  now: number,
): ChatReply {
  if (result instanceof Error) return renderError(command, result, requester);
  switch (result.kind) {
    case 'cancel':
      return renderCancel(command, result, requester);
    case 'status':
      return renderStatus(command, result.state, requester, now);
    case 'list':
      return renderList(command.kind === 'list' ? command.parent : '', result, now);
    case 'deadline-exceeded':
      return renderDeadline(command, requester);
    default:
      return renderHelp(command, requester);
  }
}

/**
 * Returns the headers that tell a program what the text tells a person: `Cancel-Outcome`, or, since
 * a chat gets 200 for a refusal too, `Cancel-Error` with the error's reason or canonical code.
 */
export function replyHeaders(
  command: ChatCommand,
  result: CommandResult | StatusError,
): Readonly<Record<string, string>> {
  if (result instanceof Error) return errorHeaders(result);
  if (result.kind === 'cancel') return { 'Cancel-Outcome': result.outcome };
  if (result.kind === 'deadline-exceeded') return { 'Cancel-Error': 'UPSTREAM_DEADLINE_EXCEEDED' };
  return command.kind === 'invalid' ? { 'Cancel-Error': 'INVALID_REQUEST' } : {};
}

export function errorHeaders({ reason, status }: StatusError): Readonly<Record<string, string>> {
  const canonical = /^[A-Z_]{1,40}$/.test(status) ? status : reason;
  return { 'Cancel-Error': reason === 'UPSTREAM' ? canonical : reason };
}

function renderCancel(
  command: ChatCommand,
  { outcome, state }: CancelResult,
  requester: Requester,
): ChatReply {
  const name = { code: operationName(command) };
  const noun = nounOf(name.code);
  const check = checkHint(command, requester);
  const texts: Record<CancelResult['outcome'], TextLine[]> = {
    CANCELLED: [['Cancelled: ', name]],
    CANCEL_REQUESTED: [
      ['Cancellation requested: ', name],
      [`Google Cloud accepted the request. It is not known yet whether the ${noun} has stopped.`],
      ...check,
    ],
    PENDING: [
      ['Cancellation requested: ', name],
      [`Google Cloud accepted the request. The ${noun} was still running a moment ago.`],
      ...check,
    ],
    COMPLETED: [['Too late: ', name], [`The ${noun} finished its work before it could stop.`]],
    FAILED: [['Failed before it could be cancelled: ', name], ...describeEnd(state)],
    ALREADY_DONE: [['Nothing to cancel, already done: ', name], ...describeEnd(state)],
    ASKED: [['Not cancelled: ', name], ['People are asked first.']],
    WOULD_CANCEL: [
      ['Not cancelled: ', name],
      ['You may cancel it, but the function runs in mode "observe" and cancels nothing.'],
    ],
  };
  return {
    lines: [...texts[outcome], askedBy(command, requester)],
    operations: [],
    inChannel: outcome !== 'ALREADY_DONE' && outcome !== 'WOULD_CANCEL',
  };
}

function describeEnd({ ended, message }: ResourceState = {}): TextLine[] {
  switch (ended) {
    case 'CANCELLED':
      return [['It was cancelled.']];
    case 'COMPLETED':
      return [['It finished its work.']];
    case 'FAILED':
      return [message ? ['It failed: ', codeSpan(message)] : ['It failed.']];
    default:
      return [];
  }
}

function renderStatus(
  command: ChatCommand,
  state: ResourceState,
  requester: Requester,
  now: number,
): ChatReply {
  const name = operationName(command);
  const done = state.ended !== undefined;
  const lines: TextLine[] = [
    [done ? 'Done: ' : 'Running: ', { code: name }],
    describeOperation({ name, ...state }, now, done),
  ];
  if (done) return ephemeral([...lines, ...describeEnd(state)]);
  return state.cancelRequested
    ? ephemeral([...lines, ['Its cancellation was requested.'], ...checkHint(command, requester)])
    : { lines: [], operations: [{ name: name as ResourceName, lines }], inChannel: false };
}

/** The chat's deadline came first: a cancel may have been sent, or not. */
function renderDeadline(command: ChatCommand, requester: Requester): ChatReply {
  const name = operationName(command);
  const isCancel = command.kind === 'cancel';
  return ephemeral([
    ['No answer from Google Cloud yet', ...(name ? [': ', { code: name }] : ['.'])],
    ...(isCancel ? [UNKNOWN] : []),
    ...(requester.supportsFollowUp ? [['The result will follow here.']] : []),
    ...checkHint(command, requester),
    ...(isCancel ? [askedBy(command, requester)] : []),
  ]);
}

function renderHelp(command: ChatCommand, requester: Requester): ChatReply {
  const others = requester.examples.filter((name) => splitName(name).service !== DEFAULT_SERVICE);
  // Without rules for others it is all about operations, whose names are relative.
  const hasDefault = others.length === 0 || others.length < requester.examples.length;
  const [example = ''] = others;
  const parents = [
    ...(hasDefault ? ['projects/PROJECT/locations/LOCATION'] : []),
    ...(example ? [example.slice(0, example.lastIndexOf('/'))] : []),
  ];
  return ephemeral([
    ...(command.kind === 'invalid' ? [command.problem] : []),
    [
      commandSpan(requester, 'cancel NAME reason'),
      ' cancels an operation (the reason is optional)',
    ],
    [commandSpan(requester, 'status NAME'), ' shows whether it is running'],
    ...parents.map(
      (parent): TextLine => [
        commandSpan(requester, `list ${parent}`),
        ' shows the running operations that you may cancel',
      ],
    ),
    ...(hasDefault
      ? [['NAME is ', { code: 'projects/PROJECT/locations/LOCATION/operations/OPERATION' }]]
      : []),
    ...others.slice(0, MAX_EXAMPLES).map((name): TextLine => ['NAME can be like ', { code: name }]),
  ]);
}

/** A message has little room, and a configuration can name all types. */
const MAX_EXAMPLES = 10;
