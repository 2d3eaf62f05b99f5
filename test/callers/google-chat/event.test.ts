import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseChatEvent } from '../../../src/callers/google-chat/event.ts';
import { toChatCommand } from '../../../src/callers/google-chat/index.ts';
import { addOn, app, PERSON, SPACE } from '../../../src/cli/send/senders/google-chat.ts';

const NAME = 'projects/p/locations/l/operations/o';

/** The command in an event: its kind, and whether it only asks. */
function commandIn(json: unknown): string {
  const parsed = toChatCommand(parseChatEvent(json).event);
  if (!parsed) return 'none';
  return parsed.isConfirmation ? `ask ${parsed.command.kind}` : parsed.command.kind;
}

for (const [title, events] of [
  ['a Chat API event', app],
  ['a Workspace add-on event', addOn],
] as const) {
  describe(title, () => {
    test('has the person, the space and the shape', () => {
      const event = parseChatEvent(events.slash('help'));
      const { user, email, space, isDirect, isAddOn } = event;
      assert.deepEqual([user, email, space], [PERSON.name, PERSON.email, SPACE.name]);
      assert.deepEqual([isDirect, isAddOn], [false, events === addOn]);
      const direct = { ...SPACE, type: undefined, spaceType: 'DIRECT_MESSAGE' };
      assert.ok(parseChatEvent(events.slash('help', { space: direct })).isDirect);
    });

    test('has no person where the id is not one of a user', () => {
      for (const user of [undefined, {}, { name: 'people/1' }, { name: 'users/' }]) {
        assert.equal(parseChatEvent(events.slash('help', { user })).user, undefined);
      }
    });

    test('of a slash command is that command, and its name', () => {
      const { event } = parseChatEvent(events.slash(`cancel ${NAME}`));
      assert.ok(event.kind === 'slash' && event.command === '/cancelOp');
      assert.equal(commandIn(events.slash(`cancel ${NAME}`)), 'cancel');
      assert.equal(commandIn(events.slash(NAME)), 'cancel');
      assert.equal(commandIn(events.slash('')), 'help');
    });

    test('of a message is its command; a name alone asks first; a bare mention is help', () => {
      assert.equal(commandIn(events.mention(`cancel ${NAME}`)), 'cancel');
      assert.equal(commandIn(events.mention(`${NAME} looks stuck`)), 'ask status');
      assert.equal(commandIn(events.mention('how are you?')), 'invalid');
      for (const text of ['', undefined]) {
        assert.equal(commandIn(events.mention(text)), 'help');
      }
    });

    test('of a click on the first button asks, and on the second cancels', () => {
      assert.equal(commandIn(events.click({ operation: NAME, step: 'ask' })), 'ask status');
      assert.equal(commandIn(events.click({ operation: NAME })), 'cancel');
      for (const parameters of [{}, { operation: 'x' }, { operation: 7 }, { other: NAME }]) {
        assert.equal(commandIn(events.click(parameters)), 'none');
      }
    });

    test('of a command that was chosen for a message is help, and never that message', () => {
      assert.equal(commandIn(events.picked(`cancel ${NAME}`)), 'help');
    });

    test('of an app that was added is help; a command in the message is obeyed', () => {
      assert.equal(commandIn(events.added()), 'help');
      assert.equal(commandIn(events.added('')), 'help');
      assert.equal(commandIn(events.added(`cancel ${NAME}`)), 'cancel');
      assert.equal(commandIn(events.added(`${NAME} looks stuck`)), 'ask status');
    });

    test('of another kind needs no response', () => {
      assert.equal(commandIn(events.removed()), 'none');
      assert.equal(commandIn(events.unknown()), 'none');
    });
  });
}

test('of the two events of an add-on that a mention adds, only the message gets a response', () => {
  const added = addOn.added();
  Object.assign(added.chat.addedToSpacePayload, { interactionAdd: true });
  assert.equal(commandIn(added), 'none');
  assert.equal(commandIn(addOn.mention('')), 'help');
});

test('a message without argumentText is its text where nobody is mentioned', () => {
  const message = { text: `status ${NAME}` };
  assert.equal(commandIn({ type: 'MESSAGE', user: PERSON, message }), 'status');
});
