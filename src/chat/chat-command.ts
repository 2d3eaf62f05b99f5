/** What a person typed after a slash command, whatever that is called: read, not yet answered. */

import type { Ask } from '../command.ts';
import { namesIn } from '../requests/find-operation-names.ts';
import {
  type LocationName,
  type OperationName,
  parseLocationName,
  parseOperationName,
} from '../resource-name.ts';

export type Command =
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
const MOST_REASON = 256;
const MOST_SHOWN = 200;
const NO_NAME = "is not an operation's full name";

/** @param text what follows the slash command's own name */
export function readCommand(text: string): Command {
  const words = unescapeSlack(text).trim().split(/\s+/);
  const [first = '', ...rest] = words;
  switch (first.toLowerCase()) {
    case '':
    case 'help':
      return { kind: 'help' };
    case 'cancel':
      return readCancel(rest);
    case 'status':
      return readStatus(rest);
    case 'list':
      return readList(rest);
    default: {
      const operation = operationOf(first);
      if (operation) return { kind: 'cancel', operation, explicit: false, ...readReason(rest) };
      return misunderstood(words, 'is no command that I know');
    }
  }
}

/** @param waitUntil for a cancel's outcome, in milliseconds since 1970 */
export function askOf(command: Command, waitUntil: number): Ask {
  switch (command.kind) {
    case 'cancel': {
      const { operation, reason } = command;
      const why = reason === undefined ? {} : { reason };
      return { kind: 'cancel', operation, validateOnly: false, waitUntil, ...why };
    }
    case 'status':
    case 'list':
      return command;
    default:
      return { kind: 'nothing' };
  }
}

function readCancel([name = '', ...rest]: readonly string[]): Command {
  const operation = operationOf(name);
  return operation
    ? { kind: 'cancel', operation, explicit: true, ...readReason(rest) }
    : misunderstood([name], NO_NAME);
}

function readStatus([name = '', ...rest]: readonly string[]): Command {
  const operation = operationOf(name);
  if (!operation) return misunderstood([name], NO_NAME);
  return rest.length === 0
    ? { kind: 'status', operation }
    : misunderstood(rest, 'is more than the one name that status takes');
}

function readList([name = '', ...rest]: readonly string[]): Command {
  const parent = parseLocationName(bare(name).replace(/\/operations$/, ''));
  if (!parent) return misunderstood([name], 'is not projects/PROJECT/locations/LOCATION');
  return rest.length === 0
    ? { kind: 'list', parent }
    : misunderstood(rest, 'is more than the one place that list takes');
}

function readReason(words: readonly string[]): { reason?: string } {
  if (words.length === 0) return {};
  return { reason: clip(words.join(' '), MOST_REASON) };
}

function misunderstood(words: readonly string[], why: string): Command {
  return { kind: 'misunderstood', what: clip(words.join(' '), MOST_SHOWN), why };
}

/**
 * The one name in a word: as it stands, in backticks or brackets, or in a link that a chat made.
 * Slack writes one as `<url|text>`: https://docs.slack.dev/messaging/formatting-message-text
 */
function operationOf(word: string): OperationName | undefined {
  if (word.length > LONGEST_WORD) return undefined;
  const [, link] = /^`*<([^`<>]*)>`*$/.exec(word) ?? [];
  const parts = link === undefined ? [bare(word)] : link.split('|');
  // A link whose text names another operation than its address could trick somebody.
  const [operation, ...more] = new Set(parts.flatMap(namesOf));
  return more.length === 0 ? operation : undefined;
}

/** A name has 3 times 128 characters at most, and a link has it twice. */
const LONGEST_WORD = 2_000;

function namesOf(text: string): OperationName[] {
  const named = parseOperationName(text);
  if (named) return [named];
  return /^https?:\/\//.test(text) ? namesIn(text) : [];
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
export function clip(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
