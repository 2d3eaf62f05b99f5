/** What people and upstream wrote is shown as nothing but text, in either chat. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { chatMessage } from '../../src/callers/google-chat/cards.ts';
import { slackMessage } from '../../src/callers/slack/blocks.ts';
import { parseChatCommand } from '../../src/chat/chat-command.ts';
import { age } from '../../src/chat/operation-list.ts';
import { renderReply, replyHeaders } from '../../src/chat/reply.ts';
import type { ChatReply, Requester, TextLine } from '../../src/chat/text.ts';
import type { CommandResult } from '../../src/command.ts';
import { StatusError } from '../../src/errors.ts';
import type { OperationName } from '../../src/resource-name.ts';

// biome-ignore lint/suspicious/noExplicitAny: a message of a chat's.
type Message = any;

const NAME = 'projects/p/locations/l/operations/o' as OperationName;

/** Text that would do something if it were markup. */
const hostile = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        ...['<!here>', '<!channel>', '<@U0456EFGH>', '<!subteam^S1>', '<#C1>', '<users/all>'],
        ...[
          '@channel',
          '@here',
          '@everyone',
          '@all',
          '`',
          '```',
          '*',
          '_',
          '~',
          '&lt;',
          '\n',
          '\r',
        ],
        ...['<https://example.com|x>', '<b>', '</b>', '<a href="x">', '|', '>', '\u2028'],
      ),
    ),
    { maxLength: 12 },
  )
  .map((pieces) => pieces.join(''));

const wordsWith = (text: string): ChatReply => {
  const line: TextLine = ['Said: ', { code: text }, text];
  return { lines: [line], operations: [{ name: NAME, lines: [line, line] }], inChannel: false };
};

const slackTexts = ({ text, blocks }: Message): string[] => [
  text,
  ...blocks.map((block: Message) => block.text.text),
];

describe('Slack', () => {
  test('no text becomes a mention, a link, or any markup between angle brackets', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        for (const shown of slackTexts(slackMessage(wordsWith(text)))) {
          assert.doesNotMatch(shown, /[<>]/);
          assert.doesNotMatch(shown.replace(/&(amp|lt|gt);/g, ''), /&/);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('no text leaves its code span or its line, or is a broadcast', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const words = { lines: [[{ code: text }]], operations: [], inChannel: false };
        const shown = (slackMessage(words) as Message).text;
        assert.match(shown, /^`[^`\n\r]+`$/);
        assert.doesNotMatch(shown, /@(channel|here|everyone)/i);
      }),
      { numRuns: 1_000 },
    );
  });

  test('a userId is a mention, and the hook looks for no other', () => {
    const words: ChatReply = {
      lines: [[{ person: 'U0456EFGH' }]],
      operations: [],
      inChannel: true,
    };
    const message: Message = slackMessage(words);
    assert.equal(message.text, '<@U0456EFGH>');
    assert.equal(message.blocks[0].text.verbatim, true);
  });

  test("Slack's limits hold, however long everything is", () => {
    const part = 'x'.repeat(128);
    const name = `projects/${part}/locations/${part}/operations/${part}` as OperationName;
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
});

describe('Google Chat', () => {
  const options = { handler: 'h', command: '', isConfirmation: false, viewer: undefined };

  test('no text becomes a mention, a link or HTML', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const message: Message = chatMessage(wordsWith(text), options);
        const { decoratedText } = message.cardsV2[0].card.sections[0].widgets[0];
        for (const shown of [message.text, decoratedText.text, decoratedText.bottomLabel]) {
          assert.doesNotMatch(shown, /[<>]/);
          assert.doesNotMatch(shown, /@all\b/i);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('no text leaves its code span', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const words = { lines: [[{ code: text }]], operations: [], inChannel: true };
        assert.match(String(chatMessage(words, options).text), /^`[^`\n\r]+`$/);
      }),
      { numRuns: 1_000 },
    );
  });

  test('20 operations with the longest names stay under the 32,000 bytes of a message', () => {
    const part = 'x'.repeat(128);
    const name = `projects/${part}/locations/${part}/operations/${part}` as OperationName;
    const lines: TextLine[] = [[{ code: name }], [{ code: 'y'.repeat(300) }]];
    const operations = Array.from({ length: 20 }, () => ({ name, lines }));
    const message = chatMessage({ lines: [[]], operations, inChannel: false }, options);
    assert.ok(Buffer.byteLength(JSON.stringify(message)) < 32_000);
  });
});

describe('the headers of a reply', () => {
  const cancel = parseChatCommand(`cancel ${NAME}`);

  test('hold the outcome of a cancel', () => {
    const result = { kind: 'cancel', outcome: 'PENDING', operation: {}, body: '{}' } as const;
    assert.deepEqual(replyHeaders(cancel, result), { 'Cancel-Outcome': 'PENDING' });
  });

  test('hold the reason of a refusal, or the code of an error of upstream', () => {
    const denied = StatusError.create('NOT_ALLOWED', 'No.');
    assert.deepEqual(replyHeaders(cancel, denied), { 'Cancel-Error': 'NOT_ALLOWED' });
    for (const [status, expected] of [
      ['NOT_FOUND', 'NOT_FOUND'],
      ['not\r\na: code', 'UPSTREAM'],
    ] as const) {
      const error = StatusError.upstream({ code: 404, status, message: 'x' }, '{}');
      assert.deepEqual(replyHeaders(cancel, error), { 'Cancel-Error': expected });
    }
    const nothing: CommandResult = { kind: 'nothing' };
    const invalid = parseChatCommand('cancel what');
    assert.deepEqual(replyHeaders(invalid, nothing), { 'Cancel-Error': 'INVALID_REQUEST' });
  });

  test('are absent where nothing was cancelled and nothing failed', () => {
    assert.deepEqual(replyHeaders(parseChatCommand('help'), { kind: 'nothing' }), {});
    const status = parseChatCommand(`status ${NAME}`);
    assert.deepEqual(replyHeaders(status, { kind: 'status', operation: {} }), {});
  });
});

describe('an error reply', () => {
  const requester: Requester = {
    userId: 'U1',
    identities: ['T1/U1'],
    command: '/c',
    supportsFollowUp: false,
  };

  test('shows a refusal from its fields, whatever the message says', () => {
    const error = StatusError.create('NOT_ALLOWED', `${NAME} ${NAME}`, {
      metadata: { hint: 'Because.' },
    });
    const { lines } = renderReply(parseChatCommand(`cancel ${NAME}`), error, requester, 0);
    assert.deepEqual(lines, [
      ['No rule allows you to cancel ', { code: NAME }, '. Because.'],
      ['A rule can name you, or this conversation, as ', { code: 'T1/U1' }, '.'],
    ]);
  });

  test('shows what upstream answered last, from the metadata', () => {
    const metadata = { upstreamStatus: '503', upstreamMessage: 'Try later.' };
    const error = StatusError.create('UPSTREAM_UNAVAILABLE', 'x', { metadata });
    const { lines } = renderReply(parseChatCommand(`status ${NAME}`), error, requester, 0);
    assert.deepEqual(lines[1], ['Google Cloud answered 503: ', { code: 'Try later.' }]);
  });
});

test('an age is told in its two largest units', () => {
  const now = Date.parse('2026-01-10T00:00:00Z');
  const ages: [string | undefined, string | undefined][] = [
    ['2026-01-10T00:00:00Z', '0 s'],
    ['2026-01-09T23:59:15Z', '45 s'],
    ['2026-01-09T23:57:00Z', '3 min'],
    ['2026-01-09T23:56:55Z', '3 min 5 s'],
    ['2026-01-09T20:40:00Z', '3 h 20 min'],
    ['2026-01-07T20:00:00Z', '2 d 4 h'],
    ['2026-01-11T00:00:00Z', '0 s'],
    ['yesterday', undefined],
    [undefined, undefined],
  ];
  for (const [time, expected] of ages) assert.equal(age(time, now), expected);
});
