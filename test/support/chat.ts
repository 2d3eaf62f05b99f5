/** Google Chat, played: the events of both its shapes. */

export const PERSON = {
  name: 'users/100000000000000000042',
  displayName: 'Ada',
  email: 'ada@example.com',
  type: 'HUMAN',
};
export const SPACE = { name: 'spaces/AAAAbbbbCCC', type: 'ROOM', spaceType: 'SPACE' };
export const ENDPOINT = 'https://hook.example.com/chat';
export const NUMBER = '123456789012';
export const CHAT_ACCOUNT = 'chat@system.gserviceaccount.com';
export const ADD_ON_ACCOUNT = `service-${NUMBER}@gcp-sa-gsuiteaddons.iam.gserviceaccount.com`;

type Fields = Readonly<Record<string, unknown>>;

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

/** Events of the Chat API. */
export const app = {
  slash: (text: string, over: Fields = {}, command = '/cancelOp') => ({
    type: 'MESSAGE',
    eventTime: '2026-01-02T03:04:05Z',
    user: PERSON,
    space: SPACE,
    message: slashMessage(text, command),
    appCommandMetadata: { appCommandId: 1, appCommandType: 'SLASH_COMMAND' },
    common: { userLocale: 'en', hostApp: 'CHAT' },
    ...over,
  }),
  mention: (text: string, over: Fields = {}) => ({
    type: 'MESSAGE',
    user: PERSON,
    space: SPACE,
    message: { sender: PERSON, text: `@Hook ${text}`, argumentText: ` ${text}` },
    ...over,
  }),
  click: (parameters: Fields, over: Fields = {}) => ({
    type: 'CARD_CLICKED',
    user: PERSON,
    space: SPACE,
    message: { name: `${SPACE.name}/messages/m.m` },
    common: { hostApp: 'CHAT', invokedFunction: 'cancel_operation', parameters },
    ...over,
  }),
  added: () => ({ type: 'ADDED_TO_SPACE', user: PERSON, space: SPACE }),
  removed: () => ({ type: 'REMOVED_FROM_SPACE', user: PERSON, space: SPACE }),
};

/** The same as a Workspace add-on's. */
export const addOn = {
  slash: (text: string, over: Fields = {}, command = '/cancelOp') => ({
    commonEventObject: { hostApp: 'CHAT' },
    chat: {
      user: PERSON,
      appCommandPayload: {
        appCommandMetadata: { appCommandId: 1, appCommandType: 'SLASH_COMMAND' },
        space: SPACE,
        message: slashMessage(text, command),
      },
      ...over,
    },
  }),
  mention: (text: string, over: Fields = {}) => ({
    commonEventObject: { hostApp: 'CHAT' },
    chat: {
      user: PERSON,
      messagePayload: {
        space: SPACE,
        message: { sender: PERSON, text: `@Hook ${text}`, argumentText: ` ${text}` },
      },
      ...over,
    },
  }),
  click: (parameters: Fields, over: Fields = {}) => ({
    commonEventObject: { hostApp: 'CHAT', parameters },
    chat: {
      user: PERSON,
      buttonClickedPayload: { space: SPACE, message: { name: `${SPACE.name}/messages/m.m` } },
      ...over,
    },
  }),
  added: () => ({ chat: { user: PERSON, addedToSpacePayload: { space: SPACE } } }),
  removed: () => ({ chat: { user: PERSON, removedFromSpacePayload: { space: SPACE } } }),
};

// biome-ignore lint/suspicious/noExplicitAny: tests read messages of many shapes.
export type Message = any;

/** The message in an answer of either shape. */
export function messageIn(answer: Message): Message {
  return answer.hostAppDataAction?.chatDataAction?.createMessageAction?.message ?? answer;
}

/** The buttons of a message's cards: what they say, and what a click on each would send. */
export function buttonsIn(message: Message) {
  const widgets = (message.cardsV2 ?? []).flatMap((one: Message) =>
    one.card.sections.flatMap((section: Message) => section.widgets),
  );
  return widgets.map(({ decoratedText: { button } }: Message) => ({
    text: button.text as string,
    handler: button.onClick.action.function as string,
    parameters: Object.fromEntries(
      button.onClick.action.parameters.map(({ key, value }: Message) => [key, value]),
    ) as Record<string, string>,
  }));
}
