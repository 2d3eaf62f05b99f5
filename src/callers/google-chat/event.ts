/**
 * What Google Chat tells an app, in either of its shapes, as one thing: an interaction event of the
 * Chat API, https://developers.google.com/workspace/chat/api/reference/rest/v1/Event, or an event
 * object of a Workspace add-on, https://developers.google.com/workspace/add-ons/concepts/event-objects#chat-event-object
 */

import { validateBody } from '../../requests/json.ts';
import { isRecord, stringOrEmpty } from '../../validation/json.ts';

import { COMMAND } from './cards.ts';
import { type EventBody, type Payload, validateEvent } from './event-schema.ts';

const COMMAND_NAME = /^\/[\w-]{1,50}$/;

export interface ChatEvent {
  /** The shape that it came in, and has to be answered in. */
  readonly isAddOn: boolean;
  /** `users/…`; absent where Chat names nobody. */
  readonly user: string | undefined;
  readonly email: string | undefined;
  /** `spaces/…` */
  readonly space: string | undefined;
  /** A conversation with the app alone, where every message is private. */
  readonly isDirect: boolean;
  readonly event: Event;
}

export type Event =
  /** `command`: the slash command as it is called, where Chat tells. */
  | { readonly kind: 'slash'; readonly command: string; readonly text: string }
  | { readonly kind: 'message'; readonly text: string }
  | {
      readonly kind: 'click';
      readonly command: string;
      readonly parameters: Readonly<Record<string, unknown>>;
    }
  /** Somebody looks at the app: it was added, or a command without words was picked. */
  | { readonly kind: 'greeting' }
  | { readonly kind: 'other' };

/** @throws StatusError INVALID_REQUEST */
export function parseChatEvent(json: unknown): ChatEvent {
  const value = validateBody(validateEvent, json);
  const { chat } = value;
  const inner = chat ? getPayload(chat) : value;
  const whose = chat ? chat.user : value.user;
  const where = inner.space ?? chat?.space;
  return {
    isAddOn: chat !== undefined,
    user: matching(whose?.name, /^users\/[A-Za-z0-9._@-]{1,128}$/),
    email: matching(whose?.email, /^[^\s@]{1,128}@[^\s@]{1,128}$/),
    space: matching(where?.name, /^spaces\/[A-Za-z0-9_-]{1,128}$/),
    isDirect: where?.type === 'DM' || where?.spaceType === 'DIRECT_MESSAGE',
    event: chat ? toAddOnEvent(chat, inner, value) : toAppEvent(value),
  };
}

function getPayload(chat: NonNullable<EventBody['chat']>): Payload {
  const { messagePayload, appCommandPayload, buttonClickedPayload, addedToSpacePayload } = chat;
  return messagePayload ?? appCommandPayload ?? buttonClickedPayload ?? addedToSpacePayload ?? {};
}

function toAddOnEvent(
  chat: NonNullable<EventBody['chat']>,
  inner: Payload,
  { commonEventObject }: EventBody,
): Event {
  if (chat.buttonClickedPayload) return toClick(commonEventObject?.parameters);
  if (chat.messagePayload || chat.appCommandPayload) {
    return toMessage(inner, chat.appCommandPayload !== undefined);
  }
  return { kind: chat.addedToSpacePayload ? 'greeting' : 'other' };
}

function toAppEvent(value: EventBody): Event {
  switch (value.type) {
    case 'MESSAGE':
    case 'APP_COMMAND':
      return toMessage(value, value.type === 'APP_COMMAND');
    case 'CARD_CLICKED':
      return toClick(value.common?.parameters);
    default:
      return { kind: value.type === 'ADDED_TO_SPACE' ? 'greeting' : 'other' };
  }
}

function toMessage({ message, appCommandMetadata }: Payload, isCommand: boolean): Event {
  const { text = '', argumentText, slashCommand, annotations = [] } = message ?? {};
  const type = appCommandMetadata?.appCommandType;
  if (slashCommand || type === 'SLASH_COMMAND') {
    const named = annotations.find((one) => one.slashCommand?.commandName !== undefined);
    const command = named?.slashCommand?.commandName ?? text.trim().split(/\s/)[0] ?? '';
    return {
      kind: 'slash',
      command: matching(command, COMMAND_NAME) ?? '',
      // Chat leaves it out where nothing follows the command's name.
      text: argumentText ?? '',
    };
  }
  // A quick command, or one that was picked for somebody else's message: nobody typed anything.
  if (isCommand) return { kind: 'greeting' };
  return { kind: 'message', text: argumentText ?? text };
}

function toClick(given: unknown): Event {
  const parameters = isRecord(given) ? given : {};
  const command = matching(stringOrEmpty(parameters[COMMAND]), COMMAND_NAME) ?? '';
  return { kind: 'click', command, parameters };
}

function matching(text: string | undefined, shape: RegExp): string | undefined {
  return text !== undefined && shape.test(text) ? text : undefined;
}
