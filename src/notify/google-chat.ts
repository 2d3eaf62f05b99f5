/**
 * A notification as a message of Google Chat's incoming webhooks, whose cards have no buttons that act:
 * https://developers.google.com/workspace/chat/quickstart/webhooks
 */

import { toPlainText } from '../callers/google-chat/cards.ts';
import type { TextLine } from '../chat/text.ts';
import { MAX_ITEMS, type Notification, renderNotification } from './notification.ts';

/** A card may have 32 KB: https://developers.google.com/workspace/chat/api/reference/rest/v1/CardWithId */
const MAX_BYTES = 30_000;

/** @param now milliseconds since 1970 */
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
