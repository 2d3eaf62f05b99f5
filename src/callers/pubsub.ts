/**
 * Pub/Sub push, wrapped: https://cloud.google.com/pubsub/docs/push#receive_push
 *
 * Every status but 102, 200, 201, 202 and 204 has the message sent again, until it expires. So what
 * no repetition can help is acknowledged with 200, and an ERROR in the log is all that tells of it.
 */

import type { FromSchema } from 'json-schema-to-ts';
import { authSettings, createAuthenticator, toHeadAuthentication } from '../auth/index.ts';
import type { CallerDefinition, HttpResponse, Interaction, WebhookRequest } from '../caller.ts';
import type { CommandResult } from '../command.ts';
import { invalidRequest, StatusError } from '../errors.ts';
import {
  automationSettings,
  budgetPresetSettings,
  createAlertInteraction,
  parsePreset,
  parseWait,
  renderAlertResult,
} from '../requests/alert-caller.ts';
import {
  describeBudget,
  isBudgetNotification,
  isNotification,
  isThresholdReached,
  parseBudgetNotification,
  parseNotification,
} from '../requests/google-notifications.ts';
import { errorResponse, isJson, jsonResponse, parseJson, validateBody } from '../requests/json.ts';
import { parseCommand, type SweepRequest } from '../requests/parse-command.ts';
import { createValidator } from '../validation/validator.ts';
import { stringOrEmpty } from '../validation/values.ts';

const settings = {
  type: 'object',
  required: ['type', 'auth'],
  additionalProperties: false,
  properties: {
    type: { const: 'pubsub', description: 'A push subscription of Cloud Pub/Sub.' },
    auth: authSettings('google', 'iam'),
    ...automationSettings,
    preset: budgetPresetSettings,
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
  create(route, { auth, preset: presetSettings, wait: waitSetting }, deps) {
    const authenticator = createAuthenticator(auth, deps, ['auth']);
    const { threshold = 1, ...sweepSettings } = presetSettings ?? {};
    const preset = presetSettings && parsePreset(sweepSettings as SweepRequest, deps);
    const wait = parseWait(waitSetting, deps);
    if (wait > ACK_DEADLINE_MS - 1_000) {
      deps.warn(['wait'], 'needs a longer acknowledgement deadline of the subscription than 10 s');
    }

    function parse(request: WebhookRequest): Interaction {
      const { message } = validateBody(checkEnvelope, parseJson(request));
      const id = stringOrEmpty(message.messageId);
      try {
        return parseMessage(message.data, id, request.receivedAt);
      } catch (error) {
        if (error instanceof StatusError) error.alert = { name: 'message', id };
        throw error;
      }
    }

    function parseMessage(data: string, id: string, receivedAt: number): Interaction {
      const body = parseJson({ body: decode(data) });
      const waitDeadline = receivedAt + wait;
      if (isBudgetNotification(body)) {
        const budget = parseBudgetNotification(body);
        const firing = isThresholdReached(budget, threshold);
        const delivery = { firing, targets: [], alert: { name: budget.name, id } };
        const command = createAlertInteraction(delivery, { preset, waitDeadline }).command;
        // Without a preset a budget names nothing that could be cancelled.
        const note = describeBudget(budget, preset && threshold);
        return { ...(preset ? { command } : NOOP), alert: delivery.alert, note, respond };
      }
      if (isNotification(body)) {
        const delivery = parseNotification(body);
        return { ...createAlertInteraction(delivery, { preset, waitDeadline }), respond };
      }
      const command = parseCommand(body, receivedAt, deps.sweepMax);
      const alert = { name: 'message', id };
      const waits = command.kind === 'cancel' || command.kind === 'sweep';
      return { command: waits ? { waitDeadline, ...command } : command, alert, respond };
    }

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

/** A subscription's default: https://cloud.google.com/pubsub/docs/lease-management */
const ACK_DEADLINE_MS = 10_000;

const NOOP = { command: { kind: 'noop' } } as const;

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
