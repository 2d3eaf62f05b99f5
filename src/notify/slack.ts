/**
 * A notification as a message of Slack's incoming webhooks:
 * https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
 */

import {
  askBlockId,
  cancelButton,
  mrkdwn,
  plainText,
  section,
  statusButton,
} from '../callers/slack/blocks.ts';
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
    if (most === 0 || textLength(blocks) <= MAX_TEXT) return { text: text.title, blocks };
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
    : { block_id: `told ${index}`, ...text, accessory: statusButton(operation) };
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
