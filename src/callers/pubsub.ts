/**
 * Pub/Sub push, wrapped: https://cloud.google.com/pubsub/docs/push#receive_push
 *
 * Every status but 102, 200, 201, 202 and 204 has the message sent again, until it expires. So what
 * no repetition can help is acknowledged with 200, and an ERROR in the log is all that tells of it.
 */

import type { FromSchema } from 'json-schema-to-ts';
import { toHeadAuthentication } from '../auth/authenticator.ts';
import { authSettings, createAuthenticator } from '../auth/index.ts';
import type { CallerDefinition, HttpResponse, Interaction, WebhookRequest } from '../caller.ts';
import type { CommandResult } from '../command.ts';
import { invalidRequest, type StatusError } from '../errors.ts';
import { createAlertInteraction, renderAlertResult } from '../requests/alert-caller.ts';
import { errorResponse, isJson, jsonResponse, parseJson, validateBody } from '../requests/json.ts';
import { isNotification, parseNotification } from '../requests/monitoring-notification.ts';
import { parseCommand } from '../requests/parse-command.ts';
import { createValidator } from '../validation/validator.ts';

const settings = {
  type: 'object',
  required: ['type', 'auth'],
  additionalProperties: false,
  properties: {
    type: { const: 'pubsub', description: 'A push subscription of Cloud Pub/Sub.' },
    auth: authSettings('google', 'iam'),
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

const checkEnvelope = createValidator<FromSchema<typeof envelope>>('PubSubPush', envelope);

export const pubsub: CallerDefinition<FromSchema<typeof settings>> = {
  type: 'pubsub',
  settings,
  create(route, { auth }, deps) {
    const authenticator = createAuthenticator(auth, deps, ['auth']);
    return {
      methods: ['POST'],
      acknowledgesErrors: true,
      acceptsMediaType: isJson,
      authenticate: async (head) => toHeadAuthentication(route, await authenticator(head)),
      parse,
      renderError,
    };
  },
};

function parse(request: WebhookRequest): Interaction {
  const { data } = validateBody(checkEnvelope, parseJson(request)).message;
  const body = parseJson({ body: decode(data) });
  return isNotification(body)
    ? { ...createAlertInteraction(parseNotification(body), undefined), respond }
    : { command: parseCommand(body, request.receivedAt), respond };
}

/** JSON carries bytes as base64, standard or URL-safe, padded or not: https://protobuf.dev/programming-guides/json/ */
function decode(data: string): Buffer {
  if (/^[A-Za-z0-9+/_-]+={0,2}$/.test(data)) return Buffer.from(data, 'base64');
  throw invalidRequest({ field: 'message.data', description: 'must be JSON as base64' });
}

function respond(given: CommandResult): HttpResponse {
  if (given.kind === 'cancel') {
    return jsonResponse(200, given.body, { 'Cancel-Outcome': given.outcome });
  }
  const reply = renderAlertResult(given);
  return reply.status === 403 ? { ...reply, status: 200 } : reply;
}

function renderError(error: StatusError): HttpResponse {
  const reply = errorResponse(error);
  if (error.reason === 'UNAUTHENTICATED') return reply;
  if (!error.retryable) return { ...reply, status: 200 };
  return reply.status >= 500 ? reply : { ...reply, status: 503 };
}
