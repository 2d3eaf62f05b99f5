/**
 * A Cloud Monitoring notification, from its webhook channels and its Pub/Sub channels:
 * https://cloud.google.com/monitoring/support/notification-options#webhooks
 */

import type { FromSchema } from 'json-schema-to-ts';
import type { Alert } from '../command.ts';
import { createValidator } from '../validation/validator.ts';
import { isRecord, stringOrEmpty } from '../validation/values.ts';
import type { FreeText } from './find-resource-names.ts';
import {
  type AlertDelivery,
  mayBeCut,
  NOTHING_FIRES,
  targetsFromText,
} from './find-resource-names.ts';
import { validateBody } from './json.ts';

const text = { type: ['string', 'null'] } as const;

/** Only what is used; a test notification has its documentation as a string. */
const notification = {
  type: 'object',
  required: ['incident'],
  properties: {
    incident: {
      type: 'object',
      required: ['state'],
      properties: {
        state: { type: 'string' },
        documentation: {
          type: ['object', 'string', 'null'],
          properties: {
            content: text,
            subject: text,
            links: {
              type: ['array', 'null'],
              maxItems: 50,
              items: { type: 'object', properties: { url: text } },
            },
          },
        },
      },
    },
  },
} as const;

const validateNotification = createValidator<FromSchema<typeof notification>>(
  'MonitoringNotification',
  notification,
);

/** Whether a body is a notification. Otherwise it is a request in the function's own JSON. */
export function isNotification(body: unknown): boolean {
  return isRecord(body) && ('incident' in body || isTest(body));
}

/** `Send test notification` sends an incident whose state is OPEN. */
function isTest({ version }: Readonly<Record<string, unknown>>): boolean {
  return typeof version === 'string' && version.toLowerCase() === 'test';
}

/** @throws StatusError INVALID_REQUEST */
export function parseNotification(body: unknown): AlertDelivery {
  if (isRecord(body) && isTest(body)) return NOTHING_FIRES;
  const { incident } = validateBody(validateNotification, body);
  const { state, documentation } = incident;
  if (state.toLowerCase() !== 'open') return NOTHING_FIRES;
  const alert: Alert = {
    name: stringOrEmpty(incident.policy_name) || 'incident',
    id: stringOrEmpty(incident.incident_id),
  };
  const named = targetsFromText('incident.documentation', textsOf(documentation));
  return { firing: true, alert, ...named };
}

type Documentation = FromSchema<typeof notification>['incident']['documentation'];

/** Cloud Monitoring cuts the subject after it has filled in the variables. */
const MAX_SUBJECT_BYTES = 255;

function textsOf(documentation: Documentation): FreeText[] {
  if (typeof documentation === 'string') return [{ text: documentation }];
  const { content, subject, links } = documentation ?? {};
  return [
    { text: content ?? '' },
    { text: subject ?? '', mayBeCut: mayBeCut(subject, MAX_SUBJECT_BYTES) },
    ...(links ?? []).map(({ url }) => ({ text: url ?? '' })),
  ];
}
