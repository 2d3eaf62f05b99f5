/** Destinations for tests: incoming webhooks that the emulator plays, and a press on their buttons. */

import { clickForm } from '../../src/cli/send/senders/slack.ts';
import type { Emulator, InboxMessage } from '../emulator/index.ts';

/** The paths of the emulator's webhooks; each holds what nobody else may know. */
export const SLACK_WEBHOOK = '/services/T0123ABCD/B0456EFGH/slack-webhook-secret'.replaceAll(
  '-',
  '_',
);
export const CHAT_WEBHOOK =
  '/v1/spaces/AAAA1234/messages?key=chat-webhook-key&token=chat-webhook-token';

/**
 * What Slack sends when somebody presses a button of a message:
 * https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
 *
 * @param name the operation that the button is for
 */
export function pressForm(
  { url }: Emulator,
  { body, responsePath }: InboxMessage,
  name: string,
  over: Readonly<Record<string, unknown>> = {},
): string {
  const block = body.blocks.find(
    ({ accessory }: { accessory?: { value?: string } }) => accessory?.value === name,
  );
  if (!block) throw new Error(`no button for ${name}`);
  const { action_id, value } = block.accessory;
  return clickForm(name, {
    container: { type: 'message', is_ephemeral: false },
    message: { type: 'message', text: body.text, blocks: body.blocks, ts: '1.2' },
    response_url: `${url}${responsePath}`,
    actions: [{ type: 'button', block_id: block.block_id, action_id, value, action_ts: '1.2' }],
    ...over,
  });
}

/** Waits until the inbox holds so many messages. */
export async function waitForMessages({ inbox }: Emulator, count: number): Promise<InboxMessage[]> {
  for (let tries = 0; tries < 400 && inbox.length < count; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  if (inbox.length < count) throw new Error(`${inbox.length} of ${count} messages came`);
  return inbox;
}
