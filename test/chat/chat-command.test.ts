import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type ChatCommand, parseChatCommand, toCommand } from '../../src/chat/chat-command.ts';
import { parseResourceName } from '../../src/resource-name.ts';

const PARENT = 'projects/my-project/locations/us-central1';
const NAME = `${PARENT}/operations/operation-1`;
const OTHER = `${PARENT}/operations/operation-2`;

const cancel = (explicit: boolean, reason?: string) => ({
  kind: 'cancel',
  operation: NAME,
  explicit,
  ...(reason === undefined ? {} : { reason }),
});

/** The sentence about a command that is refused. */
function problemOf(command: ChatCommand): string {
  assert.ok(command.kind === 'invalid', JSON.stringify(command));
  return command.problem
    .map((span) => (typeof span === 'string' ? span : 'code' in span ? span.code : ''))
    .join('');
}

describe('a command with a name', () => {
  test('cancels with the word cancel or with the name alone, and shows the status', () => {
    for (const name of [
      NAME,
      `“${NAME}”,`,
      `&lt;${NAME}&gt;`,
      `//privateca.googleapis.com/${NAME}`,
    ]) {
      assert.deepEqual(parseChatCommand(`cancel ${name}`), cancel(true));
      assert.deepEqual(parseChatCommand(name), cancel(false));
      assert.deepEqual(parseChatCommand(`status ${name}`), { kind: 'status', operation: NAME });
    }
  });

  test('may be quoted as a whole, have capitals and have a colon', () => {
    assert.deepEqual(parseChatCommand(`\`cancel ${NAME}\``), cancel(true));
    assert.deepEqual(parseChatCommand(`CANCEL ${NAME}`), cancel(true));
    assert.deepEqual(parseChatCommand(`Status: ${NAME}`), { kind: 'status', operation: NAME });
    assert.deepEqual(parseChatCommand(`cancel\n\`\`\`\n${NAME}\n\`\`\``), cancel(true));
  });

  test('takes what follows the name as the reason, with single spaces', () => {
    assert.deepEqual(
      parseChatCommand(`cancel ${NAME}  ran\n away &amp; wild `),
      cancel(true, 'ran away & wild'),
    );
    assert.deepEqual(parseChatCommand(`${NAME} ran away`), cancel(false, 'ran away'));
  });

  test('has its reason cut to 256 characters', () => {
    const command = parseChatCommand(`cancel ${NAME} ${'x'.repeat(300)}`);
    assert.ok(command.kind === 'cancel');
    assert.equal(command.reason, `${'x'.repeat(255)}…`);
  });

  test('is refused without a name, or with one that was cut', () => {
    for (const word of ['cancel', 'status']) {
      assert.equal(problemOf(parseChatCommand(word)), 'The name of the operation is missing.');
      for (const cut of [
        'operation-1',
        `${NAME}…`,
        `${NAME} …`,
        `${NAME} [truncated]`,
        `${NAME}-\nx`,
      ]) {
        assert.match(problemOf(parseChatCommand(`${word} ${cut}`)), /is not the full name/, cut);
      }
    }
    assert.match(problemOf(parseChatCommand(`${NAME}...`)), /is not the full name/);
  });
});

describe('a command with two names', () => {
  test('is refused, and the sentence shows both', () => {
    for (const text of [
      `cancel ${NAME} ${OTHER}`,
      `${NAME} ${OTHER}`,
      `status ${NAME} and ${OTHER}`,
      `cancel ${NAME} see <https://privateca.googleapis.com/v1/${OTHER}|this>`,
    ]) {
      const problem = problemOf(parseChatCommand(text));
      assert.match(problem, /^The command has two different names, /, text);
      assert.ok(problem.includes(NAME) && problem.includes(OTHER));
      assert.match(problem, /Nothing was done\. Send one command for each operation\.$/);
    }
  });

  test('is fine where both are the same', () => {
    const command = parseChatCommand(`cancel ${NAME} \`${NAME}\` hangs`);
    assert.ok(command.kind === 'cancel' && command.operation === NAME);
  });

  test('is refused however both are wrapped, and whatever is between and in the second', () => {
    const wraps = fc.constantFrom('""', '``', '<>', '()', '“”', '  ', '__');
    const between = fc.constantFrom(' ', '\n', ' and ', ',', ', cancel ', '|', '\u200b ');
    const ends = fc.constantFrom('', '.', '…', '-', '_x', '%5F', '\u2011');
    fc.assert(
      fc.property(wraps, wraps, between, ends, fc.boolean(), (one, two, gap, end, explicit) => {
        const wrap = ([open, close]: string, name: string) => `${open}${name}${close}`;
        const text = wrap(one, NAME) + gap + wrap(two, `${OTHER}${end}`);
        assert.equal(parseChatCommand(explicit ? `cancel ${text}` : text).kind, 'invalid', text);
      }),
    );
  });
});

describe('list', () => {
  test('takes one location, also all of them, also with the operations in it', () => {
    assert.deepEqual(parseChatCommand(`list ${PARENT}`), { kind: 'list', parent: PARENT });
    assert.deepEqual(parseChatCommand(`list \`${PARENT}/operations\`.`), {
      kind: 'list',
      parent: PARENT,
    });
    const all = 'projects/my-project/locations/-';
    assert.deepEqual(parseChatCommand(`list "${all}",`), { kind: 'list', parent: all });
  });

  test('is refused without one, with another text, or with two', () => {
    assert.match(problemOf(parseChatCommand('list')), /^The location is missing\. Type list proj/);
    const project = problemOf(parseChatCommand('list projects/my-project'));
    assert.match(project, /^projects\/my-project is not a location\. Type list /);
    assert.match(problemOf(parseChatCommand(`list ${PARENT} ${PARENT}`)), /is too much/);
  });
});

test('no text, white space and help ask for help', () => {
  for (const text of ['', '  \n ', 'help', 'HELP', '*help!*', 'help me', '\u200b']) {
    assert.deepEqual(parseChatCommand(text), { kind: 'help' });
  }
});

test('an unknown command is shown, at most 200 characters of it', () => {
  assert.equal(problemOf(parseChatCommand(`cancle ${NAME}`)), `cancle ${NAME} is not a command.`);
  const long = problemOf(parseChatCommand('x'.repeat(5_000)));
  assert.equal(long, `${'x'.repeat(199)}… is not a command.`);
});

test('any text is parsed without an error, and only a whole, valid name comes of it', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 5 }),
    fc.constantFrom(
      NAME,
      OTHER,
      'cancel',
      'status',
      'list',
      '<',
      '>',
      '|',
      '`',
      '&lt;',
      'https://',
    ),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), fc.constantFrom('', ' '), (pieces, between) => {
      const command = parseChatCommand(pieces.join(between));
      if (command.kind !== 'cancel' && command.kind !== 'status') return;
      assert.equal(parseResourceName(command.operation), command.operation);
      assert.ok(pieces.join('').includes(command.operation));
    }),
    { numRuns: 1_000 },
  );
});

test('a cancel waits for its outcome and is never a dry run; help and mistakes do nothing', () => {
  assert.deepEqual(toCommand(parseChatCommand(`cancel ${NAME} why`), 5), {
    kind: 'cancel',
    operation: NAME,
    waitDeadline: 5,
    cancelFirst: true,
    reason: 'why',
    validateOnly: false,
  });
  assert.deepEqual(toCommand(parseChatCommand('help'), 5), { kind: 'noop' });
  assert.deepEqual(toCommand(parseChatCommand('cancle x'), 5), { kind: 'noop' });
});
