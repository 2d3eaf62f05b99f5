/** Lines that several replies share: what to type next, and who asked. */

import { type ChatCommand, operationName } from './chat-command.ts';
import { commandSpan, type Requester, type TextLine } from './text.ts';

/** For a cancel that was sent, or may have been sent, and got no answer. */
export const UNKNOWN: TextLine = [
  'It is not known whether Google Cloud accepted the cancellation.',
];

/** Returns the command that shows the present state. */
export function checkHint(command: ChatCommand, requester: Requester): TextLine[] {
  if (command.kind === 'list') return againHint(command, requester);
  const name = operationName(command);
  return name ? [['To check: ', commandSpan(requester, `status ${name}`)]] : [];
}

/** Returns the command as it was typed. */
export function againHint(command: ChatCommand, requester: Requester): TextLine[] {
  const text =
    command.kind === 'list'
      ? `list ${command.parent}`
      : `${command.kind} ${operationName(command)} ${reasonOf(command) ?? ''}`.trimEnd();
  return [['To try again: ', commandSpan(requester, text)]];
}

/** Names the person who asked, and the reason. */
export function askedBy(command: ChatCommand, { userId }: Requester): TextLine {
  const reason = reasonOf(command);
  return [
    'Asked by ',
    { person: userId },
    ...(reason === undefined ? ['.'] : [': ', { code: reason }]),
  ];
}

function reasonOf(command: ChatCommand): string | undefined {
  return command.kind === 'cancel' ? command.reason : undefined;
}
