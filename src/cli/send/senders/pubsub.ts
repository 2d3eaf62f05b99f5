/** Pub/Sub's push envelopes: https://cloud.google.com/pubsub/docs/push#receive_push */

/** As the push sends it, each of two fields under two names. */
export function envelope(
  data: string | undefined,
  attributes: Readonly<Record<string, string>> = { source: 'test' },
): string {
  const publishTime = '2026-03-04T05:06:07.008Z';
  return JSON.stringify({
    deliveryAttempt: 1,
    message: {
      attributes,
      ...(data === undefined ? {} : { data: Buffer.from(data).toString('base64') }),
      messageId: '1234567890',
      message_id: '1234567890',
      publishTime,
      publish_time: publishTime,
    },
    subscription: 'projects/my-project/subscriptions/cancel-hook',
  });
}

/** https://cloud.google.com/billing/docs/how-to/budgets-programmatic-notifications#notification_format */
export function budgetNotification(over: Readonly<Record<string, unknown>> = {}): object {
  return {
    budgetDisplayName: 'CA pools',
    costAmount: 60.5,
    costIntervalStart: '2026-03-01T08:00:00Z',
    budgetAmount: 100,
    budgetAmountType: 'SPECIFIED_AMOUNT',
    currencyCode: 'EUR',
    ...over,
  };
}

export const BUDGET_ATTRIBUTES = {
  billingAccountId: '01D4EE-079462-DFD6EC',
  budgetId: 'de72f49d-779b-4945-a127-4d6ce8def0bb',
  schemaVersion: '1.0',
} as const;
