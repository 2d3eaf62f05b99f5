/**
 * Notifications of Google Cloud: those of Cloud Monitoring, from its webhook and Pub/Sub channels
 * (https://cloud.google.com/monitoring/support/notification-options#webhooks), and those of Cloud Billing
 * budgets (https://cloud.google.com/billing/docs/how-to/budgets-programmatic-notifications).
 */

import type { FromSchema } from 'json-schema-to-ts';
import type { Alert } from '../command.ts';
import { createValidator } from '../validation/validator.ts';
import { isRecord, stringOrEmpty } from '../validation/values.ts';
import {
  type AlertDelivery,
  type FreeText,
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

const amount = { type: 'number', minimum: 0 } as const;

/** Only what is used. The thresholds are the budget's own; the caller's settings have another one. */
const budgetNotification = {
  type: 'object',
  required: ['costAmount', 'budgetAmount'],
  properties: {
    budgetDisplayName: { type: 'string' },
    costAmount: amount,
    budgetAmount: amount,
    currencyCode: { type: 'string' },
  },
} as const;

const validateBudget = createValidator<FromSchema<typeof budgetNotification>>(
  'BudgetNotification',
  budgetNotification,
);

export interface BudgetNotification {
  readonly name: string;
  readonly costAmount: number;
  readonly budgetAmount: number;
  readonly currencyCode: string;
}

/** Whether a message is meant as a budget notification. They come several times a day, whatever the cost. */
export function isBudgetNotification(body: unknown): boolean {
  return isRecord(body) && ('costAmount' in body || 'budgetAmount' in body);
}

/** @throws StatusError INVALID_REQUEST */
export function parseBudgetNotification(body: unknown): BudgetNotification {
  const { budgetDisplayName, costAmount, budgetAmount, currencyCode } = validateBody(
    validateBudget,
    body,
  );
  return {
    name: budgetDisplayName ?? 'budget',
    costAmount,
    budgetAmount,
    currencyCode: /^[A-Z]{3}$/.test(currencyCode ?? '') ? String(currencyCode) : '',
  };
}

/**
 * Whether the cost so far has reached a part of the budget; a forecast never counts. Where nothing
 * was spent nothing is reached: a budget of last month's costs can be 0.
 */
export function isThresholdReached(
  { costAmount, budgetAmount }: BudgetNotification,
  threshold: number,
): boolean {
  return costAmount > 0 && costAmount >= threshold * budgetAmount;
}

/** For the log, which is where a notification below the threshold is told. */
export function describeBudget(
  { name, costAmount, budgetAmount, currencyCode }: BudgetNotification,
  threshold: number | undefined,
): string {
  const amounts = `${costAmount} of ${budgetAmount} ${currencyCode}`.trim();
  const rule = threshold === undefined ? 'no preset' : `threshold ${threshold}`;
  return `budget ${JSON.stringify(name.slice(0, 100))}: ${amounts}, ${rule}`;
}
