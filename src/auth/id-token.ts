/**
 * ID tokens of Google, verified by the hook itself:
 * https://cloud.google.com/docs/authentication/token-types#id and RFC 7519.
 */

import { type KeyObject, verify } from 'node:crypto';
import type { KeySet } from './key-set.ts';

export interface Claims {
  readonly iss?: unknown;
  readonly aud?: unknown;
  readonly exp?: unknown;
  readonly iat?: unknown;
  readonly nbf?: unknown;
  readonly email?: unknown;
  readonly email_verified?: unknown;
}

/** What Cloud Run puts in a signature's place after its own check. */
const REMOVED_SIGNATURE = 'SIGNATURE_REMOVED_BY_GOOGLE';
/** How far ahead of ours an issuer's clock may be. */
const SKEW_SECONDS = 300;
/** No token of Google comes near this; a longer one is not worth decoding. */
const MAX_CHARACTERS = 8192;

/** RFC 7519, 3: three parts, each of base64url (RFC 4648, 5), without padding. */
const COMPACT_JWS = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)$/;

interface Parts {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Claims;
  readonly signed: string;
  readonly signature: string;
}

/**
 * Claims of a token whose signature and times hold, undefined for any other. The caller of this
 * function still has to look at issuer, audience and email.
 *
 * @param expect what is checked before any key is fetched, so that a token for someone else costs nothing
 * @throws StatusError KEYS_UNAVAILABLE
 */
export async function verifyIdToken(input: {
  readonly token: string;
  readonly keys: KeySet;
  readonly now: number;
  readonly validateClaims: (claims: Claims) => boolean;
}): Promise<Claims | undefined> {
  const parts = split(input.token);
  if (
    !parts ||
    !areTimeClaimsValid(parts.claims, input.now) ||
    !input.validateClaims(parts.claims)
  ) {
    return undefined;
  }
  // One algorithm only: a token must not choose how it is verified (RFC 8725, 3.1), and what the
  // header calls critical is not understood here (RFC 7515, 4.1.11).
  const { alg, kid, crit } = parts.header;
  if (alg !== 'RS256' || typeof kid !== 'string' || crit !== undefined) return undefined;
  const key = await input.keys.get(kid);
  return key && verifies(parts, key) ? parts.claims : undefined;
}

function verifies(parts: Parts, key: KeyObject): boolean {
  const signature = Buffer.from(parts.signature, 'base64url');
  return (
    key.asymmetricKeyType === 'rsa' && verify('sha256', Buffer.from(parts.signed), key, signature)
  );
}

/** Claims of a token that Cloud Run has checked and stripped; undefined for any other. */
export function unverifiedClaims(token: string, now: number): Claims | undefined {
  const parts = split(token);
  return parts && isSignatureRemoved(token) && areTimeClaimsValid(parts.claims, now)
    ? parts.claims
    : undefined;
}

export function isSignatureRemoved(token: string): boolean {
  return token.endsWith(`.${REMOVED_SIGNATURE}`);
}

function areTimeClaimsValid({ exp, iat, nbf }: Claims, now: number): boolean {
  const seconds = now / 1000;
  const past = (time: unknown) => typeof time === 'number' && time <= seconds + SKEW_SECONDS;
  return (
    typeof exp === 'number' &&
    exp > seconds &&
    (iat === undefined || past(iat)) &&
    (nbf === undefined || past(nbf))
  );
}

function split(token: string): Parts | undefined {
  const written = token.length > MAX_CHARACTERS ? null : COMPACT_JWS.exec(token);
  if (!written) return undefined;
  const [, header, claims, signature] = written as unknown as readonly [
    string,
    string,
    string,
    string,
  ];
  const readHeader = decode(header);
  const readClaims = decode(claims);
  return readHeader && readClaims
    ? {
        header: readHeader,
        claims: readClaims,
        signed: `${header}.${claims}`,
        signature,
      }
    : undefined;
}

/** What is JSON but no object has none of the fields that are asked for. */
function decode(part: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) || undefined;
  } catch {
    return undefined;
  }
}
