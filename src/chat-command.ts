/** What a person typed after a slash command, whatever that is called: read, not yet answered. */

import type { Ask } from './ask.ts';
import { namesIn } from './names-in-text.ts';
import {
  type LocationName,
  type OperationName,
  parseLocationName,
  parseOperationName,
} from './operation.ts';

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

/** The one name in a word: as it stands, in backticks or brackets, or in a link that a chat made. */
function operationOf(word: string): OperationName | undefined {
  const text = bare(word);
  const named = parseOperationName(text);
  if (named || !/^https?:\/\//.test(text)) return named;
  const [operation, ...more] = namesIn(text);
  return more.length === 0 ? operation : undefined;
}

/**
 * A word without what chats and people put around names. Slack writes a link as `<url|text>`:
 * https://docs.slack.dev/messaging/formatting-message-text
 */
function bare(word: string): string {
  const [, inner = word] = /^[`<]*([^`<>]*)[`>]*$/.exec(word) ?? [];
  const [url = '', label] = inner.split('|');
  return label !== undefined && parseOperationName(label) ? label : url;
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
