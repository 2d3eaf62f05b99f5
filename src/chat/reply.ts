/**
 * What came of a chat command, in words, for people who were woken up: what is known, who asked, how
 * to ask again. Each chat shows them in its own way, and escapes them in its own way.
 */

import type { Answer, Answered } from '../command.ts';
import type { StatusError } from '../errors.ts';
import { outcomeOf } from '../operation.ts';
import type { Operation, OperationName } from '../resource-name.ts';
import type { Command } from './chat-command.ts';
import { refusal } from './error-reply.ts';
import { listed, work } from './operation-list.ts';
import {
  type Asker,
  again,
  forAsker,
  type Line,
  nameIn,
  quoted,
  typed,
  UNKNOWN,
  type Words,
} from './text.ts';

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
  return {
    lines: [...said[outcome], askedBy(command, asker), ...again(command, asker)],
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

function help(command: Command, asker: Asker): Words {
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
