/** What people and Google Cloud wrote is shown as nothing but text. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { chatMessage } from '../../../src/callers/google-chat/cards.ts';
import { ephemeral, type TextLine } from '../../../src/chat/text.ts';
import type { ResourceName } from '../../../src/resource-name.ts';
import { hostileText } from '../../support/hostile-text.ts';

// biome-ignore lint/suspicious/noExplicitAny: a message of Chat's.
type Message = any;

const NAME = 'projects/p/locations/l/operations/o' as ResourceName;
const options = { handler: 'h', command: '', isConfirmation: false, viewer: undefined };

test('no text becomes a mention, a link or HTML', () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      const line: TextLine = ['It failed: ', { code: text }, text];
      const operations = [{ name: NAME, lines: [line, line] }];
      const reply = { lines: [line], operations, inChannel: false };
      const message: Message = chatMessage(reply, options);
      const { decoratedText } = message.cardsV2[0].card.sections[0].widgets[0];
      for (const shown of [message.text, decoratedText.text, decoratedText.bottomLabel]) {
        assert.doesNotMatch(shown, /[<>]/);
        assert.doesNotMatch(shown, /@all\b/i);
      }
    }),
    { numRuns: 500 },
  );
});

test('no text leaves its code span', () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      const message = chatMessage(ephemeral([[{ code: text }]]), options);
      assert.match(String(message.text), /^`[^`\n\r]+`$/);
    }),
    { numRuns: 500 },
  );
});

test('only what everybody may see is for everybody', () => {
  const reply = { lines: [['Done']], operations: [] };
  const viewer = 'users/1';
  const message = (inChannel: boolean, of: string | undefined) =>
    chatMessage({ ...reply, inChannel }, { ...options, viewer: of });
  assert.deepEqual(message(false, viewer), {
    text: 'Done',
    privateMessageViewer: { name: viewer },
  });
  assert.deepEqual(message(true, viewer), { text: 'Done' });
  assert.deepEqual(message(false, undefined), { text: 'Done' });
});

test('20 operations with the longest names stay under the 32,000 bytes of a message', () => {
  const part = 'x'.repeat(128);
  const name = `projects/${part}/locations/${part}/operations/${part}` as ResourceName;
  const lines: TextLine[] = [[{ code: name }], [{ code: 'y'.repeat(300) }]];
  const operations = Array.from({ length: 20 }, () => ({ name, lines }));
  const message = chatMessage({ lines: [[]], operations, inChannel: false }, options);
  assert.ok(Buffer.byteLength(JSON.stringify(message)) < 32_000);
});
