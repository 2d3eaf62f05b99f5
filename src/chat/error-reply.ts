/** The reply to a chat command that was refused or failed: why, and what to type next. */

import type { StatusError } from '../errors.ts';
import {
  againHint,
  askedBy,
  type ChatCommand,
  checkHint,
  operationName,
  UNKNOWN,
} from './chat-command.ts';
import {
  type ChatReply,
  codeSpan,
  ephemeral,
  type Requester,
  type TextLine,
  type TextSpan,
} from './text.ts';

export function renderError(
  command: ChatCommand,
  error: StatusError,
  requester: Requester,
): ChatReply {
  return ephemeral([
    ...explainError(command, error, requester),
    ...(command.kind === 'cancel' ? explainCancel(command, error, requester) : []),
    ...(command.kind !== 'cancel' && error.retryable ? checkHint(command, requester) : []),
  ]);
}

/** Tells whether the cancel was sent, and who asked. Where it was not, the person can just repeat it. */
function explainCancel(
  command: ChatCommand,
  { reason, code, retryable, sent }: StatusError,
  requester: Requester,
): TextLine[] {
  if (reason === 'NOT_ALLOWED') return [];
  const notSent: TextLine[] = sent === false ? [['The cancellation was not sent.']] : [];
  if (!retryable && code !== 429) return notSent;
  // The function and Google Cloud refuse a call with 429 before they do anything.
  const repeat = sent === false || code === 429;
  return [
    ...notSent,
    ...(repeat ? againHint(command, requester) : [UNKNOWN, ...checkHint(command, requester)]),
    askedBy(command, requester),
  ];
}

function explainError(
  command: ChatCommand,
  error: StatusError,
  requester: Requester,
): readonly TextLine[] {
  const name = operationName(command);
  const about: TextLine = name ? [' about ', { code: name }, '.'] : ['.'];
  switch (error.reason) {
    case 'NOT_ALLOWED':
      return explainDenial(command, error, requester);
    case 'UPSTREAM':
      return [
        upstreamError(error.code, error.status, error.message),
        ...(name ? [['The request was about ', { code: name }, '.']] : []),
      ];
    case 'UPSTREAM_UNAVAILABLE':
      return [['Google Cloud returned no usable response', ...about], ...upstreamDetail(error)];
    case 'UPSTREAM_DEADLINE_EXCEEDED':
      return [['Google Cloud did not respond in time', ...about]];
    default:
      return [[error.message]];
  }
}

function explainDenial(
  command: ChatCommand,
  { metadata: { hint = '' } }: StatusError,
  { identities }: Requester,
): readonly TextLine[] {
  const what: TextLine =
    command.kind === 'list'
      ? ['anything in ', { code: command.parent }]
      : [{ code: operationName(command) }];
  return [
    ['No rule allows you to cancel ', ...what, `. ${hint}`.trimEnd()],
    describeIdentities(identities),
  ];
}

/** Shows what a rule can name: the person who can add a rule needs exactly this. */
function describeIdentities(identities: readonly string[]): TextLine {
  if (identities.length === 0) return ['The request has no identity that a rule can name.'];
  const names = identities.flatMap((id): TextSpan[] => [', ', { code: id }]).slice(1);
  return ['A rule can name you, or this conversation, as ', ...names, '.'];
}

function upstreamError(code: number | string, status: string, message: string): TextLine {
  // A canonical code as it should be; Google Cloud can write anything there.
  const label = /^[A-Z_]{1,40}$/.test(status) ? ` ${status}` : '';
  return [`Google Cloud answered ${code}${label}: `, codeSpan(message)];
}

/** Returns the last answer of Google Cloud before the function stopped trying. */
function upstreamDetail({ metadata }: StatusError): TextLine[] {
  const { upstreamStatus = '', upstreamMessage } = metadata;
  return upstreamMessage ? [upstreamError(upstreamStatus, '', upstreamMessage)] : [];
}
