/**
 * Cloud Run's own IAM check: Cloud Run verifies the sender's ID token, and hands it on without its
 * signature: https://cloud.google.com/run/docs/authenticating/service-to-service
 *
 * Anybody can write such a token. It proves something only if every request has passed the check:
 * never on a service that `allUsers` may invoke, or whose invoker IAM check is disabled.
 */

import type { FromSchema } from 'json-schema-to-ts';
import type { CallerDeps } from '../caller.ts';
import { unauthenticated } from '../errors.ts';
import { type Authenticator, BEARER_CHALLENGE, parseAuthorization } from './authenticator.ts';
import { audienceSettings, emailsSettings } from './google.ts';
import { checkVerifiedToken, type ExpectedClaims } from './id-token.ts';

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
