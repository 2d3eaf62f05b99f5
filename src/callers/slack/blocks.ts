/**
 * Words as Slack shows them: https://docs.slack.dev/messaging/formatting-message-text and
 * https://docs.slack.dev/reference/block-kit
 */

import { truncate } from '../../chat/chat-command.ts';
import type { ChatReply, OperationItem, TextLine, TextSpan } from '../../chat/text.ts';
import type { OperationName } from '../../resource-name.ts';

/** What a button of the hook's is known by; its value is the operation's name. */
export const CANCEL_ACTION = 'cancel_operation';

/** The button of a notification that asks for an operation's status. */
export const STATUS_ACTION = 'operation_status';

/** Slack's own limits: https://docs.slack.dev/reference/block-kit/blocks/section-block */
const MAX_SECTION = 3_000;
const MAX_CONFIRM = 300;

/**
 * A message's JSON, for an answer and for a `response_url` alike.
 *
 * @param command the slash command as it is called; a click brings it back in its block's id
 */
export function slackMessage(
  { lines, operations, inChannel }: ChatReply,
  command = '',
): Readonly<Record<string, unknown>> {
  const head = lines.map(mrkdwn).join('\n');
  const all = [head, ...operations.map((offer) => offer.lines.map(mrkdwn).join('\n'))];
  return {
    response_type: inChannel ? 'in_channel' : 'ephemeral',
    // Shown where blocks are not: in notifications, and to screen readers.
    text: all.filter((text) => text !== '').join('\n'),
    blocks: [
      ...(head === '' ? [] : [section(head)]),
      ...operations.map((offer, index) => offerBlock(offer, `${command} ${index}`)),
    ],
  };
}

function offerBlock({ name, lines }: OperationItem, block_id: string): object {
  return { block_id, ...section(lines.map(mrkdwn).join('\n')), accessory: cancelButton(name) };
}

export function section(text: string): object {
  // `verbatim`: Slack looks for no mention, channel or link in it that is not marked as one.
  const cut = text.length > MAX_SECTION ? `${text.slice(0, MAX_SECTION - 2)}…` : text;
  return { type: 'section', text: { type: 'mrkdwn', text: cut, verbatim: true } };
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
      text: plainText(truncate(question(name), MAX_CONFIRM)),
      confirm: plainText('Cancel it'),
      deny: plainText('Keep it running'),
      style: 'danger',
    },
  };
}

export function statusButton(name: OperationName): object {
  return { type: 'button', action_id: STATUS_ACTION, text: plainText('Status'), value: name };
}

/** The operation's own id first: a long name is cut at its end. */
function question(name: OperationName): string {
  const [, project, , location, , operation] = name.split('/');
  return `${operation} in project ${project}, location ${location}`;
}

export function plainText(text: string): object {
  return { type: 'plain_text', text };
}

export function mrkdwn(line: TextLine): string {
  return line.map(piece).join('');
}

function piece(one: TextSpan): string {
  if (typeof one === 'string') return escaped(one);
  if ('person' in one) return `<@${one.person}>`;
  return `\`${escaped(neutralizeMentions(one.code)) || ' '}\``;
}

/** These three characters are all that Slack's markup begins or ends with. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** One line that leaves a code span at no point, and that no client takes for a broadcast. */
function neutralizeMentions(text: string): string {
  return text
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .replaceAll('`', "'")
    .replace(/@(?=channel|here|everyone)/gi, '@\u200b');
}
