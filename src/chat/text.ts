/** What words for a chat are made of, before any chat's own markup. */

import type { OperationName } from '../resource-name.ts';
import { type Command, clip } from './chat-command.ts';

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

export function forAsker(lines: readonly Line[]): Words {
  return { lines, offers: [], forAll: false };
}

/** The name that a command is about; empty where it is about none. */
export function nameIn(command: Command): string {
  return command.kind === 'cancel' || command.kind === 'status' ? command.operation : '';
}

/** How to learn more: the command to type. */
export function again(command: Command, asker: Asker): Line[] {
  if (command.kind === 'list') return [['Ask again: ', typed(asker, `list ${command.parent}`)]];
  const name = nameIn(command);
  return name ? [['Ask again: ', typed(asker, `status ${name}`)]] : [];
}

export function typed({ command }: Asker, words: string): Piece {
  return { code: `${command} ${words}`.trim() };
}

export function quoted(message: string): Piece {
  return { code: clip(message, MOST_QUOTED) };
}

/** Said wherever upstream was asked for a cancel and nothing came back. */
export const UNKNOWN: Line = ['Whether the cancellation was accepted is not known.'];
