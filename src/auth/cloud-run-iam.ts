/**
 * Cloud Run's own IAM check: it admits whoever may invoke the service and hands on their token
 * without its signature. https://cloud.google.com/run/docs/authenticating/service-to-service
 *
 * Anyone can write such a token. It proves something only where nothing reaches the function that
 * Cloud Run has not checked: never on a service that `allUsers` may invoke.
 */

import type { CallerDeps } from '../caller-deps.ts';
import { unauthenticated } from '../errors.ts';
import { type Authenticator, BEARER_CHALLENGE, parseAuthorization } from './authenticator.ts';
import { checkClaims, isSignatureRemoved } from './id-token.ts';

export const iamSettings = {
  const: true,
  description:
    "Cloud Run's own IAM check admits the sender. Only where the service is not public: on a public one anybody can forge it.",
} as const;

export function iam(_: true, deps: CallerDeps, at: readonly (string | number)[]): Authenticator {
  deps.warn(at, 'relies on Cloud Run\'s IAM check: keep the service private, without "allUsers"');
  return async ({ headers }) => {
    // If both headers are there, Cloud Run has checked this one and hands on the other unchecked.
    const header = headers['x-serverless-authorization'] ?? headers.authorization;
    const token = parseAuthorization(header, 'Bearer');
    if (typeof token === 'string') throw unauthenticated(token, BEARER_CHALLENGE);
    const claims = isSignatureRemoved(token.credentials)
      ? checkClaims(token.credentials, { email: 'present' }, deps.clock.now())
      : 'signature';
    if (typeof claims === 'string') throw unauthenticated(claims, BEARER_CHALLENGE);
    return [String(claims.email)];
  };
}
