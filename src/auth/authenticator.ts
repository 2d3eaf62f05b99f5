/** What a proof is: it says who sent a request, or refuses it; by the head alone wherever that can be. */

import { type Admission, type Head, principal } from '../caller.ts';
import { unauthenticated } from '../errors.ts';

/** What is left to prove once the body is there: whether it is what was signed. */
export type BodyCheck = (body: Buffer) => boolean;

/**
 * @returns the sender's identities, none where the proof tells no person from another; or, where the
 * body is signed and the head holds a signature that may be good, the check of the body
 * @throws StatusError UNAUTHENTICATED; KEYS_UNAVAILABLE where Google's keys could not be had
 */
export type Proof = (head: Head) => Promise<readonly string[] | BodyCheck>;

/** @param shown what the route's proof made of a head */
export function admission(route: string, shown: readonly string[] | BodyCheck): Admission {
  if (typeof shown !== 'function') {
    return { proven: true, identify: () => principal(route, shown) };
  }
  return {
    proven: false,
    identify(body) {
      if (!shown(body)) throw unauthenticated();
      return principal(route, []);
    },
  };
}
