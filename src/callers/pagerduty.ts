/**
 * PagerDuty's V3 webhooks: https://developer.pagerduty.com/docs/webhooks-overview
 *
 * The subscription decides which events are sent. This file decides what each of them may name, so
 * that an event about a resolved incident cancels nothing:
 * - Events that hold the incident itself (triggered, reopened, escalated, priority_updated …): its
 *   title, while it is triggered or acknowledged. Only these run a preset.
 * - `incident.annotated`: the new note. The event does not say whether the incident is still open, so
 *   the title of the incident, which it repeats, does not count.
 * - `incident.custom_field_values.updated`: the new values of the fields that changed, for the same
 *   reason. `changed_custom_fields` lists these fields; their values are in `custom_fields`.
 * - Everything else, such as `pagey.ping`: acknowledged.
 */

import type { FromSchema } from 'json-schema-to-ts';
import { pagerdutySignature } from '../auth/hmac-schemes.ts';
import { secretRefs } from '../auth/secret.ts';
import type { CallerDefinition } from '../caller.ts';
import type { Alert } from '../command.ts';
import { automationSettings, createAlertCaller } from '../requests/alert-caller.ts';
import {
  type AlertDelivery,
  type FreeText,
  mayBeCut,
  NOTHING_FIRES,
  targetsFromText,
} from '../requests/find-resource-names.ts';
import { validateBody } from '../requests/json.ts';
import { createValidator } from '../validation/validator.ts';
import { stringOrEmpty } from '../validation/values.ts';

const settings = {
  type: 'object',
  required: ['type', 'secrets'],
  additionalProperties: false,
  properties: {
    type: { const: 'pagerduty', description: 'A V3 webhook subscription of PagerDuty.' },
    secrets: secretRefs,
    ...automationSettings,
  },
} as const;

const text = { type: ['string', 'null'] } as const;
const fields = {
  type: ['array', 'null'],
  maxItems: 500,
  items: { type: 'object', properties: { id: text } },
} as const;

/** Only what is used, of any event. */
const eventSchema = {
  type: 'object',
  required: ['event'],
  properties: {
    event: {
      type: 'object',
      required: ['event_type'],
      properties: {
        event_type: { type: 'string' },
        data: {
          type: ['object', 'null'],
          properties: {
            status: text,
            title: text,
            content: text,
            trimmed: { type: ['boolean', 'null'] },
            incident: { type: ['object', 'null'], properties: { status: text } },
            custom_fields: fields,
            changed_custom_fields: fields,
          },
        },
      },
    },
  },
} as const;

const validateEvent = createValidator<FromSchema<typeof eventSchema>>(
  'PagerDutyEvent',
  eventSchema,
);

type Data = NonNullable<FromSchema<typeof eventSchema>['event']['data']>;

export const pagerduty: CallerDefinition<FromSchema<typeof settings>> = {
  type: 'pagerduty',
  settings,
  create: (route, { secrets, preset, wait }, deps) =>
    createAlertCaller(route, deps, {
      authenticate: pagerdutySignature(secrets, deps, ['secrets']),
      preset,
      wait,
      senderTimeout: SENDER_TIMEOUT_MS,
      parse: parseEvent,
    }),
};

/** PagerDuty gives a webhook 5 s: https://developer.pagerduty.com/docs/webhooks-overview */
const SENDER_TIMEOUT_MS = 5_000;
/** PagerDuty and the senders of events cut a title there: https://developer.pagerduty.com/docs/send-alert-event */
const MAX_TITLE_BYTES = 1_024;

function parseEvent(body: unknown): AlertDelivery {
  const { event_type: type, data } = validateBody(validateEvent, body).event;
  if (!data || !type.startsWith('incident.') || type === 'incident.resolved') return NOTHING_FIRES;
  if (!isOpen(data.status) || !isOpen(data.incident?.status)) return NOTHING_FIRES;
  const { title, content, trimmed } = data;
  const alert: Alert = {
    name: title || stringOrEmpty(data.incident?.summary) || 'incident',
    id: stringOrEmpty(data.incident?.id ?? data.id),
  };
  switch (type) {
    case 'incident.annotated': {
      const note = { text: content ?? '', mayBeCut: trimmed === true };
      return { firing: false, alert, ...targetsFromText('event.data.content', [note]) };
    }
    case 'incident.custom_field_values.updated':
      return {
        firing: false,
        alert,
        ...targetsFromText('event.data.custom_fields', changedValues(data)),
      };
    default: {
      // An event that only refers to an incident (responders, status updates) has no title.
      if (typeof title !== 'string') return NOTHING_FIRES;
      const text = { text: title, mayBeCut: mayBeCut(title, MAX_TITLE_BYTES) };
      return { firing: true, alert, ...targetsFromText('event.data.title', [text]) };
    }
  }
}

/** An incident whose status the event does not tell counts as open. */
function isOpen(status: string | null | undefined): boolean {
  return status === undefined || status === null || OPEN.includes(status.toLowerCase());
}

const OPEN = ['triggered', 'acknowledged'];

function changedValues({ custom_fields: all, changed_custom_fields: changed }: Data): FreeText[] {
  const ids = changed && new Set(changed.map(({ id }) => id));
  return (all ?? [])
    .filter(({ id }) => !ids || ids.has(id))
    .flatMap(({ value }) => value)
    .flatMap((value) => (typeof value === 'string' ? [{ text: value }] : []));
}
