/**
 * The tokens with which Google Chat proves itself:
 * https://developers.google.com/workspace/chat/verify-requests-from-chat
 *
 * Where the audience is a project's number, Chat signs by itself and only apps of that project get
 * such a token. Where it is the endpoint's URL, the token is an ID token of Google's for an account
 * that all Chat apps share, or, for an add-on, for an account of its project's own.
 */

import type { CallerDeps } from '../caller-deps.ts';
import { unauthenticated } from '../errors.ts';
import type { Authenticator } from './authenticator.ts';
import { BEARER_CHALLENGE, bearerToken } from './bearer.ts';
import { isGoogleIssued } from './google.ts';
import { type Claims, isSignatureRemoved, verifyIdToken } from './id-token.ts';
import type { KeySet } from './key-set.ts';

/** Names Chat itself: as an issuer, and as the account of an ID token. */
const CHAT = 'chat@system.gserviceaccount.com';
interface TokenProfile {
  readonly keys: KeySet;
  readonly validateClaims: (claims: Claims) => boolean;
}

/**
 * @param serviceAccount an add-on's own account; with it, the shared one is not enough, for anyone
 * may point a Chat app of theirs at the hook's URL
 */
export function googleChat(
  { audience, serviceAccount }: { readonly audience: string; readonly serviceAccount?: string },
  deps: CallerDeps,
): Authenticator {
  const ways: TokenProfile[] = [];
  const account = serviceAccount ?? CHAT;
  if (isProjectNumber(audience)) {
    const validateClaims = ({ iss, aud }: Claims) => iss === CHAT && aud === audience;
    ways.push({ keys: deps.chatKeys, validateClaims });
  }
  if (!isProjectNumber(audience) || serviceAccount !== undefined) {
    const validateClaims = (claims: Claims) =>
      isGoogleIssued(claims) && claims.aud === audience && claims.email === account;
    ways.push({ keys: deps.googleKeys, validateClaims });
  }
  return async ({ headers }) => {
    const token = bearerToken(headers.authorization);
    if (token === undefined || isSignatureRemoved(token)) throw unauthenticated(BEARER_CHALLENGE);
    for (const way of ways) {
      if (await verifyIdToken({ token, now: deps.clock.now(), ...way })) return [];
    }
    throw unauthenticated(BEARER_CHALLENGE);
  };
}

export function isProjectNumber(audience: string): boolean {
  return /^\d+$/.test(audience);
}
