/** The reply to a chat command that was refused or failed: why, and what the person can do. */

import type { StatusError } from '../errors.ts';
import type { ChatCommand } from './chat-command.ts';
import {
  type ChatReply,
  codeSpan,
  ephemeral,
  operationName,
  type Requester,
  retryHint,
  type TextLine,
  type TextSpan,
  UNKNOWN,
} from './text.ts';

export function renderError(
  command: ChatCommand,
  error: StatusError,
  requester: Requester,
): ChatReply {
  const { reason } = error;
  const unknown = reason === 'UPSTREAM_DEADLINE_EXCEEDED' || reason === 'UPSTREAM_UNAVAILABLE';
  return ephemeral([
    ...explainError(command, error, requester),
    ...(unknown && command.kind === 'cancel' ? [UNKNOWN] : []),
    ...(error.retryable ? retryHint(command, requester) : []),
  ]);
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
      return notAllowed(command, error, requester);
    case 'UPSTREAM':
      return [
        upstreamError(error.code, error.status, error.message),
        ...(name ? [['The request was about ', { code: name }, '.']] : []),
      ];
    case 'UPSTREAM_UNAVAILABLE':
      return [['Google Cloud gave no usable answer', ...about], ...upstreamDetail(error)];
    case 'UPSTREAM_DEADLINE_EXCEEDED':
      return [['Google Cloud did not answer in time', ...about]];
    default:
      return [[error.message]];
  }
}

function notAllowed(
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
    identityHint(identities),
  ];
}

/** Shows what a rule can name: the person who can add a rule needs exactly this. */
function identityHint(identities: readonly string[]): TextLine {
  if (identities.length === 0) return ['The request has no identity that a rule can name.'];
  const names = identities.flatMap((id): TextSpan[] => [', ', { code: id }]).slice(1);
  return ['A rule can name you, or this conversation, as ', ...names, '.'];
}

function upstreamError(code: number | string, status: string, message: string): TextLine {
  // A canonical code as it should be; upstream can write anything there.
  const label = /^[A-Z_]{1,40}$/.test(status) ? ` ${status}` : '';
  return [`Google Cloud answered ${code}${label}: `, codeSpan(message)];
}

/** The last answer of upstream before the function stopped trying. */
function upstreamDetail({ metadata }: StatusError): TextLine[] {
  const { upstreamStatus = '', upstreamMessage } = metadata;
  return upstreamMessage ? [upstreamError(upstreamStatus, '', upstreamMessage)] : [];
}
