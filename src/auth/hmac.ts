/** HMAC-SHA256 over a body, for every sender that signs with a shared secret. */

import { createHmac } from 'node:crypto';
import type { VerifyBody } from './authenticator.ts';
import { timingSafeEqualString } from './timing-safe.ts';

/** Signatures that carry a time are good this long before and after it. */
const TOLERANCE_SECONDS = 300;

/** More signatures than any rotation needs would only make the hook work for a stranger. */
const MAX_SIGNATURES = 8;

/** How 32 bytes are written, and in no other way: it takes no body to refuse what is written so not. */
const SIGNATURE_FORMAT = { hex: /^[0-9a-f]{64}$/, base64: /^[A-Za-z0-9+/]{43}=$/ } as const;

/**
 * What a head's signatures leave to check.
 *
 * @param signed what is signed before the body
 * @returns undefined where none of `signatures` could be good, whatever the body
 */
export function createSignatureVerifier(input: {
  readonly keys: readonly (string | Buffer)[];
  readonly signed: string;
  readonly signatures: readonly string[];
  readonly encoding: 'hex' | 'base64';
}): VerifyBody | undefined {
  const { keys, signed, encoding } = input;
  const signatures = input.signatures
    .filter((signature) => SIGNATURE_FORMAT[encoding].test(signature))
    .slice(0, MAX_SIGNATURES);
  if (signatures.length === 0) return undefined;
  return (body) => verifyHmac({ keys, parts: [signed, body], signatures, encoding });
}

/**
 * Whether one of `signatures` is the HMAC-SHA256 of `parts` under one of `keys`; each pair is tried.
 *
 * @param encoding how the sender writes the signature; it must be written just so
 */
export function verifyHmac(input: {
  readonly keys: readonly (string | Buffer)[];
  readonly parts: readonly (string | Buffer)[];
  readonly signatures: readonly string[];
  readonly encoding: 'hex' | 'base64';
}): boolean {
  let valid = false;
  for (const key of input.keys) {
    const hmac = createHmac('sha256', key);
    for (const part of input.parts) hmac.update(part);
    const expected = hmac.digest(input.encoding);
    for (const signature of input.signatures)
      valid = timingSafeEqualString(signature, expected) || valid;
  }
  return valid;
}

/**
 * Whether a signature's time, in seconds since 1970 as decimal text, is near enough to `now`
 * (milliseconds) on either side.
 */
export function isWithinTolerance(timestamp: string | undefined, now: number): boolean {
  if (!/^\d{1,12}$/.test(String(timestamp))) return false;
  return Math.abs(now / 1000 - Number(timestamp)) <= TOLERANCE_SECONDS;
}
