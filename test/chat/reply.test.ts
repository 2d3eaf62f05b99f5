import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseChatCommand } from '../../src/chat/chat-command.ts';
import { renderReply, replyHeaders } from '../../src/chat/reply.ts';
import type { ChatReply, Requester } from '../../src/chat/text.ts';
import type { CommandResult, Outcome } from '../../src/command.ts';
import { StatusError } from '../../src/errors.ts';
import { toOperationState } from '../../src/resources/operations.ts';
import type { ResourceState } from '../../src/resources/resource-type.ts';
import type { Operation } from '../support/fakes.ts';
import { linesOf } from '../support/reply-text.ts';

const NAME = 'projects/p/locations/l/operations/o';
const CANCEL = parseChatCommand(`cancel ${NAME} ran away`);
const STATUS = parseChatCommand(`status ${NAME}`);
const NOW = Date.parse('2026-01-10T00:00:00Z');
const REQUESTER: Requester = {
  userId: 'U1',
  identities: ['T1/U1'],
  command: '/cancel-op',
  supportsFollowUp: true,
  examples: [],
};
const NOTHING: CommandResult = { kind: 'noop' };

const render = (command: typeof CANCEL, result: CommandResult, over: Partial<Requester> = {}) =>
  renderReply(command, result, { ...REQUESTER, ...over }, NOW);

describe('the reply to a cancel', () => {
  const ended = (error?: Operation['error']): ResourceState =>
    toOperationState({ done: true, ...(error && { error }) });
  const failed = ended({ code: 13, message: 'disk full' });
  const check = `To check: [/cancel-op status ${NAME}]`;
  const accepted = 'Google Cloud accepted the request. ';
  const cases: readonly [Outcome, ResourceState, readonly string[], boolean][] = [
    ['CANCELLED', ended({ code: 1 }), [`Cancelled: [${NAME}]`], true],
    [
      'CANCEL_REQUESTED',
      {},
      [
        `Cancellation requested: [${NAME}]`,
        `${accepted}It is not known yet whether the operation has stopped.`,
        check,
      ],
      true,
    ],
    [
      'PENDING',
      {},
      [
        `Cancellation requested: [${NAME}]`,
        `${accepted}The operation was still running a moment ago.`,
        check,
      ],
      true,
    ],
    [
      'COMPLETED',
      ended(),
      [`Too late: [${NAME}]`, 'The operation finished its work before it could stop.'],
      true,
    ],
    [
      'FAILED',
      failed,
      [`Failed before it could be cancelled: [${NAME}]`, 'It failed: [disk full]'],
      true,
    ],
    [
      'ALREADY_DONE',
      ended(),
      [`Nothing to cancel, already done: [${NAME}]`, 'It finished its work.'],
      false,
    ],
    [
      'ALREADY_DONE',
      ended({ code: 1 }),
      [`Nothing to cancel, already done: [${NAME}]`, 'It was cancelled.'],
      false,
    ],
    [
      'WOULD_CANCEL',
      {},
      [
        `Not cancelled: [${NAME}]`,
        'You may cancel it, but the function runs in mode "observe" and cancels nothing.',
      ],
      false,
    ],
  ];
  for (const [outcome, state, lines, inChannel] of cases) {
    test(`${outcome} says what is known and who asked, ${inChannel ? 'to all' : 'to the person'}`, () => {
      const reply = render(CANCEL, { kind: 'cancel', outcome, state, body: '{}' });
      assert.deepEqual(linesOf(reply), [...lines, 'Requested by @U1: [ran away]']);
      assert.equal(reply.inChannel, inChannel);
    });
  }
});

describe('the reply at the deadline of the chat', () => {
  test('to a cancel says that its fate is not known, who asked, and how to check', () => {
    const reply = render(CANCEL, { kind: 'deadline-exceeded' });
    assert.deepEqual(linesOf(reply), [
      `No answer from Google Cloud yet: [${NAME}]`,
      'It is not known whether Google Cloud accepted the cancellation.',
      'The result will follow here.',
      `To check: [/cancel-op status ${NAME}]`,
      'Requested by @U1: [ran away]',
    ]);
    assert.equal(reply.inChannel, false);
  });

  test('promises no second message where there can be none', () => {
    const reply = render(STATUS, { kind: 'deadline-exceeded' }, { supportsFollowUp: false });
    assert.deepEqual(linesOf(reply), [
      `No answer from Google Cloud yet: [${NAME}]`,
      `To check: [/cancel-op status ${NAME}]`,
    ]);
  });

  test('to a list offers the same command', () => {
    const list = parseChatCommand('list projects/p/locations/l');
    const lines = linesOf(render(list, { kind: 'deadline-exceeded' }));
    assert.equal(lines[0], 'No answer from Google Cloud yet.');
    assert.equal(lines.at(-1), 'To try again: [/cancel-op list projects/p/locations/l]');
  });
});

describe('the reply to a status', () => {
  const status = (operation: Operation): ChatReply =>
    render(STATUS, { kind: 'status', state: toOperationState({ ...operation }) });
  const metadata = { verb: 'delete', target: 't', createTime: '2026-01-09T20:40:00Z' };

  test('of a running operation has a button that cancels it', () => {
    const reply = status({ metadata });
    assert.deepEqual(
      reply.operations.map(({ name }) => name),
      [NAME],
    );
    assert.deepEqual(linesOf(reply), [`Running: [${NAME}]`, '[delete] of [t], for 3 h 20 min']);
  });

  test('of one whose cancellation was requested has none', () => {
    const reply = status({ metadata: { ...metadata, requestedCancellation: true } });
    assert.deepEqual(reply.operations, []);
    assert.deepEqual(linesOf(reply).slice(2), [
      'Its cancellation was requested.',
      `To check: [/cancel-op status ${NAME}]`,
    ]);
  });

  test('of one that is done says how it ended', () => {
    const reply = status({ done: true, error: { code: 1 }, metadata });
    assert.deepEqual(linesOf(reply), [
      `Done: [${NAME}]`,
      '[delete] of [t], started 3 h 20 min ago',
      'It was cancelled.',
    ]);
    assert.equal(linesOf(status({ done: true, error: { code: 5 } })).at(-1), 'It failed.');
  });
});

describe('help', () => {
  test('shows the commands as the person can type them', () => {
    const lines = linesOf(render(parseChatCommand('help'), NOTHING, { command: '/stop-it' }));
    assert.match(lines[0] ?? '', /^\[\/stop-it cancel NAME reason\] cancels an operation/);
    assert.match(lines[1] ?? '', /^\[\/stop-it status NAME\]/);
    const bare = linesOf(render(parseChatCommand('help'), NOTHING, { command: '' }));
    assert.match(bare[1] ?? '', /^\[status NAME\]/);
  });

  test('follows what is wrong with an invalid command', () => {
    const lines = linesOf(render(parseChatCommand('cancle it'), NOTHING));
    assert.equal(lines[0], '[cancle it] is not a command.');
    assert.deepEqual(lines.slice(1), linesOf(render(parseChatCommand('help'), NOTHING)));
  });
});

describe('the headers of a reply', () => {
  test('hold the outcome of a cancel', () => {
    const result = { kind: 'cancel', outcome: 'PENDING', operation: {}, body: '{}' } as const;
    assert.deepEqual(replyHeaders(CANCEL, result), { 'Cancel-Outcome': 'PENDING' });
  });

  test('hold the reason of a refusal, or the code of an error of Google Cloud', () => {
    const denied = StatusError.create('NOT_ALLOWED', 'No.');
    assert.deepEqual(replyHeaders(CANCEL, denied), { 'Cancel-Error': 'NOT_ALLOWED' });
    for (const [status, expected] of [
      ['NOT_FOUND', 'NOT_FOUND'],
      ['not\r\na: code', 'UPSTREAM'],
    ] as const) {
      const error = StatusError.upstream({ code: 404, status, message: 'x' }, '{}');
      assert.deepEqual(replyHeaders(CANCEL, error), { 'Cancel-Error': expected });
    }
    const invalid = parseChatCommand('cancel what');
    assert.deepEqual(replyHeaders(invalid, NOTHING), { 'Cancel-Error': 'INVALID_REQUEST' });
    assert.deepEqual(replyHeaders(CANCEL, { kind: 'deadline-exceeded' }), {
      'Cancel-Error': 'UPSTREAM_DEADLINE_EXCEEDED',
    });
  });

  test('are absent where nothing was cancelled and nothing failed', () => {
    assert.deepEqual(replyHeaders(parseChatCommand('help'), NOTHING), {});
    assert.deepEqual(replyHeaders(STATUS, { kind: 'status', state: {} }), {});
  });
});
