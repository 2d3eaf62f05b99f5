/** What a reply is made of, before the markup of any chat. */

import type { CommandResult, RunningOperation } from '../command.ts';
import { parseResourceName, type ResourceName, resourceTypeOf } from '../resource-name.ts';

/** The function's own text; text that is shown as it is, whatever it holds; or a person's id. */
export type TextSpan = string | { readonly code: string } | { readonly person: string };
export type TextLine = readonly TextSpan[];

/** A running operation, shown with a button that cancels it. */
export interface OperationItem {
  readonly name: ResourceName;
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
  /** A name of each type of resource that rules name. */
  readonly examples: readonly string[];
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

/** A target is text of Google Cloud's, of any length. */
const MAX_TARGET = 300;

/** @param now milliseconds since 1970 */
export function renderList(
  parent: string,
  { found, more }: Extract<CommandResult, { kind: 'list' }>,
  now: number,
): ChatReply {
  const place = { code: parent };
  if (found.length === 0) {
    return ephemeral([['No operation that you may cancel is running in ', place, '.']]);
  }
  const rest = more === 0 ? '' : ` (and ${more} newer)`;
  const head: TextLine = ['Running in ', place, `, oldest first${rest}:`];
  return { lines: [head], operations: found.map((one) => toItem(one, now)), inChannel: false };
}

function toItem(operation: RunningOperation, now: number): OperationItem {
  const { name } = operation;
  return { name, lines: [[{ code: name }], describeOperation(operation, now)] };
}

interface Metadata {
  readonly name: string;
  readonly verb?: string | undefined;
  readonly target?: string | undefined;
  readonly createTime?: string | undefined;
}

/**
 * Returns `create of projects/…, for 3 h`, as far as it is known; of a resource without verb and target
 * only its age.
 *
 * @param now milliseconds since 1970
 */
export function describeOperation(
  { name, verb, target, createTime }: Metadata,
  now: number,
  done = false,
): TextLine {
  const age = formatAge(createTime, now);
  const resource = parseResourceName(name);
  if (resource && !resourceTypeOf(resource).hasMetadata) {
    if (age === undefined) return ['Age unknown'];
    return [done ? `Started ${age} ago` : `Running for ${age}`];
  }
  return [
    verb ? { code: truncate(verb, MAX_TARGET) } : 'Kind unknown',
    ...(target ? [' of ', { code: truncate(target, MAX_TARGET) }] : []),
    ...(age === undefined ? [] : [done ? `, started ${age} ago` : `, for ${age}`]),
  ];
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

/** Returns the two largest units, such as `2 d 4 h`; undefined if the time cannot be read. */
export function formatAge(time: string | undefined, now: number): string | undefined {
  const age = Math.max(now - Date.parse(time ?? ''), 0);
  if (Number.isNaN(age)) return undefined;
  const at = UNITS.findIndex(([, size]) => age >= size);
  const [unit, size] = UNITS[at < 0 ? UNITS.length - 1 : at] ?? ['s', 1_000];
  const next = UNITS[at < 0 ? UNITS.length : at + 1];
  const rest = next ? Math.floor((age % size) / next[1]) : 0;
  const first = `${Math.floor(age / size)} ${unit}`;
  return next && rest > 0 ? `${first} ${rest} ${next[0]}` : first;
}
