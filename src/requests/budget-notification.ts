/**
 * A Cloud Billing budget notification, which Pub/Sub delivers several times a day, whether or not a
 * threshold is reached: https://cloud.google.com/billing/docs/how-to/budgets-programmatic-notifications
 */

import type { FromSchema } from 'json-schema-to-ts';
import { createValidator } from '../validation/validator.ts';
import { isRecord } from '../validation/values.ts';
import { validateBody } from './json.ts';

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

const validateNotification = createValidator<FromSchema<typeof budgetNotification>>(
  'BudgetNotification',
  budgetNotification,
);

export interface BudgetNotification {
  readonly name: string;
  readonly costAmount: number;
  readonly budgetAmount: number;
  readonly currencyCode: string;
}

/** Whether a message is meant as a budget notification. */
export function isBudgetNotification(body: unknown): boolean {
  return isRecord(body) && ('costAmount' in body || 'budgetAmount' in body);
}

/** @throws StatusError INVALID_REQUEST */
export function parseBudgetNotification(body: unknown): BudgetNotification {
  const { budgetDisplayName, costAmount, budgetAmount, currencyCode } = validateBody(
    validateNotification,
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
