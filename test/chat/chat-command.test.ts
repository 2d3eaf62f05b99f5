import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseChatCommand, toCommand, truncate } from '../../src/chat/chat-command.ts';
import { parseOperationName } from '../../src/resource-name.ts';

const NAME = 'projects/my-project/locations/us-central1/operations/operation-1';
const PARENT = 'projects/my-project/locations/us-central1';

/** Names of every kind, in every length. */
const segment = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,40}$/);
const names = fc
  .tuple(segment, segment, segment)
  .map(([p, l, o]) => `projects/${p}/locations/${l}/operations/${o}`);

const cancel = (explicit: boolean, reason?: string) => ({
  kind: 'cancel',
  operation: NAME,
  explicit,
  ...(reason === undefined ? {} : { reason }),
});

describe('a name', () => {
  const ways = {
    'as it stands': NAME,
    'as a full resource name': `//privateca.googleapis.com/${NAME}`,
    'in backticks': `\`${NAME}\``,
    'in three backticks': `\`\`\`${NAME}\`\`\``,
    'in angle brackets': `<${NAME}>`,
    'in angle brackets that Slack escaped': `&lt;${NAME}&gt;`,
    'in backticks and brackets': `\`&lt;${NAME}&gt;\``,
    'in a link that Slack made': `<https://privateca.googleapis.com/v1/${NAME}>`,
    'in a link with its text': `<https://privateca.googleapis.com/v1/${NAME}|privateca.googleapis.com/v1/${NAME}>`,
    'as the text of a link': `<http://example.com/x|${NAME}>`,
    'in a URL': `https://privateca.googleapis.com/v1/${NAME}`,
  };
  for (const [way, text] of Object.entries(ways)) {
    test(`${way} is that operation, with and without the word cancel`, () => {
      assert.deepEqual(parseChatCommand(text), cancel(false));
      assert.deepEqual(parseChatCommand(`cancel ${text}`), cancel(true));
      assert.deepEqual(parseChatCommand(`status ${text}`), { kind: 'status', operation: NAME });
    });
  }

  for (const wrong of [
    '',
    'operation-1',
    PARENT,
    `${NAME}/more`,
    `${NAME}:cancel`,
    `${NAME}?x=1`,
    `x${NAME}`,
    NAME.replace('my-project', '..'),
    `${NAME}|${NAME}x/`,
    `https://example.com/?one=${NAME}&another=${NAME}2`,
    `<https://example.com/${NAME}|${NAME}2>`,
    `${NAME},${NAME}2`,
  ]) {
    test(`is not ${JSON.stringify(wrong)}`, () => {
      assert.equal(parseChatCommand(`cancel ${wrong}`).kind, 'misunderstood');
      assert.equal(parseChatCommand(`status ${wrong}`).kind, 'misunderstood');
    });
  }
});

test('a reason is what follows the name, its spaces made one', () => {
  assert.deepEqual(
    parseChatCommand(`cancel ${NAME}  ran\n away &amp; wild `),
    cancel(true, 'ran away & wild'),
  );
  assert.deepEqual(parseChatCommand(`${NAME} ran away`), cancel(false, 'ran away'));
});

test('a reason longer than 256 characters is cut', () => {
  const command = parseChatCommand(`cancel ${NAME} ${'x'.repeat(300)}`);
  assert.ok(command.kind === 'cancel');
  assert.equal(command.reason, `${'x'.repeat(255)}…`);
});

test('words may be in capitals', () => {
  assert.deepEqual(parseChatCommand(`CANCEL ${NAME}`), cancel(true));
  assert.deepEqual(parseChatCommand(`Status ${NAME}`), { kind: 'status', operation: NAME });
});

test('list takes one place, also all locations, also as the place of its operations', () => {
  assert.deepEqual(parseChatCommand(`list ${PARENT}`), { kind: 'list', parent: PARENT });
  assert.deepEqual(parseChatCommand(`list \`${PARENT}/operations\``), {
    kind: 'list',
    parent: PARENT,
  });
  const all = 'projects/my-project/locations/-';
  assert.deepEqual(parseChatCommand(`list ${all}`), { kind: 'list', parent: all });
  assert.equal(parseChatCommand('list').kind, 'misunderstood');
  assert.equal(parseChatCommand('list projects/my-project').kind, 'misunderstood');
  assert.equal(parseChatCommand(`list ${PARENT} ${PARENT}`).kind, 'misunderstood');
});

test('nothing, spaces and help ask for help', () => {
  for (const text of ['', '  \n ', 'help', 'HELP', 'help me']) {
    assert.deepEqual(parseChatCommand(text), { kind: 'help' });
  }
});

test('a misspelt command is shown as it was read, at most 200 characters of it', () => {
  const command = parseChatCommand(`cancle ${NAME}`);
  assert.deepEqual(command, {
    kind: 'misunderstood',
    what: `cancle ${NAME}`,
    why: 'is no command that I know',
  });
  const long = parseChatCommand('x'.repeat(5_000));
  assert.ok(long.kind === 'misunderstood' && long.what.length === 200);
});

test('whatever is typed: read without an error, and only whole, valid names come of it', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary' }),
    names,
    fc.constantFrom('cancel', 'status', 'list', '<', '>', '|', '`', '&lt;', ' ', 'https://', '/'),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), fc.constantFrom('', ' '), (pieces, between) => {
      const command = parseChatCommand(pieces.join(between));
      if (command.kind !== 'cancel' && command.kind !== 'status') return;
      assert.equal(parseOperationName(command.operation), command.operation);
    }),
    { numRuns: 2_000 },
  );
});

test('any name is taken, however it is wrapped and whatever the reason', () => {
  const wraps = fc.constantFrom<[string, string]>(
    ['', ''],
    ['`', '`'],
    ['<', '>'],
    ['&lt;', '&gt;'],
  );
  const reasons = fc.stringMatching(/^[a-z]{1,9}( [a-z]{1,9}){0,4}$/);
  fc.assert(
    fc.property(names, wraps, reasons, (name, [open, close], reason) => {
      const wrapped = `${open}${name}${close}`;
      assert.deepEqual(parseChatCommand(`cancel ${wrapped} ${reason}`), {
        kind: 'cancel',
        operation: name,
        explicit: true,
        reason,
      });
    }),
  );
});

test('a cancel waits for its outcome, and is never a rehearsal', () => {
  assert.deepEqual(toCommand(parseChatCommand(`cancel ${NAME} why`), 5), {
    kind: 'cancel',
    operation: NAME,
    waitDeadline: 5,
    reason: 'why',
    validateOnly: false,
  });
  assert.deepEqual(toCommand(parseChatCommand('help'), 5), { kind: 'nothing' });
  assert.deepEqual(toCommand(parseChatCommand('cancle x'), 5), { kind: 'nothing' });
});

test('a cut never leaves half a character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 20 }), (text, most) => {
      const cut = truncate(text, most);
      assert.ok(cut.length <= most);
      assert.ok(cut.isWellFormed());
    }),
  );
});
