/** What people and Google Cloud wrote is shown as nothing but text. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { slackMessage } from '../../../src/callers/slack/blocks.ts';
import { ephemeral, type TextLine } from '../../../src/chat/text.ts';
import type { ResourceName } from '../../../src/resource-name.ts';
import { hostileText } from '../../support/hostile-text.ts';

// biome-ignore lint/suspicious/noExplicitAny: a message of Slack's.
type Message = any;

const NAME = 'projects/p/locations/l/operations/o' as ResourceName;

test('no text becomes a mention, a link, or markup between angle brackets', () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      const line: TextLine = ['It failed: ', { code: text }, text];
      const operations = [{ name: NAME, lines: [line, line] }];
      const message: Message = slackMessage({ lines: [line], operations, inChannel: false });
      for (const shown of [message.text, ...message.blocks.map((one: Message) => one.text.text)]) {
        assert.doesNotMatch(shown, /[<>]/);
        assert.doesNotMatch(shown.replace(/&(amp|lt|gt);/g, ''), /&/);
      }
    }),
    { numRuns: 500 },
  );
});

test('no text leaves its code span or its line, or is a broadcast', () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      const { text: shown }: Message = slackMessage(ephemeral([[{ code: text }]]));
      assert.match(shown, /^`[^`\n\r]+`$/);
      assert.doesNotMatch(shown, /@(channel|here|everyone)/i);
    }),
    { numRuns: 500 },
  );
});

test('a person is a mention, and Slack looks for no other', () => {
  const message: Message = slackMessage(ephemeral([[{ person: 'U0456EFGH' }]]));
  assert.equal(message.text, '<@U0456EFGH>');
  assert.equal(message.blocks[0].text.verbatim, true);
});

test('a button asks for a confirmation, and brings the slash command back', () => {
  const operations = [{ name: NAME, lines: [['Running']] }];
  const reply = { lines: [], operations, inChannel: false };
  const message: Message = slackMessage(reply, '/cancel-op');
  const [{ block_id, accessory }] = message.blocks;
  assert.equal(block_id, '/cancel-op 0');
  assert.deepEqual([accessory.action_id, accessory.value], ['cancel_operation', NAME]);
  assert.deepEqual(Object.keys(accessory.confirm), ['title', 'text', 'confirm', 'deny', 'style']);
  assert.equal(accessory.confirm.text.text, 'o in project p, location l');
});

test("Slack's limits hold, however long everything is", () => {
  const part = 'x'.repeat(128);
  const name = `projects/${part}/locations/${part}/operations/${part}` as ResourceName;
  const long: TextLine = [{ code: '<'.repeat(5_000) }];
  const operations = Array.from({ length: 20 }, () => ({ name, lines: [long] }));
  const message: Message = slackMessage({ lines: [long], operations, inChannel: false });
  assert.ok(message.blocks.length <= 50);
  for (const { text, accessory } of message.blocks) {
    assert.ok(text.text.length <= 3_000);
    if (!accessory) continue;
    const { value, confirm } = accessory;
    assert.ok(value.length <= 2_000);
    assert.ok(accessory.text.text.length <= 75);
    assert.ok(confirm.title.text.length <= 100);
    assert.ok(confirm.text.text.length <= 300);
    assert.ok(confirm.confirm.text.length <= 30 && confirm.deny.text.length <= 30);
  }
});
