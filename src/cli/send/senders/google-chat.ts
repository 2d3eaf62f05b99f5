/** Google Chat's events, in both shapes: the Chat API's, and a Workspace add-on's. */

export const PERSON = {
  name: 'users/100000000000000000042',
  displayName: 'Ada',
  email: 'ada@example.com',
  type: 'HUMAN',
};
export const SPACE = { name: 'spaces/AAAAbbbbCCC', type: 'ROOM', spaceType: 'SPACE' };

type Fields = Readonly<Record<string, unknown>>;

/** Whose event it is, and where. */
interface Origin {
  readonly user?: unknown;
  readonly space?: unknown;
}

function slashMessage(text: string, command: string) {
  return {
    name: `${SPACE.name}/messages/m.m`,
    sender: PERSON,
    text: `${command} ${text}`,
    ...(text === '' ? {} : { argumentText: ` ${text}` }),
    slashCommand: { commandId: '1' },
    annotations: [
      { type: 'SLASH_COMMAND', slashCommand: { commandName: command, commandId: '1' } },
    ],
  };
}

const HERE: Origin = { user: PERSON, space: SPACE };
/** Without a text Chat leaves `argumentText` out. */
const MENTION = (text = '') => ({
  text: `@Hook ${text}`,
  ...(text === '' ? {} : { argumentText: ` ${text}` }),
  annotations: [{ type: 'USER_MENTION', startIndex: 0, length: 5 }],
});
const SLASH = { appCommandId: 1, appCommandType: 'SLASH_COMMAND' };
const PICKED = { appCommandId: 2, appCommandType: 'MESSAGE_ACTION' };

/** https://developers.google.com/workspace/chat/api/reference/rest/v1/Event */
export const app = {
  slash: (text: string, origin = HERE) => ({
    type: 'MESSAGE',
    eventTime: '2026-01-02T03:04:05Z',
    ...HERE,
    ...origin,
    message: slashMessage(text, '/cancelOp'),
    appCommandMetadata: SLASH,
    common: { userLocale: 'en', hostApp: 'CHAT' },
  }),
  mention: (text?: string) => ({ type: 'MESSAGE', ...HERE, message: MENTION(text) }),
  /** A command that was picked for a message. */
  picked: (text: string) => ({
    type: 'APP_COMMAND',
    ...HERE,
    message: MENTION(text),
    appCommandMetadata: PICKED,
  }),
  click: (parameters: Fields, origin = HERE) => ({
    type: 'CARD_CLICKED',
    ...HERE,
    ...origin,
    message: { name: `${SPACE.name}/messages/m.m` },
    common: { hostApp: 'CHAT', invokedFunction: 'cancel_operation', parameters },
  }),
  /** With a text: a mention in that message added the app. */
  added: (text?: string) => ({
    type: 'ADDED_TO_SPACE',
    ...HERE,
    ...(text === undefined ? {} : { message: MENTION(text) }),
  }),
  removed: () => ({ type: 'REMOVED_FROM_SPACE', ...HERE }),
  unknown: (): object => ({ type: 'NEW', ...HERE }),
};

/** https://developers.google.com/workspace/add-ons/concepts/event-objects#chat-event-object */
export const addOn = {
  slash: (text: string, origin = HERE) => {
    const { user, space } = { ...HERE, ...origin };
    const message = slashMessage(text, '/cancelOp');
    return {
      commonEventObject: { hostApp: 'CHAT' },
      chat: { user, appCommandPayload: { appCommandMetadata: SLASH, space, message } },
    };
  },
  mention: (text?: string) => ({
    commonEventObject: { hostApp: 'CHAT' },
    chat: { user: PERSON, messagePayload: { space: SPACE, message: MENTION(text) } },
  }),
  picked: (text: string) => ({
    chat: {
      user: PERSON,
      appCommandPayload: { appCommandMetadata: PICKED, space: SPACE, message: MENTION(text) },
    },
  }),
  click: (parameters: Fields, origin = HERE) => {
    const { user, space } = { ...HERE, ...origin };
    return {
      commonEventObject: { hostApp: 'CHAT', parameters },
      chat: {
        user,
        buttonClickedPayload: { space, message: { name: `${SPACE.name}/messages/m.m` } },
      },
    };
  },
  added: (text?: string) => ({
    chat: {
      user: PERSON,
      addedToSpacePayload: {
        space: SPACE,
        ...(text === undefined ? {} : { message: MENTION(text) }),
      },
    },
  }),
  removed: () => ({ chat: { user: PERSON, removedFromSpacePayload: { space: SPACE } } }),
  unknown: (): object => ({ chat: { user: PERSON } }),
};
