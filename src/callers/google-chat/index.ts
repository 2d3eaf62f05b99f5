/** Google Chat: an app's commands and Cancel buttons, as a Chat API app or as a Workspace add-on. */

import type { FromSchema } from 'json-schema-to-ts';
import { googleChat as createAuthenticator, EMAIL, isProjectNumber } from '../../auth/google.ts';
import {
  type CallerDefinition,
  type CallerDeps,
  callerSettings,
  createPrincipal,
  type HttpResponse,
  type Interaction,
} from '../../caller.ts';
import { type ChatCommand, parseChatCommand, toCommand } from '../../chat/chat-command.ts';
import { errorHeaders, renderReply, replyHeaders } from '../../chat/reply.ts';
import type { ChatReply, Requester } from '../../chat/text.ts';
import type { CommandResult } from '../../command.ts';
import type { StatusError } from '../../errors.ts';
import { errorResponse, jsonResponse, parseJson } from '../../requests/json.ts';
import { parseResourceName } from '../../resource-name.ts';
import { stringOrEmpty } from '../../validation/values.ts';
import { ASK, chatMessage, OPERATION, STEP } from './cards.ts';
import { type ChatEvent, type Event, parseChatEvent } from './event.ts';

const settings = {
  type: 'object',
  required: ['type', 'audience'],
  additionalProperties: false,
  properties: {
    type: {
      const: 'google-chat',
      description: 'A Google Chat app, or a Workspace add-on for Chat.',
    },
    ...callerSettings,
    audience: {
      type: 'string',
      minLength: 1,
      description: "The Chat app's authentication audience: its project's number, or the endpoint.",
    },
    serviceAccount: {
      type: 'string',
      pattern: EMAIL,
      description:
        'For an add-on, its account: service-NUMBER@gcp-sa-gsuiteaddons.iam.gserviceaccount.com.',
    },
  },
} as const;

/**
 * Chat waits 30 s for a response: https://developers.google.com/workspace/chat/receive-respond-interactions
 * Both are milliseconds from the arrival of the request.
 */
const READ_UNTIL_MS = 20_000;
const RESPOND_BY_MS = 25_000;

export const googleChat: CallerDefinition<FromSchema<typeof settings>> = {
  type: 'google-chat',
  settings,
  create(route, { audience, serviceAccount }, deps) {
    const account = serviceAccount === undefined ? {} : { serviceAccount };
    const authenticator = createAuthenticator({ audience, ...account }, deps);
    if (!isProjectNumber(audience) && serviceAccount === undefined) {
      deps.warn(
        ['audience'],
        "is a URL, and any Chat app may be pointed at it: name principals in the rules for this caller, or take the project's number",
      );
    }
    return {
      methods: ['POST'],
      acceptsMediaType: (mediaType) => mediaType === 'application/json',
      async authenticate(head) {
        await authenticator(head);
        const authenticate = (body: Buffer) =>
          createPrincipal(route, identitiesOf(parseChatEvent(parseJson({ body }))));
        return { authenticated: true, authenticate };
      },
      parse: (request) =>
        createInteraction(parseChatEvent(parseJson(request)), audience, request.receivedAt, deps),
      renderError(error) {
        if (NOT_FOR_PEOPLE.has(error.reason)) return errorResponse(error);
        return jsonResponse(200, JSON.stringify({ text: error.message }), errorHeaders(error));
      },
    };
  },
};

/** Errors before it is known that Chat sent an event: nobody would see a message. */
const NOT_FOR_PEOPLE = new Set<StatusError['reason']>([
  'UNAUTHENTICATED',
  'KEYS_UNAVAILABLE',
  'MALFORMED_BODY',
]);

/** Returns what a rule's `principals` can name. Each is unique among all of Chat. */
function identitiesOf({ user, email, space }: ChatEvent): string[] {
  if (user === undefined) return [];
  return [user, email, space].filter((id) => id !== undefined);
}

function createInteraction(
  event: ChatEvent,
  audience: string,
  receivedAt: number,
  { clock, examples }: CallerDeps,
): Interaction {
  const { user, space, isDirect } = event;
  const parsed = user === undefined ? undefined : toChatCommand(event.event);
  if (!parsed) return { command: { kind: 'noop' }, respond: () => jsonResponse(200, '{}') };
  const { command, isConfirmation } = parsed;
  const requester: Requester = {
    userId: String(user),
    identities: identitiesOf(event),
    command: 'command' in event.event ? event.event.command : '',
    supportsFollowUp: false,
    examples: examples(),
  };

  function respond(result: CommandResult | StatusError): HttpResponse {
    const reply = renderReply(command, result, requester, clock.now());
    const message = chatMessage(isConfirmation ? asConfirmation(reply) : reply, {
      // A button of an add-on calls a URL; its token shows that the URL is this function's.
      handler: event.isAddOn && !isProjectNumber(audience) ? audience : 'cancel_operation',
      command: requester.command,
      isConfirmation,
      viewer: isDirect || space === undefined ? undefined : user,
    });
    const body = JSON.stringify(wrapForAddOn(event, message));
    return jsonResponse(200, body, replyHeaders(command, result));
  }

  return {
    command: toCommand(command, receivedAt + READ_UNTIL_MS),
    respondBy: receivedAt + RESPOND_BY_MS,
    respond,
    respondError: respond,
  };
}

/**
 * Returns the command in an event; undefined if the event needs no response.
 *
 * `isConfirmation`: the command only reads the operation, and the reply asks whether to cancel it.
 */
export function toChatCommand(
  event: Event,
): { readonly command: ChatCommand; readonly isConfirmation: boolean } | undefined {
  switch (event.kind) {
    case 'slash':
      return { command: parseChatCommand(event.text), isConfirmation: false };
    case 'message': {
      const command = parseChatCommand(event.text);
      // In a message, a name without the word `cancel` may be part of a conversation.
      if (command.kind !== 'cancel' || command.explicit) return { command, isConfirmation: false };
      return { command: { kind: 'status', operation: command.operation }, isConfirmation: true };
    }
    case 'click':
      return fromClick(event.parameters);
    case 'welcome':
      return { command: { kind: 'help' }, isConfirmation: false };
    default:
      return undefined;
  }
}

function fromClick(
  parameters: Readonly<Record<string, unknown>>,
): ReturnType<typeof toChatCommand> {
  const operation = parseResourceName(stringOrEmpty(parameters[OPERATION]));
  if (!operation) return undefined;
  return parameters[STEP] === ASK
    ? { command: { kind: 'status', operation }, isConfirmation: true }
    : { command: { kind: 'cancel', operation, explicit: true }, isConfirmation: false };
}

function asConfirmation(reply: ChatReply): ChatReply {
  if (reply.operations.length === 0) return reply;
  return { ...reply, lines: [['Cancel this operation? To keep it running, do nothing.']] };
}

function wrapForAddOn({ isAddOn, event }: ChatEvent, message: object): object {
  if (isAddOn) {
    return { hostAppDataAction: { chatDataAction: { createMessageAction: { message } } } };
  }
  return event.kind === 'click' ? { actionResponse: { type: 'NEW_MESSAGE' }, ...message } : message;
}
