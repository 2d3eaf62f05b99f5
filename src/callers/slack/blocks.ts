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
import type { OperationName } from '../../resource-name.ts';

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

export function cancelButton(name: OperationName): object {
  return {
    type: 'button',
    action_id: CANCEL_ACTION,
    style: 'danger',
    text: plainText('Cancel'),
    value: name,
    confirm: {
      title: plainText('Cancel this operation?'),
      text: plainText(truncate(describeName(name), MAX_CONFIRM)),
      confirm: plainText('Cancel it'),
      deny: plainText('Keep it running'),
      style: 'danger',
    },
  };
}

export function statusButton(name: OperationName): object {
  return { type: 'button', action_id: STATUS_ACTION, text: plainText('Status'), value: name };
}

/** The operation's own id comes first, since a long text is cut at its end. */
function describeName(name: OperationName): string {
  const [, project, , location, , operation] = name.split('/');
  return `${operation} in project ${project}, location ${location}`;
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
