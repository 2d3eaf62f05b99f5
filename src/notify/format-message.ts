/** Formats a notification for the incoming webhooks of Slack and of Google Chat. */

import { toPlainText } from '../callers/google-chat/cards.ts';
import {
  askBlockId,
  cancelButton,
  mrkdwn,
  plainText,
  section,
  statusButton,
} from '../callers/slack/blocks.ts';
import type { TextLine } from '../chat/text.ts';
import { parseResourceName } from '../resource-name.ts';
import {
  MAX_ITEMS,
  type Notification,
  type NotificationItem,
  type NotificationText,
  renderNotification,
} from './notification.ts';

/**
 * The text of all blocks together. Slack documents no limit, and refuses messages from about 11,000
 * characters on with `msg_blocks_too_long`: https://github.com/slackapi/bolt-js/issues/2867
 */
const MAX_TEXT = 10_000;

/**
 * Formats a message of Slack's incoming webhooks:
 * https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
 *
 * @param now milliseconds since 1970
 * @param interactive whether buttons work: they need a caller of type `slack`
 */
export function toSlackMessage(
  notification: Notification,
  now: number,
  interactive: boolean,
): Readonly<Record<string, unknown>> {
  for (let most = MAX_ITEMS; ; most--) {
    const text = renderNotification(notification, now, most);
    const blocks = toBlocks(text, interactive);
    if (most === 0 || textLength(blocks) <= MAX_TEXT) return { text: mrkdwn([text.title]), blocks };
  }
}

function toBlocks({ title, lines, items, footer }: NotificationText, interactive: boolean) {
  return [
    { type: 'header', text: plainText(title) },
    section(lines.map(mrkdwn).join('\n')),
    ...items.map((item, index) => toBlock(item, index, interactive)),
    ...(footer.length === 0
      ? []
      : [{ type: 'context', elements: [contextText(footer.map(mrkdwn).join('\n'))] }]),
  ];
}

function toBlock(item: NotificationItem, index: number, interactive: boolean): object {
  const { name, title, lines, button } = item;
  const operation = interactive && button ? parseResourceName(name) : undefined;
  const text = section([[title], ...lines].map(mrkdwn).join('\n'));
  if (!operation) return text;
  return button === 'cancel'
    ? { block_id: askBlockId(index), ...text, accessory: cancelButton(operation) }
    : { block_id: `notified ${index}`, ...text, accessory: statusButton(operation) };
}

function contextText(text: string): object {
  return { type: 'mrkdwn', text, verbatim: true };
}

/** The length of everything that is shown, wherever in the blocks it stands. */
function textLength(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum, one) => sum + textLength(one), 0);
  if (typeof value !== 'object' || value === null) return 0;
  return Object.entries(value).reduce(
    (sum, [key, one]) =>
      sum + (key === 'text' && typeof one === 'string' ? one.length : textLength(one)),
    0,
  );
}

/** A card may have 32 KB: https://developers.google.com/workspace/chat/api/reference/rest/v1/CardWithId */
const MAX_BYTES = 30_000;

/**
 * Formats a message of Google Chat's incoming webhooks, whose cards have no buttons that act:
 * https://developers.google.com/workspace/chat/quickstart/webhooks
 *
 * @param now milliseconds since 1970
 */
export function toGoogleChatMessage(
  notification: Notification,
  now: number,
): Readonly<Record<string, unknown>> {
  for (let most = MAX_ITEMS; ; most--) {
    const message = toMessage(notification, now, most);
    if (most === 0 || Buffer.byteLength(JSON.stringify(message)) <= MAX_BYTES) return message;
  }
}

function toMessage(
  notification: Notification,
  now: number,
  most: number,
): Readonly<Record<string, unknown>> {
  const { title, lines, items, footer } = renderNotification(notification, now, most);
  const paragraphs = (texts: readonly TextLine[]) =>
    texts.length === 0 ? [] : [{ textParagraph: { text: texts.map(toText).join('\n') } }];
  const widgets = [
    ...paragraphs(lines),
    ...items.map((item) => ({
      decoratedText: {
        text: toPlainText(item.title),
        bottomLabel: item.lines.map(toText).join(' · '),
        wrapText: true,
      },
    })),
    ...paragraphs(footer),
  ];
  return {
    // Shown where the card is not, such as on a phone's lock screen.
    fallbackText: toPlainText(title),
    cardsV2: [
      {
        cardId: 'cancel-hook',
        card: { header: { title: toPlainText(title) }, sections: [{ widgets }] },
      },
    ],
  };
}

function toText(line: TextLine): string {
  return line.map(toPlainText).join('');
}
