/** What a proof is: it says who sent a request, or refuses it; by the head alone wherever that can be. */

import { createPrincipal, type HeadAuthentication, type RequestHead } from '../caller.ts';
import { unauthenticated } from '../errors.ts';

/** What is left to prove once the body is there: whether it is what was signed. */
export type VerifyBody = (body: Buffer) => boolean;

/**
 * @returns the sender's identities, none where the proof tells no person from another; or, where the
 * body is signed and the head holds a signature that may be good, the check of the body
 * @throws StatusError UNAUTHENTICATED; KEYS_UNAVAILABLE where Google's keys could not be had
 */
export type Authenticator = (head: RequestHead) => Promise<readonly string[] | VerifyBody>;

/** @param shown what the route's proof made of a head */
export function toHeadAuthentication(
  route: string,
  shown: readonly string[] | VerifyBody,
): HeadAuthentication {
  if (typeof shown !== 'function') {
    return { authenticated: true, authenticate: () => createPrincipal(route, shown) };
  }
  return {
    authenticated: false,
    authenticate(body) {
      if (!shown(body)) throw unauthenticated();
      return createPrincipal(route, []);
    },
  };
}
