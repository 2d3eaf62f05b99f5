/**
 * What came of a chat command, in words, for people who were woken up: what is known, who asked, how
 * to ask again. Each chat shows them in its own way, and escapes them in its own way.
 */

import type { Answer, Answered } from './ask.ts';
import { type Command, clip } from './chat-command.ts';
import { listed, work } from './chat-offers.ts';
import type { Operation, OperationName } from './operation.ts';
import { outcomeOf } from './operations.ts';
import type { StatusError } from './status.ts';

/** Text of the hook's own; what is shown as it stands, whatever is in it; or a person. */
export type Piece = string | { readonly code: string } | { readonly person: string };
export type Line = readonly Piece[];

/** A running operation, with a button that cancels it. */
export interface Offer {
  readonly name: OperationName;
  readonly lines: readonly Line[];
}

export interface Words {
  readonly lines: readonly Line[];
  readonly offers: readonly Offer[];
  /** For everyone in the conversation, since a cancel was asked of Google Cloud; else for the asker. */
  readonly forAll: boolean;
}

/** Who hears the words. */
export interface Asker {
  /** The chat's own id of the person. */
  readonly person: string;
  readonly identities: readonly string[];
  /** The slash command as it was typed, such as `/cancel`; empty where there is none. */
  readonly command: string;
  /** Whether words still reach them after the answer. */
  readonly hearsLater: boolean;
}

/** Upstream's own words are cut: a chat is no place for a long one. */
const MOST_QUOTED = 500;

/** @param now milliseconds since 1970 */
export function wordsOf(
  command: Command,
  learned: Answer | StatusError,
  asker: Asker,
  now: number,
): Words {
  if (learned instanceof Error) return refusal(command, learned, asker);
  switch (learned.kind) {
    case 'cancel':
      return cancelled(command, learned, asker);
    case 'status':
      return status(command, learned.operation, asker, now);
    case 'list':
      return listed(command.kind === 'list' ? command.parent : '', learned, now);
    case 'unfinished':
      return unfinished(command, asker);
    default:
      return help(command, asker);
  }
}

function cancelled(command: Command, { outcome, operation }: Answered, asker: Asker): Words {
  const name = { code: nameIn(command) };
  const said: Record<Answered['outcome'], Line[]> = {
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
  const open = outcome === 'CANCEL_REQUESTED' || outcome === 'PENDING';
  return {
    lines: [...said[outcome], askedBy(command, asker), ...(open ? again(command, asker) : [])],
    offers: [],
    forAll: outcome !== 'ALREADY_DONE' && outcome !== 'WOULD_CANCEL',
  };
}

function askedBy(command: Command, { person }: Asker): Line {
  const reason = command.kind === 'cancel' ? command.reason : undefined;
  return ['Asked by ', { person }, ...(reason === undefined ? ['.'] : [': ', { code: reason }])];
}

function ending(operation: Operation): Line[] {
  if (operation.done !== true) return [];
  const message = operation.error?.message;
  switch (outcomeOf(operation)) {
    case 'CANCELLED':
      return [['It was cancelled.']];
    case 'COMPLETED':
      return [['It finished its work.']];
    default:
      return [message ? ['It failed: ', quoted(message)] : ['It failed.']];
  }
}

function status(command: Command, operation: Operation, asker: Asker, now: number): Words {
  const name = nameIn(command);
  if (operation.done === true) {
    return forAsker([
      ['Done: ', { code: name }],
      work(operation.metadata ?? {}, now, true),
      ...ending(operation),
    ]);
  }
  const lines: Line[] = [['Running: ', { code: name }], work(operation.metadata ?? {}, now)];
  return operation.metadata?.requestedCancellation === true
    ? forAsker([...lines, ['Its cancellation was requested.'], ...again(command, asker)])
    : { lines: [], offers: [{ name: name as OperationName, lines }], forAll: false };
}

function unfinished(command: Command, asker: Asker): Words {
  const name = nameIn(command);
  const first: Line = [
    'No answer from Google Cloud yet',
    ...(name ? [': ', { code: name }] : ['.']),
  ];
  return forAsker([
    first,
    ...(command.kind === 'cancel' ? [UNKNOWN] : []),
    ...(asker.hearsLater ? [['What comes of it will be told here.']] : []),
    ...again(command, asker),
  ]);
}

function refusal(command: Command, error: StatusError, asker: Asker): Words {
  const name = nameIn(command);
  const { reason, code, message } = error;
  const retryable = code === 429 || code >= 500;
  const unknown = reason === 'UPSTREAM_DEADLINE_EXCEEDED' || reason === 'UPSTREAM_UNAVAILABLE';
  return forAsker([
    reason === 'UPSTREAM' ? upstreamSaid(code, error.status, message) : naming(message, name),
    ...(reason === 'UPSTREAM' && name ? [['It was asked about ', { code: name }]] : []),
    ...(reason === 'UPSTREAM_UNAVAILABLE' ? lastWords(error) : []),
    ...(unknown && command.kind === 'cancel' ? [UNKNOWN] : []),
    ...(reason === 'NOT_ALLOWED' ? whoAreYou(asker) : []),
    ...(retryable ? again(command, asker) : []),
  ]);
}

const UNKNOWN: Line = ['Whether the cancellation was accepted is not known.'];

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

function again(command: Command, asker: Asker): Line[] {
  if (command.kind === 'list') return [['Ask again: ', typed(asker, `list ${command.parent}`)]];
  const name = nameIn(command);
  return name ? [['Ask again: ', typed(asker, `status ${name}`)]] : [];
}

export function help(command: Command, asker: Asker): Words {
  const misread: Line[] =
    command.kind === 'misunderstood'
      ? [[...(command.what ? [{ code: command.what }, ' '] : ['What follows ']), `${command.why}.`]]
      : [];
  return forAsker([
    ...misread,
    [typed(asker, 'cancel NAME reason'), ' cancels a running operation; a reason is optional'],
    [typed(asker, 'status NAME'), ' tells how it stands'],
    [typed(asker, 'list projects/PROJECT/locations/LOCATION'), ' shows what you may cancel there'],
    ['A NAME is ', { code: 'projects/PROJECT/locations/LOCATION/operations/OPERATION' }],
  ]);
}

export function forAsker(lines: readonly Line[]): Words {
  return { lines, offers: [], forAll: false };
}

/** The name that a command is about; empty where it is about none. */
export function nameIn(command: Command): string {
  return command.kind === 'cancel' || command.kind === 'status' ? command.operation : '';
}

function typed({ command }: Asker, words: string): Piece {
  return { code: `${command} ${words}`.trim() };
}

function quoted(message: string): Piece {
  return { code: clip(message, MOST_QUOTED) };
}
