/** Why a chat command was refused or failed, in words, and what can be done about it. */

import type { StatusError } from '../errors.ts';
import type { Command } from './chat-command.ts';
import {
  type Asker,
  again,
  forAsker,
  type Line,
  nameIn,
  type Piece,
  quoted,
  UNKNOWN,
  type Words,
} from './text.ts';

export function refusal(command: Command, error: StatusError, asker: Asker): Words {
  const name = nameIn(command);
  const { reason, code, message } = error;
  const unknown = reason === 'UPSTREAM_DEADLINE_EXCEEDED' || reason === 'UPSTREAM_UNAVAILABLE';
  return forAsker([
    reason === 'UPSTREAM' ? upstreamSaid(code, error.status, message) : naming(message, name),
    ...(reason === 'UPSTREAM' && name ? [['It was asked about ', { code: name }]] : []),
    ...(reason === 'UPSTREAM_UNAVAILABLE' ? lastWords(error) : []),
    ...(unknown && command.kind === 'cancel' ? [UNKNOWN] : []),
    ...(reason === 'NOT_ALLOWED' ? whoAreYou(asker) : []),
    ...(error.retryable ? again(command, asker) : []),
  ]);
}

function upstreamSaid(code: number | string, status: string, message: string): Line {
  // A canonical code as it should be; upstream could write anything there.
  const label = /^[A-Z_]{1,40}$/.test(status) ? ` ${status}` : '';
  return [`Google Cloud answered ${code}${label}: `, quoted(message)];
}

/** What upstream wrote before it was given up; it travels in the error's metadata. */
function lastWords({ body }: StatusError): Line[] {
  const { upstreamStatus, upstreamMessage } = JSON.parse(body).error.details[0].metadata;
  return upstreamMessage ? [upstreamSaid(upstreamStatus, '', upstreamMessage)] : [];
}

/** The hook's own text, with the name in it shown as one. */
function naming(message: string, name: string): Line {
  const at = name === '' ? -1 : message.indexOf(name);
  if (at < 0) return [message];
  return [message.slice(0, at), { code: name }, message.slice(at + name.length)];
}

/** What a rule would have to name: the person who can add one needs just this. */
function whoAreYou({ identities }: Asker): Line[] {
  if (identities.length === 0) return [['You came without an identity that a rule could name.']];
  const names = identities.flatMap((id): Piece[] => [', ', { code: id }]).slice(1);
  return [['A rule may name you, or this conversation, as ', ...names]];
}
