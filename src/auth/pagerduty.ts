/**
 * PagerDuty's signatures, one for each of a subscription's secrets:
 * https://developer.pagerduty.com/docs/verifying-webhook-signatures
 */

import type { CallerDeps } from '../caller-deps.ts';
import { unauthenticated } from '../errors.ts';
import type { Authenticator } from './authenticator.ts';
import { createSignatureVerifier } from './hmac.ts';
import type { SecretRefs } from './secret.ts';

const VERSION = 'v1=';

/** The secret is used as the text that PagerDuty shows, though it looks like base64. */
export function pagerdutySignature(
  settings: SecretRefs,
  deps: CallerDeps,
  at: readonly (string | number)[],
): Authenticator {
  const secret = deps.secret(at, settings);
  return async ({ headers }) => {
    const header = headers['x-pagerduty-signature'];
    const keys = await secret();
    const signatures = (typeof header === 'string' ? header : '')
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part.startsWith(VERSION))
      .map((part) => part.slice(VERSION.length));
    const check = createSignatureVerifier({ keys, signed: '', signatures, encoding: 'hex' });
    if (!check) throw unauthenticated();
    return check;
  };
}
