/** What a reply is made of, before the markup of any chat. */

import type { OperationName } from '../resource-name.ts';

/** The function's own text; text that is shown as it is, whatever it holds; or a person's id. */
export type TextSpan = string | { readonly code: string } | { readonly person: string };
export type TextLine = readonly TextSpan[];

/** A running operation, shown with a button that cancels it. */
export interface OperationItem {
  readonly name: OperationName;
  readonly lines: readonly TextLine[];
}

export interface ChatReply {
  readonly lines: readonly TextLine[];
  readonly operations: readonly OperationItem[];
  /** Whether everybody in the conversation sees it: Google Cloud was asked to cancel something. */
  readonly inChannel: boolean;
}

/** The person who asks. */
export interface Requester {
  /** The chat's own id of the person. */
  readonly userId: string;
  /** What a rule's `principals` can name. */
  readonly identities: readonly string[];
  /** The slash command as it was typed, such as `/cancel-op`; empty where there is none. */
  readonly command: string;
  /** Whether another message can follow the response. */
  readonly supportsFollowUp: boolean;
}

/** Returns a reply that only the requester sees. */
export function ephemeral(lines: readonly TextLine[]): ChatReply {
  return { lines, operations: [], inChannel: false };
}

/** Returns a command as the requester can type it. */
export function commandSpan({ command }: Requester, text: string): TextSpan {
  return { code: `${command} ${text}`.trim() };
}

const MAX_QUOTED = 500;

/** Returns what Google Cloud wrote, of a length that suits a chat. */
export function codeSpan(message: string): TextSpan {
  return { code: truncate(message, MAX_QUOTED) };
}

/** Returns at most `max` characters of a text. Marks the cut, and cuts no character in two. */
export function truncate(text: string, max: number): string {
  if (text.length <= max) return text;
  return `${text.slice(0, max - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
