/** What a person typed after a slash command, whatever that is called: read, not yet answered. */

import type { Command } from '../command.ts';
import { findOperationNames } from '../requests/find-operation-names.ts';
import {
  type LocationName,
  type OperationName,
  parseLocationName,
  parseOperationName,
} from '../resource-name.ts';

export type ChatCommand =
  | {
      readonly kind: 'cancel';
      readonly operation: OperationName;
      readonly reason?: string;
      /** Whether the word was said, too, or the name alone. */
      readonly explicit: boolean;
    }
  | { readonly kind: 'status'; readonly operation: OperationName }
  | { readonly kind: 'list'; readonly parent: LocationName }
  | { readonly kind: 'help' }
  /** `what` is the person's own text: it is shown as nothing but text. */
  | { readonly kind: 'misunderstood'; readonly what: string; readonly why: string };

/** As in a `json` caller's request; a longer one is cut, since a person in a hurry wrote it. */
const MAX_REASON = 256;
const MAX_SHOWN = 200;
const NO_NAME = "is not an operation's full name";

/** @param text what follows the slash command's own name */
export function parseChatCommand(text: string): ChatCommand {
  const words = unescapeSlack(text).trim().split(/\s+/);
  const [first = '', ...rest] = words;
  switch (first.toLowerCase()) {
    case '':
    case 'help':
      return { kind: 'help' };
    case 'cancel':
      return parseCancel(rest);
    case 'status':
      return parseStatus(rest);
    case 'list':
      return parseList(rest);
    default: {
      const operation = operationOf(first);
      if (operation) return { kind: 'cancel', operation, explicit: false, ...parseReason(rest) };
      return invalidCommand(words, 'is no command that I know');
    }
  }
}

/** @param waitDeadline for a cancel's outcome, in milliseconds since 1970 */
export function toCommand(command: ChatCommand, waitDeadline: number): Command {
  switch (command.kind) {
    case 'cancel': {
      const { operation, reason } = command;
      const why = reason === undefined ? {} : { reason };
      return { kind: 'cancel', operation, validateOnly: false, waitDeadline, ...why };
    }
    case 'status':
    case 'list':
      return command;
    default:
      return { kind: 'nothing' };
  }
}

function parseCancel([name = '', ...rest]: readonly string[]): ChatCommand {
  const operation = operationOf(name);
  return operation
    ? { kind: 'cancel', operation, explicit: true, ...parseReason(rest) }
    : invalidCommand([name], NO_NAME);
}

function parseStatus([name = '', ...rest]: readonly string[]): ChatCommand {
  const operation = operationOf(name);
  if (!operation) return invalidCommand([name], NO_NAME);
  return rest.length === 0
    ? { kind: 'status', operation }
    : invalidCommand(rest, 'is more than the one name that status takes');
}

function parseList([name = '', ...rest]: readonly string[]): ChatCommand {
  const parent = parseLocationName(bare(name).replace(/\/operations$/, ''));
  if (!parent) return invalidCommand([name], 'is not projects/PROJECT/locations/LOCATION');
  return rest.length === 0
    ? { kind: 'list', parent }
    : invalidCommand(rest, 'is more than the one place that list takes');
}

function parseReason(words: readonly string[]): { reason?: string } {
  if (words.length === 0) return {};
  return { reason: truncate(words.join(' '), MAX_REASON) };
}

function invalidCommand(words: readonly string[], why: string): ChatCommand {
  return { kind: 'misunderstood', what: truncate(words.join(' '), MAX_SHOWN), why };
}

/**
 * The one name in a word: as it stands, in backticks or brackets, or in a link that a chat made.
 * Slack writes one as `<url|text>`: https://docs.slack.dev/messaging/formatting-message-text
 */
function operationOf(word: string): OperationName | undefined {
  if (word.length > MAX_WORD) return undefined;
  const [, link] = /^`*<([^`<>]*)>`*$/.exec(word) ?? [];
  const parts = link === undefined ? [bare(word)] : link.split('|');
  // A link whose text names another operation than its address could trick somebody.
  const [operation, ...more] = new Set(parts.flatMap(namesOf));
  return more.length === 0 ? operation : undefined;
}

/** A name has 3 times 128 characters at most, and a link has it twice. */
const MAX_WORD = 2_000;

function namesOf(text: string): OperationName[] {
  const named = parseOperationName(text);
  if (named) return [named];
  return /^https?:\/\//.test(text) ? findOperationNames(text) : [];
}

/** A word without the backticks and brackets that people put around names. */
function bare(word: string): string {
  const [, inner = word] = /^[`<]*([^`<>]*)[`>]*$/.exec(word) ?? [];
  return inner;
}

/** Slack escapes these three characters, and no others, in what a person typed. */
function unescapeSlack(text: string): string {
  return text.replace(/&(amp|lt|gt);/g, (_, name: 'amp' | 'lt' | 'gt') => ENTITIES[name]);
}

const ENTITIES = { amp: '&', lt: '<', gt: '>' } as const;

/** At most so many characters, the cut marked, and no character cut in two. */
export function truncate(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
