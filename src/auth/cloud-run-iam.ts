/**
 * Cloud Run's own IAM check: it admits whoever may invoke the service and hands on their token
 * without its signature. https://cloud.google.com/run/docs/authenticating/service-to-service
 *
 * Anyone can write such a token. It proves something only where nothing reaches the function that
 * Cloud Run has not checked: never on a service that `allUsers` may invoke.
 */

import type { CallerDeps } from '../caller-deps.ts';
import { unauthenticated } from '../errors.ts';
import type { Authenticator } from './authenticator.ts';
import { BEARER_CHALLENGE, bearerToken } from './bearer.ts';
import { unverifiedClaims } from './id-token.ts';

export const iamSettings = {
  const: true,
  description:
    "Cloud Run's own IAM check admits the sender. Only where the service is not public: on a public one anybody can forge it.",
} as const;

export function iam(_: true, deps: CallerDeps, at: readonly (string | number)[]): Authenticator {
  deps.warn(at, 'relies on Cloud Run\'s IAM check: keep the service private, without "allUsers"');
  return async ({ headers }) => {
    // Where both are there, Cloud Run has checked this one and left the other to the sender's mercy.
    const checked = headers['x-serverless-authorization'] ?? headers.authorization;
    const token = bearerToken(typeof checked === 'string' ? checked : undefined);
    const claims = token === undefined ? undefined : unverifiedClaims(token, deps.clock.now());
    const email = claims?.email_verified === false ? undefined : claims?.email;
    if (typeof email !== 'string' || email === '') throw unauthenticated(BEARER_CHALLENGE);
    return [email];
  };
}
