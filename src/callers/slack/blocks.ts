/**
 * Messages as Slack shows them: https://docs.slack.dev/messaging/formatting-message-text and
 * https://docs.slack.dev/reference/block-kit
 */

import {
  type ChatReply,
  type OperationItem,
  type TextLine,
  type TextSpan,
  truncate,
} from '../../chat/text.ts';
import type { CommandResult } from '../../command.ts';
import type { StatusError } from '../../errors.ts';
import { DEFAULT_SERVICE, nounOf, type ResourceName, splitName } from '../../resource-name.ts';
import { isRecord, stringOrEmpty } from '../../validation/values.ts';

/** The action id of a button that cancels; its value is the operation's name. */
export const CANCEL_ACTION = 'cancel_operation';

/** The action id of a notification's button that shows the status of an operation. */
export const STATUS_ACTION = 'operation_status';

/** Slack's limits: https://docs.slack.dev/reference/block-kit/blocks/section-block */
const MAX_SECTION = 3_000;
const MAX_CONFIRM = 300;

/**
 * Returns a message's JSON, for a response and for a `response_url` alike.
 *
 * @param command the slash command as it was typed; a click brings it back in the block's id
 */
export function slackMessage(
  { lines, operations, inChannel }: ChatReply,
  command = '',
): Readonly<Record<string, unknown>> {
  const head = toText(lines);
  const texts = [head, ...operations.map((item) => toText(item.lines))];
  return {
    response_type: inChannel ? 'in_channel' : 'ephemeral',
    // Shown where blocks are not: in notifications, and to screen readers.
    text: texts.filter((text) => text !== '').join('\n'),
    blocks: [
      ...(head === '' ? [] : [section(head)]),
      ...operations.map((item, index) => operationBlock(item, `${command} ${index}`)),
    ],
  };
}

function operationBlock({ name, lines }: OperationItem, block_id: string): object {
  return { block_id, ...section(toText(lines)), accessory: cancelButton(name) };
}

function toText(lines: readonly TextLine[]): string {
  return lines.map(mrkdwn).join('\n');
}

export function section(text: string): object {
  // `verbatim`: Slack turns only marked text into mentions, channels and links.
  const mrkdwn = { type: 'mrkdwn', text: truncate(text, MAX_SECTION), verbatim: true };
  return { type: 'section', text: mrkdwn };
}

export function cancelButton(name: ResourceName): object {
  return {
    type: 'button',
    action_id: CANCEL_ACTION,
    style: 'danger',
    text: plainText('Cancel'),
    value: name,
    confirm: {
      title: plainText(`Cancel this ${nounOf(name)}?`),
      text: plainText(truncate(describeName(name), MAX_CONFIRM)),
      confirm: plainText('Cancel it'),
      deny: plainText('Keep it running'),
      style: 'danger',
    },
  };
}

export function statusButton(name: ResourceName): object {
  return { type: 'button', action_id: STATUS_ACTION, text: plainText('Status'), value: name };
}

/** The operation's own id comes first, since a long text is cut at its end. */
function describeName(name: ResourceName): string {
  const { service, path } = splitName(name);
  const [, project, , location, ...others] = path.split('/');
  const id = others.at(-1) ?? location;
  const place = others.length === 0 ? '' : `, location ${location}`;
  const origin = service === DEFAULT_SERVICE ? '' : `, service ${service}`;
  return `${id} in project ${project}${place}${origin}`;
}

export function plainText(text: string): object {
  return { type: 'plain_text', text };
}

export function mrkdwn(line: TextLine): string {
  return line.map(spanText).join('');
}

function spanText(span: TextSpan): string {
  if (typeof span === 'string') return escapeText(span);
  if ('person' in span) return `<@${span.person}>`;
  return `\`${escapeText(neutralizeMentions(span.code)) || ' '}\``;
}

/** Slack's markup begins and ends with these three characters only. */
function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Returns one line that stays inside its code span, and that no client takes for a broadcast. */
function neutralizeMentions(text: string): string {
  return text
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .replaceAll('`', "'")
    .replace(/@(?=channel|here|everyone)/gi, '@\u200b');
}

/** The block of an operation that people decide on. */
const ASK_BLOCK = /^ask \d{1,3}$/;
/** https://docs.slack.dev/reference/block-kit/blocks/header-block */
const MAX_HEADER = 150;

export function askBlockId(index: number): string {
  return `ask ${index}`;
}

/** Whether there is nothing left to decide: the cancel was sent, or the operation was done before. */
function isDecided(result: CommandResult | StatusError): boolean {
  return (
    !(result instanceof Error) && result.kind === 'cancel' && result.outcome !== 'WOULD_CANCEL'
  );
}

/**
 * @param blocks of the message whose button was pressed, as Slack sends them with the press
 * @param text the outcome, in Slack's markup
 * @returns the message in its new form; undefined if it stays as it is
 */
export function replaceAsk(
  blocks: readonly unknown[],
  blockId: string,
  result: CommandResult | StatusError,
  text: string,
): Readonly<Record<string, unknown>> | undefined {
  const asks = blocks.filter((block) => ASK_BLOCK.test(idOf(block)));
  const asked = asks.find((block) => idOf(block) === blockId);
  if (!asked || !isDecided(result)) return undefined;
  const outcome = [text, ...factLines(asked)].join('\n');
  const [first = ''] = text.split('\n');
  return {
    replace_original: true,
    text: first,
    blocks: blocks.map((block) => {
      if (block === asked) return section(outcome);
      // The headline of a message about one operation asks for its cancel, too.
      const isHeadline = asks.length === 1 && isRecord(block) && block.type === 'header';
      return isHeadline
        ? { type: 'header', text: plainText(first.replaceAll('`', '').slice(0, MAX_HEADER)) }
        : block;
    }),
  };
}

/** What the block says below its title. */
function factLines(block: unknown): string[] {
  const text = isRecord(block) && isRecord(block.text) ? stringOrEmpty(block.text.text) : '';
  return text.split('\n').slice(1);
}

function idOf(block: unknown): string {
  return isRecord(block) ? stringOrEmpty(block.block_id) : '';
}
