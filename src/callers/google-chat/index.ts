/** Google Chat: an app's commands and Cancel buttons, as a Chat API app or as a Workspace add-on. */

import type { FromSchema } from 'json-schema-to-ts';
import { EMAIL } from '../../auth/google.ts';
import { googleChat as googleChatProof, isProjectNumber } from '../../auth/google-chat.ts';
import { type CallerType, type Conversation, principal, type Reply } from '../../caller.ts';
import type { Setup } from '../../caller-deps.ts';
import { askOf } from '../../chat/chat-command.ts';
import { wordsOf } from '../../chat/reply.ts';
import type { Asker, Words } from '../../chat/text.ts';
import type { Answer } from '../../command.ts';
import type { StatusError } from '../../errors.ts';
import { errorReply, jsonReply, readJson } from '../../requests/json.ts';
import { chatMessage } from './cards.ts';
import { type ChatEvent, readChatEvent } from './event.ts';
import { understand } from './to-command.ts';

const settings = {
  type: 'object',
  required: ['type', 'audience'],
  additionalProperties: false,
  properties: {
    type: {
      const: 'google-chat',
      description: 'A Google Chat app, or a Workspace add-on for Chat.',
    },
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

/** Chat waits 30 s for an answer: https://developers.google.com/workspace/chat/receive-respond-interactions */
const WAIT_MS = 20_000;
const ANSWER_MS = 25_000;

export const googleChat: CallerType<FromSchema<typeof settings>> = {
  type: 'google-chat',
  settings,
  create(route, { audience, serviceAccount }, setup) {
    const account = serviceAccount === undefined ? {} : { serviceAccount };
    const proof = googleChatProof({ audience, ...account }, setup);
    if (!isProjectNumber(audience) && serviceAccount === undefined) {
      setup.warn(
        ['audience'],
        "is a URL, and any Chat app may be pointed at it: name principals in the rules for this caller, or take the project's number",
      );
    }
    return {
      methods: ['POST'],
      takes: (mediaType) => mediaType === 'application/json',
      async authenticate(head) {
        await proof(head);
        const identify = (body: Buffer) =>
          principal(route, identitiesOf(readChatEvent(readJson({ body }))));
        return { proven: true, identify };
      },
      read: (incoming) =>
        converse(readChatEvent(readJson(incoming)), audience, incoming.receivedAt, setup),
      refuse(error) {
        const early = ['UNAUTHENTICATED', 'KEYS_UNAVAILABLE', 'MALFORMED_BODY'];
        if (early.includes(error.reason)) return errorReply(error);
        return jsonReply(200, JSON.stringify({ text: error.message }));
      },
    };
  },
};

/** All of these are unique among all of Chat. */
function identitiesOf({ user, email, space }: ChatEvent): string[] {
  if (user === undefined) return [];
  return [user, email, space].filter((id) => id !== undefined);
}

function converse(
  event: ChatEvent,
  audience: string,
  receivedAt: number,
  { clock }: Setup,
): Conversation {
  const { said, user, space, isDirect } = event;
  const understood = user === undefined ? undefined : understand(said);
  if (!understood) return { ask: { kind: 'nothing' }, answer: () => jsonReply(200, '{}') };
  const { command, confirms } = understood;
  const asker: Asker = {
    person: String(user),
    identities: identitiesOf(event),
    command: said.kind === 'slash' || said.kind === 'click' ? said.command : '',
    hearsLater: false,
  };

  function reply(learned: Answer | StatusError): Reply {
    const words = wordsOf(command, learned, asker, clock.now());
    const message = chatMessage(confirms ? asQuestion(words) : words, {
      // An add-on's button calls a URL; a token proves that this one is ours.
      handler: event.isAddOn && !isProjectNumber(audience) ? audience : 'cancel_operation',
      command: asker.command,
      confirms,
      viewer: isDirect || space === undefined ? undefined : user,
    });
    return jsonReply(200, JSON.stringify(inShape(event, message)));
  }

  return {
    ask: askOf(command, receivedAt + WAIT_MS),
    answerBy: receivedAt + ANSWER_MS,
    answer: reply,
    refuse: reply,
  };
}

function asQuestion(words: Words): Words {
  if (words.offers.length === 0) return words;
  return { ...words, lines: [['Cancel this operation? To keep it running, do nothing.']] };
}

function inShape({ isAddOn, said }: ChatEvent, message: object): object {
  if (isAddOn) {
    return { hostAppDataAction: { chatDataAction: { createMessageAction: { message } } } };
  }
  return said.kind === 'click' ? { actionResponse: { type: 'NEW_MESSAGE' }, ...message } : message;
}
