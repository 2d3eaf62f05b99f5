/**
 * Pub/Sub push, wrapped: https://cloud.google.com/pubsub/docs/push#receive_push
 *
 * Every status but 102, 200, 201, 202 and 204 has the message sent again, until it expires. So what
 * no repetition can help is acknowledged with 200, and an ERROR in the log is all that tells of it.
 */

import type { FromSchema } from 'json-schema-to-ts';
import { admission } from '../auth/authenticator.ts';
import { authSettings, createProof } from '../auth/index.ts';
import type { CallerType, Conversation, Incoming, Reply } from '../caller.ts';
import type { Answer } from '../command.ts';
import { invalid, type StatusError } from '../errors.ts';
import { alertConversation, alertReply } from '../requests/alert-caller.ts';
import { checked, errorReply, isJson, jsonReply, readJson } from '../requests/json.ts';
import { isNotification, readNotification } from '../requests/monitoring-notification.ts';
import { readAsk } from '../requests/parse-command.ts';
import { checkOf } from '../validation/validator.ts';

const settings = {
  type: 'object',
  required: ['type', 'auth'],
  additionalProperties: false,
  properties: {
    type: { const: 'pubsub', description: 'A push subscription of Cloud Pub/Sub.' },
    auth: authSettings('google'),
  },
} as const;

/** Only what is used: the id and the time come twice, as `messageId` and as `message_id`. */
const envelope = {
  type: 'object',
  required: ['message'],
  properties: {
    message: {
      type: 'object',
      required: ['data'],
      properties: { data: { type: 'string' } },
    },
  },
} as const;

const checkEnvelope = checkOf<FromSchema<typeof envelope>>('PubSubPush', envelope);

export const pubsub: CallerType<FromSchema<typeof settings>> = {
  type: 'pubsub',
  settings,
  create(route, { auth }, setup) {
    const proof = createProof(auth, setup, ['auth']);
    return {
      methods: ['POST'],
      refusalsAreFinal: true,
      takes: isJson,
      authenticate: async (head) => admission(route, await proof(head)),
      read,
      refuse,
    };
  },
};

function read(incoming: Incoming): Conversation {
  const { data } = checked(checkEnvelope, readJson(incoming)).message;
  const body = readJson({ body: decode(data) });
  return isNotification(body)
    ? { ...alertConversation(readNotification(body), undefined), answer }
    : { ask: readAsk(body, incoming.receivedAt), answer };
}

/** JSON carries bytes as base64, standard or URL-safe, padded or not: https://protobuf.dev/programming-guides/json/ */
function decode(data: string): Buffer {
  if (/^[A-Za-z0-9+/_-]+={0,2}$/.test(data)) return Buffer.from(data, 'base64');
  throw invalid({ field: 'message.data', description: 'must be JSON as base64' });
}

function answer(given: Answer): Reply {
  if (given.kind === 'cancel') {
    return jsonReply(200, given.body, { 'Cancel-Outcome': given.outcome });
  }
  const reply = alertReply(given);
  return reply.status === 403 ? { ...reply, status: 200 } : reply;
}

function refuse(error: StatusError): Reply {
  const reply = errorReply(error);
  if (error.reason === 'UNAUTHENTICATED') return reply;
  if (!error.retryable) return { ...reply, status: 200 };
  return reply.status >= 500 ? reply : { ...reply, status: 503 };
}
