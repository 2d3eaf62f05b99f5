/** Why a chat command was refused or failed, in words, and what can be done about it. */

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

export function renderErrorReply(
  command: ChatCommand,
  error: StatusError,
  requester: Requester,
): ChatReply {
  const name = operationName(command);
  const { reason, code, message } = error;
  const unknown = reason === 'UPSTREAM_DEADLINE_EXCEEDED' || reason === 'UPSTREAM_UNAVAILABLE';
  return ephemeral([
    reason === 'UPSTREAM'
      ? upstreamError(code, error.status, message)
      : highlightName(message, name),
    ...(reason === 'UPSTREAM' && name ? [['It was asked about ', { code: name }]] : []),
    ...(reason === 'UPSTREAM_UNAVAILABLE' ? upstreamDetail(error) : []),
    ...(unknown && command.kind === 'cancel' ? [UNKNOWN] : []),
    ...(reason === 'NOT_ALLOWED' ? identityHint(requester) : []),
    ...(error.retryable ? retryHint(command, requester) : []),
  ]);
}

function upstreamError(code: number | string, status: string, message: string): TextLine {
  // A canonical code as it should be; upstream could write anything there.
  const label = /^[A-Z_]{1,40}$/.test(status) ? ` ${status}` : '';
  return [`Google Cloud answered ${code}${label}: `, codeSpan(message)];
}

/** What upstream wrote before it was given up; it travels in the error's metadata. */
function upstreamDetail({ body }: StatusError): TextLine[] {
  const { upstreamStatus, upstreamMessage } = JSON.parse(body).error.details[0].metadata;
  return upstreamMessage ? [upstreamError(upstreamStatus, '', upstreamMessage)] : [];
}

/** The hook's own text, with the name in it shown as one. */
function highlightName(message: string, name: string): TextLine {
  const at = name === '' ? -1 : message.indexOf(name);
  if (at < 0) return [message];
  return [message.slice(0, at), { code: name }, message.slice(at + name.length)];
}

/** What a rule would have to name: the person who can add one needs just this. */
function identityHint({ identities }: Requester): TextLine[] {
  if (identities.length === 0) return [['You came without an identity that a rule could name.']];
  const names = identities.flatMap((id): TextSpan[] => [', ', { code: id }]).slice(1);
  return [['A rule may name you, or this conversation, as ', ...names]];
}
