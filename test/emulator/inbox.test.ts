/** The inbox refuses what Slack and Google Chat refuse, so that the tests of notifications can fail. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CHAT_WEBHOOK, SLACK_WEBHOOK } from '../support/destination.ts';
import { type Emulator, startEmulator } from './index.ts';

let emulator: Emulator;
before(async () => {
  emulator = await startEmulator();
});
after(() => emulator.close());

const statusOf = async (path: string, message: unknown) =>
  (await fetch(emulator.url + path, { method: 'POST', body: JSON.stringify(message) })).status;

const section = (length: number, more: object = {}) => ({
  type: 'section',
  text: { type: 'mrkdwn', text: 'x'.repeat(length) },
  ...more,
});
const button = (value: number) => ({
  type: 'button',
  text: { type: 'plain_text', text: 'Cancel' },
  action_id: 'cancel_operation',
  value: 'x'.repeat(value),
});

for (const [what, within, beyond] of [
  ['50 blocks', Array(50).fill(section(1)), Array(51).fill(section(1))],
  ['3,000 characters of a text', [section(3_000)], [section(3_001)]],
  [
    '2,000 characters of a value',
    [section(1, { accessory: button(2_000) })],
    [section(1, { accessory: button(2_001) })],
  ],
  ['a text as long as Slack takes', Array(11).fill(section(1_000)), Array(12).fill(section(1_000))],
] as const) {
  test(`Slack takes ${what}, and no more`, async () => {
    assert.equal(await statusOf(SLACK_WEBHOOK, { text: 'x', blocks: within }), 200);
    assert.equal(await statusOf(SLACK_WEBHOOK, { text: 'x', blocks: beyond }), 400);
  });
}

const card = (...widgets: object[]) => ({ cardsV2: [{ card: { sections: [{ widgets }] } }] });
const paragraph = (length: number) => ({ textParagraph: { text: 'x'.repeat(length) } });

for (const [what, within, beyond] of [
  ['100 widgets', card(...Array(100).fill(paragraph(1))), card(...Array(101).fill(paragraph(1)))],
  ['32 KB', card(paragraph(31_000)), card(paragraph(32_000))],
  [
    'buttons that open links',
    card({ decoratedText: { text: 'x', button: { onClick: { openLink: {} } } } }),
    card({ decoratedText: { text: 'x', button: { onClick: { action: {} } } } }),
  ],
] as const) {
  test(`Google Chat takes ${what}, and no more`, async () => {
    assert.equal(await statusOf(CHAT_WEBHOOK, within), 200);
    assert.equal(await statusOf(CHAT_WEBHOOK, beyond), 400);
  });
}
