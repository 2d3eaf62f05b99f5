/**
 * PagerDuty's V3 webhooks: https://developer.pagerduty.com/docs/webhooks-overview
 *
 * Which events reach the hook is the subscription's business; what each of them may name is decided
 * here, so that nothing about a resolved incident cancels anything:
 * - Events that carry the incident itself (triggered, reopened, escalated, priority_updated …): its
 *   title, while it is triggered or acknowledged. Only these run a preset.
 * - `incident.annotated`: the new note. It does not tell whether the incident is still open, so the
 *   incident's title, which it repeats, is not looked at: only what somebody has written just now.
 * - `incident.custom_field_values.updated`: the new values of the fields that changed, for the same
 *   reason. `changed_custom_fields` says which these are; their values are in `custom_fields`.
 * - Everything else, `pagey.ping` among it: acknowledged.
 */

import type { FromSchema } from 'json-schema-to-ts';
import { pagerdutySignature } from '../auth/hmac-schemes.ts';
import { secretRefs } from '../auth/secret.ts';
import type { CallerDefinition } from '../caller.ts';
import type { CancelTarget } from '../command.ts';
import { createAlertCaller, presetSettings, targetsFromText } from '../requests/alert-caller.ts';
import { validateBody } from '../requests/json.ts';
import { createValidator } from '../validation/validator.ts';

const settings = {
  type: 'object',
  required: ['type', 'secrets'],
  additionalProperties: false,
  properties: {
    type: { const: 'pagerduty', description: 'A V3 webhook subscription of PagerDuty.' },
    secrets: secretRefs,
    preset: presetSettings,
  },
} as const;

const text = { type: ['string', 'null'] } as const;
const fields = {
  type: ['array', 'null'],
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
            incident: { type: ['object', 'null'], properties: { status: text } },
            custom_fields: fields,
            changed_custom_fields: fields,
          },
        },
      },
    },
  },
} as const;

const checkEvent = createValidator<FromSchema<typeof eventSchema>>('PagerDutyEvent', eventSchema);

type Data = NonNullable<FromSchema<typeof eventSchema>['event']['data']>;

export const pagerduty: CallerDefinition<FromSchema<typeof settings>> = {
  type: 'pagerduty',
  settings,
  create: (route, { secrets, preset }, deps) =>
    createAlertCaller(route, deps, {
      authenticate: pagerdutySignature(secrets, deps, ['secrets']),
      preset,
      read: (body) => readEvent(body, preset !== undefined),
    }),
};

function readEvent(body: unknown, presetOnly: boolean): CancelTarget[][] {
  const { event_type: type, data } = validateBody(checkEvent, body).event;
  if (!data || !type.startsWith('incident.') || type === 'incident.resolved') return [];
  if (!isOpen(data.status) || !isOpen(data.incident?.status)) return [];
  switch (type) {
    case 'incident.annotated':
      return presetOnly ? [] : [targetsFromText('event.data.content', [data.content ?? ''])];
    case 'incident.custom_field_values.updated':
      return presetOnly ? [] : [targetsFromText('event.data.custom_fields', changedValues(data))];
    default:
      // What only refers to an incident (responders, status updates) has no title.
      return typeof data.title === 'string'
        ? [targetsFromText('event.data.title', [data.title])]
        : [];
  }
}

/** What does not say is open as far as is known. */
function isOpen(status: string | null | undefined): boolean {
  return status === undefined || status === null || OPEN.includes(status.toLowerCase());
}

const OPEN = ['triggered', 'acknowledged'];

function changedValues({ custom_fields: all, changed_custom_fields: changed }: Data): string[] {
  return (all ?? [])
    .filter(({ id }) => !changed || changed.some((field) => field.id === id))
    .flatMap(({ value }) => value)
    .filter((value) => typeof value === 'string');
}
