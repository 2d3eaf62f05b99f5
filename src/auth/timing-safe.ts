/** Comparison of secrets in a time that tells nothing about them. */

import { createHash, timingSafeEqual } from 'node:crypto';

/** Hashing first gives both sides one length, so that not even the length is told by the time. */
export function timingSafeEqualString(a: string | Buffer, b: string | Buffer): boolean {
  return timingSafeEqual(digest(a), digest(b));
}

/** Whether `given` is one of `accepted`; every one of them is looked at. */
export function matchesAny(given: string, accepted: readonly string[]): boolean {
  let found = false;
  for (const secret of accepted) found = timingSafeEqualString(given, secret) || found;
  return found;
}

function digest(text: string | Buffer): Buffer {
  return createHash('sha256').update(text).digest();
}
