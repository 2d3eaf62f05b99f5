/** The fields of Google Chat's events that the function uses; Chat may add, drop and change all others. */

import type { FromSchema } from 'json-schema-to-ts';
import { createValidator } from '../../validation/validator.ts';

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

export type EventBody = FromSchema<typeof event>;
export type Payload = FromSchema<typeof payload>;

export const validateEvent = createValidator<EventBody>('ChatEvent', event);
