/**
 * A Google service account's or user's ID token, as Cloud Scheduler, Cloud Tasks, Pub/Sub and
 * `gcloud auth print-identity-token` send it: https://cloud.google.com/scheduler/docs/http-target-auth
 */

import type { RequestHead } from '../caller.ts';
import type { CallerDeps } from '../caller-deps.ts';
import { unauthenticated } from '../errors.ts';
import { describePattern } from '../validation/validator.ts';
import type { Authenticator } from './authenticator.ts';
import { BEARER_CHALLENGE, bearerToken } from './bearer.ts';
import { type Claims, isSignatureRemoved, verifyIdToken } from './id-token.ts';

/** Nothing more can be said of an address's form without refusing some that exist. */
export const EMAIL = describePattern('^[^@\\s]+@[^@\\s]+$', 'an email address');

export const googleSettings = {
  type: 'object',
  description: 'An ID token of Google, which the hook verifies itself.',
  required: ['audience', 'emails'],
  additionalProperties: false,
  properties: {
    audience: {
      type: 'string',
      minLength: 1,
      description: "The token's exact audience, usually the hook's URL as the sender has it.",
    },
    emails: {
      type: 'array',
      minItems: 1,
      items: { type: 'string', minLength: 3, pattern: EMAIL },
      description: 'Whose tokens are accepted: service accounts or users.',
    },
  },
} as const;

/** https://developers.google.com/identity/openid-connect/openid-connect#validatinganidtoken */
const ISSUERS: readonly unknown[] = ['https://accounts.google.com', 'accounts.google.com'];

export function google(
  settings: { readonly audience: string; readonly emails: readonly string[] },
  deps: CallerDeps,
): Authenticator {
  const validateClaims = (claims: Claims) =>
    isGoogleIssued(claims) &&
    claims.aud === settings.audience &&
    settings.emails.some((email) => email === claims.email);
  return async (head) => {
    for (const token of bearerTokens(head)) {
      // Cloud Run strips only the token that it checked itself.
      if (isSignatureRemoved(token)) continue;
      const now = deps.clock.now();
      const claims = await verifyIdToken({
        token,
        keys: deps.googleKeys,
        now,
        validateClaims,
      });
      if (typeof claims?.email === 'string') return [claims.email];
    }
    throw unauthenticated(BEARER_CHALLENGE);
  };
}

/** From Google, and about an address that Google has verified. */
export function isGoogleIssued(claims: Claims): boolean {
  return ISSUERS.includes(claims.iss) && claims.email_verified === true;
}

/**
 * `Authorization`, and `X-Serverless-Authorization`, which takes the token for Cloud Run's own check
 * so that the former stays intact: https://cloud.google.com/run/docs/authenticating/service-to-service
 */
function bearerTokens({ headers }: RequestHead): string[] {
  const serverless = headers['x-serverless-authorization'];
  return [headers.authorization, typeof serverless === 'string' ? serverless : undefined]
    .map(bearerToken)
    .filter((token) => token !== undefined);
}
