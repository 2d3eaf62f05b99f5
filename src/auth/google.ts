/**
 * Google's ID tokens: those that a sender puts in (`google`), those of Google Chat, and those that Cloud
 * Run has verified (`iam`).
 */

import type { FromSchema } from 'json-schema-to-ts';
import type { Authenticator, CallerDeps } from '../caller.ts';
import { type UnauthenticatedReason, unauthenticated } from '../errors.ts';
import { describePattern } from '../validation/validator.ts';
import { checkVerifiedToken, type ExpectedClaims, verifyIdToken } from './id-token.ts';
import type { KeySet } from './key-set.ts';
import { BEARER_CHALLENGE, parseAuthorization } from './shared-secret.ts';

/** A stricter pattern would refuse addresses that exist. */
export const EMAIL = describePattern('^[^@\\s]+@[^@\\s]+$', 'an email address');

const audienceSettings = {
  description:
    "The token's exact audience, usually the function's URL as the sender has it. Any of a list is accepted.",
  type: ['string', 'array'],
  minLength: 1,
  minItems: 1,
  items: { type: 'string', minLength: 1 },
} as const;

const emailsSettings = {
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
const GOOGLE_ISSUERS = ['https://accounts.google.com', 'accounts.google.com'];

/**
 * Authenticates a service account or a user by an ID token, as Cloud Scheduler, Cloud Tasks, Pub/Sub and
 * `gcloud auth print-identity-token` send it: https://cloud.google.com/scheduler/docs/http-target-auth
 */
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

/** Chat's name, as an issuer and as the service account of an ID token. */
const CHAT = 'chat@system.gserviceaccount.com';

interface TokenProfile {
  readonly keys: KeySet;
  readonly expected: ExpectedClaims;
}

/**
 * Authenticates Google Chat: https://developers.google.com/workspace/chat/verify-requests-from-chat
 *
 * If the audience is a project number, Chat signs the token itself, and only apps of that project get
 * one. If it is the endpoint's URL, the token is a Google ID token for a service account that all Chat
 * apps share, or, for an add-on, for a service account of its own project.
 *
 * @param serviceAccount an add-on's own account; the shared account is then not accepted, since
 * anybody can point a Chat app at this function's URL
 */
export function googleChat(
  { audience, serviceAccount }: { readonly audience: string; readonly serviceAccount?: string },
  { chatKeys, googleKeys, clock }: CallerDeps,
): Authenticator {
  const profiles: TokenProfile[] = [];
  const audiences = [audience];
  if (isProjectNumber(audience)) {
    profiles.push({ keys: chatKeys, expected: { issuers: [CHAT], audiences } });
  }
  if (!isProjectNumber(audience) || serviceAccount !== undefined) {
    const emails = [serviceAccount ?? CHAT];
    const expected = { issuers: GOOGLE_ISSUERS, audiences, email: 'verified', emails } as const;
    profiles.push({ keys: googleKeys, expected });
  }
  return async ({ headers }) => {
    const token = parseAuthorization(headers.authorization, 'Bearer');
    if (typeof token === 'string') throw unauthenticated(token, BEARER_CHALLENGE);
    let refusal: UnauthenticatedReason = 'issuer';
    for (const profile of profiles) {
      const claims = await verifyIdToken(token.credentials, { ...profile, now: clock.now() });
      if (typeof claims !== 'string') return [];
      // A token fits the issuer of one profile; why that one refuses it tells more.
      if (refusal === 'issuer') refusal = claims;
    }
    throw unauthenticated(refusal, BEARER_CHALLENGE);
  };
}

export function isProjectNumber(audience: string): boolean {
  return /^\d+$/.test(audience);
}

export const iamSettings = {
  description:
    "Cloud Run's own IAM check authenticates the sender: true, or the audience and the emails that are accepted. Only for a service that is not public: on a public one anybody can forge the token.",
  if: { type: 'object' },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema.
  then: {
    type: 'object',
    minProperties: 1,
    additionalProperties: false,
    properties: { audience: audienceSettings, emails: emailsSettings },
  },
  else: { const: true },
} as const;

export type IamSettings = true | FromSchema<typeof iamSettings.then>;

/**
 * Authenticates by Cloud Run's own IAM check: Cloud Run verifies the sender's ID token, and hands it on
 * without its signature: https://cloud.google.com/run/docs/authenticating/service-to-service
 *
 * Anybody can write such a token. It is evidence only if every request has passed the check:
 * never on a service that `allUsers` may invoke, or whose invoker IAM check is disabled.
 */
export function iam(
  settings: IamSettings,
  deps: CallerDeps,
  at: readonly (string | number)[],
): Authenticator {
  deps.warn(
    at,
    'relies on Cloud Run\'s IAM check: anybody can forge its tokens if "allUsers" may invoke the service, or if its invoker IAM check is disabled',
  );
  const { audience, emails } = settings === true ? {} : settings;
  const expected: ExpectedClaims = {
    audiences: audience === undefined ? undefined : [audience].flat(),
    email: 'present',
    emails,
  };
  return async ({ headers }) => {
    // If both headers are there, Cloud Run has checked this one and hands on the other unchecked.
    const header = headers['x-serverless-authorization'] ?? headers.authorization;
    const token = parseAuthorization(header, 'Bearer');
    if (typeof token === 'string') throw unauthenticated(token, BEARER_CHALLENGE);
    const claims = checkVerifiedToken(token.credentials, expected, deps.clock.now());
    if (typeof claims === 'string') throw unauthenticated(claims, BEARER_CHALLENGE);
    return [String(claims.email)];
  };
}
