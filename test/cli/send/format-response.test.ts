/** Whether a chat's answer, a 200 in any case, says that the command was carried out. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { chatMessage } from '../../../src/callers/google-chat/cards.ts';
import { slackMessage } from '../../../src/callers/slack/blocks.ts';
import { type ChatCommand, parseChatCommand } from '../../../src/chat/chat-command.ts';
import { renderReply, replyHeaders } from '../../../src/chat/reply.ts';
import type { ChatReply } from '../../../src/chat/text.ts';
import { formatResponse } from '../../../src/cli/send/format-response.ts';
import type { CommandResult as Learned } from '../../../src/command.ts';
import { StatusError } from '../../../src/errors.ts';
import { OPERATIONS } from '../../support/test-app.ts';

const PARENT = OPERATIONS.replace(/\/operations$/, '');

describe('a chat’s answer', () => {
  const name = `${OPERATIONS}/o`;
  const asker = {
    userId: 'U1',
    identities: ['T1/U1'],
    command: '/cancel-op',
    supportsFollowUp: false,
    examples: [],
  };
  const options = { handler: 'h', command: '', isConfirmation: false, viewer: undefined };
  const answer = (words: ChatReply, slack: boolean, headers = {}) => ({
    status: 200,
    headers: new Headers(headers),
    text: JSON.stringify(slack ? slackMessage(words) : chatMessage(words, options)),
    at: 0,
  });
  function judged(command: ChatCommand, learned: unknown): boolean {
    const words = renderReply(command, learned as Learned, asker, 0);
    const headers = replyHeaders(command, learned as Learned);
    const [slack, chat] = [true, false].map(
      (is) => formatResponse(answer(words, is, headers), is ? 'slack' : 'google-chat').succeeded,
    );
    assert.equal(slack, chat);
    return slack === true;
  }
  const cancel = parseChatCommand(`cancel ${name}`);

  test('is good where the command was carried out, whatever came of it', () => {
    const outcomes: Record<Extract<Learned, { kind: 'cancel' }>['outcome'], true> = {
      CANCELLED: true,
      CANCEL_REQUESTED: true,
      PENDING: true,
      COMPLETED: true,
      FAILED: true,
      ALREADY_DONE: true,
      WOULD_CANCEL: true,
      ASKED: true,
    };
    for (const outcome of Object.keys(outcomes)) {
      const learned = { kind: 'cancel', outcome, state: { ended: 'COMPLETED' }, body: '{}' };
      assert.ok(judged(cancel, learned), outcome);
    }
    for (const state of [{ ended: 'CANCELLED' }, {}]) {
      const learned = { kind: 'status', state };
      assert.ok(judged(parseChatCommand(`status ${name}`), learned));
    }
    const list = parseChatCommand(`list ${PARENT}`);
    assert.ok(judged(list, { kind: 'list', found: [], more: 0 }));
    assert.ok(judged(list, { kind: 'list', found: [{ name }], more: 3 }));
    assert.ok(judged(parseChatCommand('help'), { kind: 'noop' }));
  });

  test('is none where it was refused, not understood, or not answered', () => {
    for (const reason of ['NOT_ALLOWED', 'UPSTREAM_UNAVAILABLE', 'INTERNAL'] as const) {
      assert.ok(!judged(cancel, StatusError.create(reason, `No rule allows ${name}.`)));
    }
    assert.ok(!judged(cancel, { kind: 'deadline-exceeded' }));
    assert.ok(!judged(parseChatCommand('cancel what'), { kind: 'noop' }));
  });

  test('is shown as it reads, with what its buttons would cancel', () => {
    const found = [
      { name, verb: 'create', target: 'a<b>&c', createTime: new Date(0).toISOString() },
    ];
    const words = renderReply(
      parseChatCommand(`list ${PARENT}`),
      { kind: 'list', found, more: 0 } as never,
      asker,
      60_000,
    );
    const head = `Running in \`${PARENT}\`, oldest first:`;
    assert.equal(
      formatResponse(answer(words, true), 'slack').text,
      `${head}\n\`${name}\`\n\`create\` of \`a<b>&c\`, for 1 min\n[Cancel] ${name}`,
    );
    assert.equal(
      formatResponse(answer(words, false), 'google-chat').text,
      `${head}\n[Cancel] ${name} (create of a‹b›&c, for 1 min)`,
    );
  });
});
