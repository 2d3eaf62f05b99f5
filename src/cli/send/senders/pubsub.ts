/** Pub/Sub's push envelopes: https://cloud.google.com/pubsub/docs/push#receive_push */

/** As the push sends it, each of two fields under two names. */
export function envelope(data: string | undefined): string {
  const publishTime = '2026-03-04T05:06:07.008Z';
  return JSON.stringify({
    deliveryAttempt: 1,
    message: {
      attributes: { source: 'test' },
      ...(data === undefined ? {} : { data: Buffer.from(data).toString('base64') }),
      messageId: '1234567890',
      message_id: '1234567890',
      publishTime,
      publish_time: publishTime,
    },
    subscription: 'projects/my-project/subscriptions/cancel-hook',
  });
}
