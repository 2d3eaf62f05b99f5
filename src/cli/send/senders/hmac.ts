/** The signatures of senders that share a secret with the function. Each returns the headers to send. */

import { createHmac } from 'node:crypto';
import type { Webhook } from './webhook.ts';

type Body = Webhook['body'];
type Headers = Webhook['headers'];

/** HMAC-SHA256 of these parts, one after the other. */
export function hmac(
  key: string | Buffer,
  parts: readonly (string | Buffer)[],
  encoding: 'hex' | 'base64',
): string {
  const sum = createHmac('sha256', key);
  for (const part of parts) sum.update(part);
  return sum.digest(encoding);
}

/** Whole seconds since 1970, as senders write a time. */
export function seconds(milliseconds: number): string {
  return String(Math.floor(milliseconds / 1000));
}

/**
 * https://docs.slack.dev/authentication/verifying-requests-from-slack
 *
 * @param at milliseconds since 1970
 */
export function signSlack(body: Body, secret: string, at: number): Headers {
  const timestamp = seconds(at);
  return {
    'x-slack-request-timestamp': timestamp,
    'x-slack-signature': `v0=${hmac(secret, [`v0:${timestamp}:`, body], 'hex')}`,
  };
}

/**
 * https://developer.pagerduty.com/docs/verifying-webhook-signatures
 *
 * @param secrets one, or several while a subscription's secret is rotated
 */
export function signPagerduty(body: Body, ...secrets: readonly string[]): Headers {
  const signatures = secrets.map((secret) => `v1=${hmac(secret, [body], 'hex')}`);
  return { 'x-pagerduty-signature': signatures.join(',') };
}

/** Grafana's own defaults where `header` is not given; without `timestampHeader` no time is signed. */
export interface GrafanaHeaders {
  readonly header?: string;
  readonly timestampHeader?: string;
}

/**
 * https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/#hmac-signature
 *
 * @param at milliseconds since 1970
 */
export function signGrafana(
  body: Body,
  secret: string,
  at: number,
  { header = 'X-Grafana-Alerting-Signature', timestampHeader }: GrafanaHeaders = {},
): Headers {
  const time = timestampHeader === undefined ? [] : [`${seconds(at)}:`];
  const signature = hmac(secret, [...time, body], 'hex');
  return {
    [header.toLowerCase()]: signature,
    ...(timestampHeader === undefined ? {} : { [timestampHeader.toLowerCase()]: seconds(at) }),
  };
}

/**
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 *
 * @param secret `whsec_` and a key in base64
 * @param at milliseconds since 1970
 * @param id the message's own, the same at each try
 */
export function signStandardWebhook(body: Body, secret: string, at: number, id: string): Headers {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const timestamp = seconds(at);
  const signature = hmac(key, [`${id}.${timestamp}.`, body], 'base64');
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature}`,
  };
}
