/**
 * A Google service account's or user's ID token, as Cloud Scheduler, Cloud Tasks, Pub/Sub and
 * `gcloud auth print-identity-token` send it: https://cloud.google.com/scheduler/docs/http-target-auth
 */

import type { FromSchema } from 'json-schema-to-ts';
import type { CallerDeps } from '../caller.ts';
import { type UnauthenticatedReason, unauthenticated } from '../errors.ts';
import { describePattern } from '../validation/validator.ts';
import { type Authenticator, BEARER_CHALLENGE, parseAuthorization } from './authenticator.ts';
import { type ExpectedClaims, verifyIdToken } from './id-token.ts';

/** A stricter pattern would refuse addresses that exist. */
export const EMAIL = describePattern('^[^@\\s]+@[^@\\s]+$', 'an email address');

export const audienceSettings = {
  description:
    "The token's exact audience, usually the function's URL as the sender has it. Any of a list is accepted.",
  type: ['string', 'array'],
  minLength: 1,
  minItems: 1,
  items: { type: 'string', minLength: 1 },
} as const;

export const emailsSettings = {
  type: 'array',
  minItems: 1,
  items: { type: 'string', minLength: 3, pattern: EMAIL },
  description: 'The accepted emails: service accounts or users.',
} as const;

export const googleSettings = {
  type: 'object',
  description: 'An ID token of Google, which the function verifies itself.',
  required: ['audience', 'emails'],
  additionalProperties: false,
  properties: { audience: audienceSettings, emails: emailsSettings },
} as const;

/** https://developers.google.com/identity/openid-connect/openid-connect#validatinganidtoken */
export const GOOGLE_ISSUERS = ['https://accounts.google.com', 'accounts.google.com'];

export function google(
  { audience, emails }: FromSchema<typeof googleSettings>,
  { googleKeys: keys, clock }: CallerDeps,
): Authenticator {
  const expected: ExpectedClaims = {
    issuers: GOOGLE_ISSUERS,
    audiences: [audience].flat(),
    email: 'verified',
    emails,
  };
  return async ({ headers }) => {
    let refusal: UnauthenticatedReason = 'no-credentials';
    // A sender that leaves Authorization alone sends its token in X-Serverless-Authorization; Cloud
    // Run removes the signature of the token that it has checked itself:
    // https://cloud.google.com/run/docs/authenticating/service-to-service
    for (const header of [headers.authorization, headers['x-serverless-authorization']]) {
      const token = parseAuthorization(header, 'Bearer');
      const claims =
        typeof token === 'string'
          ? token
          : await verifyIdToken(token.credentials, { expected, keys, now: clock.now() });
      if (typeof claims !== 'string') return [String(claims.email)];
      if (refusal === 'no-credentials') refusal = claims;
    }
    throw unauthenticated(refusal, BEARER_CHALLENGE);
  };
}
