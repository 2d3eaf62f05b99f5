/** The commands that a person types in a chat, and the lines of a reply that repeat one. */

import type { Command } from '../command.ts';
import {
  describeNameForm,
  describeParentForm,
  type ParentName,
  parseParentName,
  parseResourceName,
  type ResourceName,
} from '../resource-name.ts';
import { commandSpan, type Requester, type TextLine, truncate } from './text.ts';
import { mentionsOperation, parseTypedName, splitWords, unwrap } from './typed-name.ts';

export type ChatCommand =
  | {
      readonly kind: 'cancel';
      readonly operation: ResourceName;
      readonly reason?: string;
      /** Whether the person typed the word `cancel`, and not only a name. */
      readonly explicit: boolean;
    }
  | { readonly kind: 'status'; readonly operation: ResourceName }
  | { readonly kind: 'list'; readonly parent: ParentName }
  | { readonly kind: 'help' }
  | InvalidCommand;

interface InvalidCommand {
  readonly kind: 'invalid';
  /** What is wrong, in sentences for the person who typed it. */
  readonly problem: TextLine;
}

/** As in a `json` caller's request. A longer reason is cut, not refused: the person is in a hurry. */
const MAX_REASON = 256;
const MAX_SHOWN = 200;

/** Parses what follows the slash command or the mention. Never throws. */
export function parseChatCommand(text: string): ChatCommand {
  const words = splitWords(text);
  const [first = '', ...rest] = words;
  switch (unwrap(first).toLowerCase()) {
    case '':
    case 'help':
      return { kind: 'help' };
    case 'cancel': {
      const target = parseTarget(rest);
      return 'problem' in target ? target : { kind: 'cancel', ...target, explicit: true };
    }
    case 'status': {
      const target = parseTarget(rest);
      return 'problem' in target ? target : { kind: 'status', operation: target.operation };
    }
    case 'list':
      return parseList(rest);
    default: {
      if (!mentionsOperation(first)) return invalid([shown(words), ' is not a command.']);
      const target = parseTarget(words);
      return 'problem' in target ? target : { kind: 'cancel', ...target, explicit: false };
    }
  }
}

/** @param waitDeadline until when the outcome is read, in milliseconds since 1970 */
export function toCommand(command: ChatCommand, waitDeadline: number): Command {
  switch (command.kind) {
    case 'cancel': {
      const { operation, reason } = command;
      const why = reason === undefined ? {} : { reason };
      return {
        kind: 'cancel',
        operation,
        validateOnly: false,
        cancelFirst: true,
        waitDeadline,
        ...why,
      };
    }
    case 'status':
    case 'list':
      return command;
    default:
      return { kind: 'noop' };
  }
}

/** Returns the operation's name that a command is about; empty where it is about none. */
export function operationName(command: ChatCommand): string {
  return command.kind === 'cancel' || command.kind === 'status' ? command.operation : '';
}

interface Target {
  readonly operation: ResourceName;
  readonly reason?: string;
}

/** Text that says of the name before it that it was cut. */
const CUT = /^(?:\u2026|\.{2}|\[(?:\u2026|\.|truncated))/i;

/** Parses `NAME [reason]`. A second name anywhere in the reason is refused. */
function parseTarget([word = '', ...rest]: readonly string[]): Target | InvalidCommand {
  if (word === '') return invalid(['The name of the operation is missing.']);
  const operation = parseTypedName(word);
  if (!operation || CUT.test(rest[0] ?? '')) {
    return invalid([shown([word]), ...explainTypedName(word), ' Copy the whole name.']);
  }
  const other = rest.find((one) => mentionsOperation(one) && parseTypedName(one) !== operation);
  if (other !== undefined) {
    return invalid([
      'The command has two different names, ',
      { code: operation },
      ' and ',
      shown([other]),
      '. Nothing was done. Send one command for each operation.',
    ]);
  }
  return rest.length === 0
    ? { operation }
    : { operation, reason: truncate(rest.join(' '), MAX_REASON) };
}

/** Says why a word names nothing. */
function explainTypedName(word: string): TextLine {
  const text = unwrap(word);
  return text.startsWith('//') && !parseResourceName(text)
    ? [` ${describeNameForm(text)}.`]
    : [' is not the full name of an operation.'];
}

function parseList([word = '', ...rest]: readonly string[]): ChatCommand {
  const text = unwrap(word);
  const parent = parseParentName(text) ?? parseParentName(text.replace(/\/operations$/, ''));
  if (!parent) {
    const what = word === '' ? 'The location is missing.' : ' is not a location.';
    const form: TextLine = [' Type ', { code: 'list projects/PROJECT/locations/LOCATION' }, '.'];
    return invalid(
      word.includes('//')
        ? [shown([word]), ` ${describeParentForm(text)}.`]
        : [...(word === '' ? [] : [shown([word])]), what, ...form],
    );
  }
  return rest.length === 0
    ? { kind: 'list', parent }
    : invalid([shown(rest), ' is too much: ', { code: 'list' }, ' takes one location.']);
}

function shown(words: readonly string[]): { code: string } {
  return { code: truncate(words.join(' '), MAX_SHOWN) };
}

function invalid(problem: TextLine): InvalidCommand {
  return { kind: 'invalid', problem };
}

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
    'Requested by ',
    { person: userId },
    ...(reason === undefined ? ['.'] : [': ', { code: reason }]),
  ];
}

function reasonOf(command: ChatCommand): string | undefined {
  return command.kind === 'cancel' ? command.reason : undefined;
}
