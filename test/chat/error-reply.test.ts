import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseChatCommand } from '../../src/chat/chat-command.ts';
import { renderError } from '../../src/chat/error-reply.ts';
import type { Requester } from '../../src/chat/text.ts';
import { StatusError } from '../../src/errors.ts';
import { linesOf } from '../support/reply-text.ts';

const PARENT = 'projects/p/locations/l';
const NAME = `${PARENT}/operations/o`;
const REQUESTER: Requester = {
  userId: 'U1',
  identities: ['T1/U1', 'T1/C1'],
  command: '/c',
  supportsFollowUp: false,
  examples: [],
};

function render(text: string, error: StatusError, over: Partial<Requester> = {}): string[] {
  const reply = renderError(parseChatCommand(text), error, { ...REQUESTER, ...over });
  assert.equal(reply.inChannel, false);
  return linesOf(reply);
}

describe('a denial', () => {
  test('is written from its fields, whatever the message says, with the identities', () => {
    const error = StatusError.create('NOT_ALLOWED', `${NAME} ${NAME}`, {
      metadata: { hint: 'Because.' },
    });
    assert.deepEqual(render(`cancel ${NAME}`, error), [
      `No rule allows you to cancel [${NAME}]. Because.`,
      'A rule can name you, or this conversation, as [T1/U1], [T1/C1].',
    ]);
  });

  test('of a list names the location; without an identity it says so', () => {
    const error = StatusError.create('NOT_ALLOWED', 'x');
    assert.deepEqual(render(`list ${PARENT}`, error, { identities: [] }), [
      `No rule allows you to cancel anything in [${PARENT}].`,
      'The request has no identity that a rule can name.',
    ]);
  });
});

describe('an error of Google Cloud', () => {
  test('is quoted, and tells the operation', () => {
    const upstream = (status: string) =>
      StatusError.upstream({ code: 404, status, message: 'Not <here>.' }, '{}');
    assert.deepEqual(render(`cancel ${NAME}`, upstream('NOT_FOUND')), [
      'Google Cloud answered 404 NOT_FOUND: [Not <here>.]',
      `The request was about [${NAME}].`,
    ]);
    assert.match(render('list', upstream('<!here>'))[0] ?? '', /answered 404: /);
  });
});

describe('a failed cancel', () => {
  test('beyond the limit of the caller says so, and offers the same cancel again', () => {
    const error = StatusError.create('RATE_LIMITED', 'Try again in 9 s.', { sent: false });
    assert.deepEqual(render(`cancel ${NAME}`, error), [
      'Try again in 9 s.',
      'The cancellation was not sent.',
      `To try again: [/c cancel ${NAME}]`,
      'Requested by @U1.',
    ]);
  });

  const unavailable = { metadata: { upstreamStatus: '503', upstreamMessage: 'Try later.' } };

  test('that may have been sent says that nobody knows, and offers status', () => {
    const error = StatusError.create('UPSTREAM_UNAVAILABLE', 'x', unavailable);
    assert.deepEqual(render(`cancel ${NAME} why`, error), [
      `Google Cloud returned no usable response about [${NAME}].`,
      'Google Cloud answered 503: [Try later.]',
      'It is not known whether Google Cloud accepted the cancellation.',
      `To check: [/c status ${NAME}]`,
      'Requested by @U1: [why]',
    ]);
  });

  test('that Google Cloud refused for its quota offers the same cancel again', () => {
    const error = StatusError.upstream({ code: 429, status: 'X', message: 'Slow down.' }, '{}');
    assert.deepEqual(render(`cancel ${NAME}`, error).slice(2), [
      `To try again: [/c cancel ${NAME}]`,
      'Requested by @U1.',
    ]);
  });

  test('that was certainly not sent says so, and offers the same cancel again', () => {
    for (const reason of ['CREDENTIALS_UNAVAILABLE', 'UPSTREAM_DEADLINE_EXCEEDED'] as const) {
      const error = StatusError.create(reason, 'No access token.', { sent: false });
      assert.deepEqual(render(`cancel ${NAME} why`, error).slice(1), [
        'The cancellation was not sent.',
        `To try again: [/c cancel ${NAME} why]`,
        'Requested by @U1: [why]',
      ]);
    }
  });
});

test('a failed status or list says nothing about a cancellation', () => {
  const error = StatusError.create('UPSTREAM_DEADLINE_EXCEEDED', 'x');
  assert.deepEqual(render(`status ${NAME}`, error), [
    `Google Cloud did not respond in time about [${NAME}].`,
    `To check: [/c status ${NAME}]`,
  ]);
  assert.deepEqual(render(`list ${PARENT}`, error), [
    'Google Cloud did not respond in time.',
    `To try again: [/c list ${PARENT}]`,
  ]);
});
