/**
 * Google Chat's events. An event has one of two shapes: an interaction event
 * of the Chat API, https://developers.google.com/workspace/chat/api/reference/rest/v1/Event, or an
 * event object of a Workspace add-on, https://developers.google.com/workspace/add-ons/concepts/event-objects#chat-event-object
 */

import type { FromSchema } from 'json-schema-to-ts';
import { validateBody } from '../../requests/json.ts';
import { createValidator } from '../../validation/validator.ts';
import { isRecord, stringOrEmpty } from '../../validation/values.ts';
import { COMMAND } from './cards.ts';

/** The fields of an event that are used; Chat may add, drop and change all others. */
const string = { type: 'string' } as const;
const parameters = { type: ['object', 'null'] } as const;

const user = { type: 'object', properties: { name: string, email: string } } as const;
const space = {
  type: 'object',
  properties: { name: string, type: string, spaceType: string },
} as const;
const message = {
  type: 'object',
  properties: {
    text: string,
    argumentText: string,
    slashCommand: { type: 'object' },
    annotations: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          type: string,
          slashCommand: { type: 'object', properties: { commandName: string } },
        },
      },
    },
  },
} as const;
const appCommandMetadata = { type: 'object', properties: { appCommandType: string } } as const;
const payload = {
  type: 'object',
  properties: { space, message, appCommandMetadata, interactionAdd: { type: 'boolean' } },
} as const;

const event = {
  type: 'object',
  properties: {
    type: string,
    user,
    space,
    message,
    appCommandMetadata,
    common: { type: 'object', properties: { parameters } },
    chat: {
      type: 'object',
      properties: {
        user,
        space,
        messagePayload: payload,
        appCommandPayload: payload,
        buttonClickedPayload: payload,
        addedToSpacePayload: payload,
      },
    },
    commonEventObject: { type: 'object', properties: { parameters } },
  },
} as const;

type EventBody = FromSchema<typeof event>;
type Payload = FromSchema<typeof payload>;

const validateEvent = createValidator<EventBody>('ChatEvent', event);

export interface ChatEvent {
  /** The shape of the event, and of the response. */
  readonly isAddOn: boolean;
  /** `users/…`; undefined if Chat names nobody. */
  readonly user: string | undefined;
  readonly email: string | undefined;
  /** `spaces/…` */
  readonly space: string | undefined;
  /** Whether nobody but the person and the app is in the conversation. */
  readonly isDirect: boolean;
  readonly event: Event;
}

export type Event =
  /** `command`: the slash command as it was typed, where Chat says so. */
  | { readonly kind: 'slash'; readonly command: string; readonly text: string }
  /** A message to the app, without the mention. */
  | { readonly kind: 'message'; readonly text: string }
  | {
      readonly kind: 'click';
      readonly command: string;
      readonly parameters: Readonly<Record<string, unknown>>;
    }
  /** The app was added to a space, or a command without text was chosen. */
  | { readonly kind: 'welcome' }
  /** An event that needs no response. */
  | { readonly kind: 'other' };

/** @throws StatusError INVALID_REQUEST */
export function parseChatEvent(json: unknown): ChatEvent {
  const body = validateBody(validateEvent, json);
  const { chat } = body;
  const payload = chat ? getPayload(chat) : body;
  const user = chat ? chat.user : body.user;
  const space = payload.space ?? chat?.space;
  return {
    isAddOn: chat !== undefined,
    user: matching(user?.name, /^users\/[A-Za-z0-9._@-]{1,128}$/),
    email: matching(user?.email, /^[^\s@]{1,128}@[^\s@]{1,128}$/),
    space: matching(space?.name, /^spaces\/[A-Za-z0-9_-]{1,128}$/),
    isDirect: space?.type === 'DM' || space?.spaceType === 'DIRECT_MESSAGE',
    event: chat ? toAddOnEvent(chat, payload, body) : toAppEvent(body),
  };
}

function getPayload(chat: NonNullable<EventBody['chat']>): Payload {
  const { messagePayload, appCommandPayload, buttonClickedPayload, addedToSpacePayload } = chat;
  return messagePayload ?? appCommandPayload ?? buttonClickedPayload ?? addedToSpacePayload ?? {};
}

function toAddOnEvent(
  chat: NonNullable<EventBody['chat']>,
  payload: Payload,
  { commonEventObject }: EventBody,
): Event {
  if (chat.messagePayload) return toMessage(payload);
  if (chat.appCommandPayload) return toAppCommand(payload);
  if (chat.buttonClickedPayload) return toClick(commonEventObject?.parameters);
  return chat.addedToSpacePayload ? toAdded(payload) : { kind: 'other' };
}

function toAppEvent(body: EventBody): Event {
  switch (body.type) {
    case 'MESSAGE':
      return toMessage(body);
    case 'APP_COMMAND':
      return toAppCommand(body);
    case 'CARD_CLICKED':
      return toClick(body.common?.parameters);
    case 'ADDED_TO_SPACE':
      return toAdded(body);
    default:
      return { kind: 'other' };
  }
}

/**
 * A person can add the app by mentioning it in a message. A Chat app then gets one event, with the
 * message in it. An add-on gets two: this one with `interactionAdd`, and the message as an event of
 * its own, which is the one that gets a response.
 */
function toAdded(payload: Payload): Event {
  if (payload.message) return toMessage(payload);
  return { kind: payload.interactionAdd ? 'other' : 'welcome' };
}

function toMessage(payload: Payload): Event {
  const { text = '', argumentText, slashCommand, annotations = [] } = payload.message ?? {};
  if (slashCommand || payload.appCommandMetadata?.appCommandType === 'SLASH_COMMAND') {
    return toSlashCommand(payload);
  }
  // Chat leaves an empty `argumentText` out: then the message is nothing but the mention.
  const isMention = annotations.some(({ type }) => type === 'USER_MENTION');
  return { kind: 'message', text: argumentText ?? (isMention ? '' : text) };
}

/** A quick command, or one that was chosen for somebody else's message, has no text of the person. */
function toAppCommand(payload: Payload): Event {
  const isSlash =
    payload.message?.slashCommand || payload.appCommandMetadata?.appCommandType === 'SLASH_COMMAND';
  return isSlash ? toSlashCommand(payload) : { kind: 'welcome' };
}

function toSlashCommand({
  message: { text = '', argumentText = '', annotations = [] } = {},
}: Payload): Event {
  const annotation = annotations.find(
    ({ slashCommand }) => slashCommand?.commandName !== undefined,
  );
  const command = annotation?.slashCommand?.commandName ?? text.trim().split(/\s/)[0] ?? '';
  return { kind: 'slash', command: matching(command, COMMAND_NAME) ?? '', text: argumentText };
}

function toClick(given: unknown): Event {
  const parameters = isRecord(given) ? given : {};
  const command = matching(stringOrEmpty(parameters[COMMAND]), COMMAND_NAME) ?? '';
  return { kind: 'click', command, parameters };
}

const COMMAND_NAME = /^\/[\w-]{1,50}$/;

function matching(text: string | undefined, shape: RegExp): string | undefined {
  return text !== undefined && shape.test(text) ? text : undefined;
}
