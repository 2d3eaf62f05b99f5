/**
 * PagerDuty's signatures, one for each of a subscription's secrets:
 * https://developer.pagerduty.com/docs/verifying-webhook-signatures
 */

import type { Setup } from '../caller-deps.ts';
import { unauthenticated } from '../errors.ts';
import type { Proof } from './authenticator.ts';
import { signatureCheck } from './hmac.ts';
import type { SecretRefs } from './secret.ts';

const VERSION = 'v1=';

/** The secret is used as the text that PagerDuty shows, though it looks like base64. */
export function pagerdutySignature(
  settings: SecretRefs,
  setup: Setup,
  at: readonly (string | number)[],
): Proof {
  const secret = setup.secret(at, settings);
  return async ({ headers }) => {
    const header = headers['x-pagerduty-signature'];
    const keys = await secret();
    const signatures = (typeof header === 'string' ? header : '')
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part.startsWith(VERSION))
      .map((part) => part.slice(VERSION.length));
    const check = signatureCheck({ keys, signed: '', signatures, encoding: 'hex' });
    if (!check) throw unauthenticated();
    return check;
  };
}
