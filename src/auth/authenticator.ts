/** Authenticators: each decides by a request's head, if it can, who sent it. */

import { createPrincipal, type HeadAuthentication, type RequestHead } from '../caller.ts';
import { type UnauthenticatedReason, unauthenticated } from '../errors.ts';

/** Checks whether a body is the one that was signed. */
export type VerifyBody = (body: Buffer) => boolean;

/**
 * Returns the sender's identities (none if the credentials name nobody), or, if the body is signed
 * and the head holds a signature that may be valid, the check of the body.
 *
 * @throws StatusError UNAUTHENTICATED; KEYS_UNAVAILABLE if Google's keys cannot be fetched
 */
export type Authenticator = (head: RequestHead) => Promise<readonly string[] | VerifyBody>;

/** @param result what the route's authenticator returned for a head */
export function toHeadAuthentication(
  route: string,
  result: readonly string[] | VerifyBody,
): HeadAuthentication {
  if (typeof result !== 'function') {
    return { authenticated: true, authenticate: () => createPrincipal(route, result) };
  }
  return {
    authenticated: false,
    authenticate(body) {
      if (!result(body)) throw unauthenticated('signature');
      return createPrincipal(route, []);
    },
  };
}

/** RFC 6750, 3: sent with the 401 of every scheme that takes a bearer token. */
export const BEARER_CHALLENGE = 'Bearer realm="cancel-hook"';

/**
 * Parses an `Authorization` header. The scheme's name is case-insensitive (RFC 9110, 11.1).
 *
 * @returns the credentials behind the scheme, or why there are none
 */
export function parseAuthorization(
  header: string | readonly string[] | undefined,
  scheme: 'Basic' | 'Bearer',
): { readonly credentials: string } | UnauthenticatedReason {
  if (header === undefined || header === '') return 'no-credentials';
  if (typeof header !== 'string') return 'malformed';
  const [name = '', credentials, ...more] = header.split(' ').filter((part) => part !== '');
  if (name.toLowerCase() !== scheme.toLowerCase()) return 'scheme';
  return credentials === undefined || more.length > 0 ? 'malformed' : { credentials };
}
