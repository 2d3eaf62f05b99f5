/** What a proof is: it says who sent a request, or refuses it. */

import type { Incoming } from '../caller.ts';

/**
 * @returns the sender's identities, none where the proof tells no person from another
 * @throws StatusError UNAUTHENTICATED; KEYS_UNAVAILABLE where Google's keys could not be had
 */
export type Proof = (incoming: Incoming) => Promise<readonly string[]>;
