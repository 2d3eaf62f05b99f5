/**
 * A Cloud Monitoring notification, from its webhook channels and through its Pub/Sub channels:
 * https://cloud.google.com/monitoring/support/notification-options#webhooks
 */

import type { FromSchema } from 'json-schema-to-ts';
import type { CancelTarget } from '../command.ts';
import { isRecord } from '../validation/json.ts';
import { createValidator } from '../validation/validator.ts';
import { targetsFromText } from './alert-caller.ts';
import { validateBody } from './json.ts';

const text = { type: ['string', 'null'] } as const;

/** Only what is used; a test notification has its documentation as mere text. */
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
              items: { type: 'object', properties: { url: text } },
            },
          },
        },
      },
    },
  },
} as const;

const checkNotification = createValidator<FromSchema<typeof notification>>(
  'MonitoringNotification',
  notification,
);

/** Whether a body is meant as a notification, and not as a request in the hook's own JSON. */
export function isNotification(body: unknown): boolean {
  return isRecord(body) && ('incident' in body || isTest(body));
}

/** What `Send test notification` sends; its incident says OPEN, and is none. */
function isTest({ version }: Readonly<Record<string, unknown>>): boolean {
  return typeof version === 'string' && version.toLowerCase() === 'test';
}

/**
 * What an open incident named; none at all for a closed one or a test.
 *
 * @throws StatusError INVALID_REQUEST
 */
export function parseNotification(body: unknown): CancelTarget[][] {
  if (isRecord(body) && isTest(body)) return [];
  const { state, documentation } = validateBody(checkNotification, body).incident;
  return state.toLowerCase() === 'open'
    ? [targetsFromText('incident.documentation', texts(documentation))]
    : [];
}

type Documentation = FromSchema<typeof notification>['incident']['documentation'];

function texts(documentation: Documentation): string[] {
  if (typeof documentation === 'string') return [documentation];
  const { content, subject, links } = documentation ?? {};
  return [content, subject, ...(links ?? []).map(({ url }) => url)].filter(
    (part) => typeof part === 'string',
  );
}
