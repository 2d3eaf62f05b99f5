/** What words for a chat are made of, before any chat's own markup. */

import type { OperationName } from '../resource-name.ts';
import { type ChatCommand, truncate } from './chat-command.ts';

/** Text of the hook's own; what is shown as it stands, whatever is in it; or a person. */
export type TextSpan = string | { readonly code: string } | { readonly person: string };
export type TextLine = readonly TextSpan[];

/** A running operation, with a button that cancels it. */
export interface OperationItem {
  readonly name: OperationName;
  readonly lines: readonly TextLine[];
}

export interface ChatReply {
  readonly lines: readonly TextLine[];
  readonly operations: readonly OperationItem[];
  /** For everyone in the conversation, since a cancel was asked of Google Cloud; else for the requester. */
  readonly inChannel: boolean;
}

/** Who hears the words. */
export interface Requester {
  /** The chat's own id of the person. */
  readonly userId: string;
  readonly identities: readonly string[];
  /** The slash command as it was typed, such as `/cancel`; empty where there is none. */
  readonly command: string;
  /** Whether words still reach them after the answer. */
  readonly supportsFollowUp: boolean;
}

/** Upstream's own words are cut: a chat is no place for a long one. */
const MAX_QUOTED = 500;

export function ephemeral(lines: readonly TextLine[]): ChatReply {
  return { lines, operations: [], inChannel: false };
}

/** The name that a command is about; empty where it is about none. */
export function operationName(command: ChatCommand): string {
  return command.kind === 'cancel' || command.kind === 'status' ? command.operation : '';
}

/** How to learn more: the command to type. */
export function retryHint(command: ChatCommand, requester: Requester): TextLine[] {
  if (command.kind === 'list')
    return [['Ask again: ', commandSpan(requester, `list ${command.parent}`)]];
  const name = operationName(command);
  return name ? [['Ask again: ', commandSpan(requester, `status ${name}`)]] : [];
}

export function commandSpan({ command }: Requester, words: string): TextSpan {
  return { code: `${command} ${words}`.trim() };
}

export function codeSpan(message: string): TextSpan {
  return { code: truncate(message, MAX_QUOTED) };
}

/** Said wherever upstream was asked for a cancel and nothing came back. */
export const UNKNOWN: TextLine = ['Whether the cancellation was accepted is not known.'];
