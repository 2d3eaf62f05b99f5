/**
 * The tokens that Google Chat sends:
 * https://developers.google.com/workspace/chat/verify-requests-from-chat
 *
 * If the audience is a project number, Chat signs the token itself, and only apps of that project get
 * one. If it is the endpoint's URL, the token is a Google ID token for a service account that all Chat
 * apps share, or, for an add-on, for a service account of its own project.
 */

import type { CallerDeps } from '../caller.ts';
import { type UnauthenticatedReason, unauthenticated } from '../errors.ts';
import { type Authenticator, BEARER_CHALLENGE, parseAuthorization } from './authenticator.ts';
import { GOOGLE_ISSUERS } from './google.ts';
import { type ExpectedClaims, verifyIdToken } from './id-token.ts';
import type { KeySet } from './key-set.ts';

/** Chat's name, as an issuer and as the service account of an ID token. */
const CHAT = 'chat@system.gserviceaccount.com';

interface TokenProfile {
  readonly keys: KeySet;
  readonly expected: ExpectedClaims;
}

/**
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
