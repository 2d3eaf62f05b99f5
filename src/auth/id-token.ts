/**
 * Google's ID tokens: https://cloud.google.com/docs/authentication/token-types#id (JWTs, RFC 7519).
 * Claims are checked before any key is fetched: a token for another service costs no network call.
 */

import type { UnauthenticatedReason } from '../errors.ts';
import { isRecord } from '../validation/values.ts';
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

/** Accepted values; a list that is absent accepts every value. */
export interface ExpectedClaims {
  readonly issuers?: readonly string[] | undefined;
  readonly audiences?: readonly string[] | undefined;
  readonly emails?: readonly string[] | undefined;
  /** `verified`: `email_verified` must be true. `present`: it must not be false. Absent: no email is needed. */
  readonly email?: 'verified' | 'present';
}

/** Cloud Run puts this in place of a signature that it has checked. */
const REMOVED_SIGNATURE = 'SIGNATURE_REMOVED_BY_GOOGLE';
/** How far the issuer's clock and ours may differ. */
const LEEWAY_SECONDS = 60;
/** No token of Google is nearly as long; a longer one is not decoded. */
const MAX_CHARACTERS = 8192;
/** RFC 7519, 3: three parts, each base64url (RFC 4648, 5) without padding. */
const COMPACT_JWS = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+$/;

/**
 * Verifies form, claims and signature of a token.
 *
 * @param now milliseconds since 1970
 * @returns the token's claims, or why it is refused
 * @throws StatusError KEYS_UNAVAILABLE
 */
export async function verifyIdToken(
  token: string,
  { expected, keys, now }: { expected: ExpectedClaims; keys: KeySet; now: number },
): Promise<Claims | UnauthenticatedReason> {
  if (isSignatureRemoved(token)) return 'signature';
  const parts = decode(token);
  if (!parts) return 'malformed';
  const { header, claims } = parts;
  const refusal = checkClaims(claims, expected, now);
  if (refusal !== undefined) return refusal;

  const key = typeof header.kid === 'string' ? await keys.get(header.kid) : undefined;
  if (!key) return 'unknown-key';
  const { jwtVerify } = await import('jose');
  try {
    await jwtVerify(token, key, {
      // One algorithm only: a token must not choose how it is verified (RFC 8725, 3.1).
      algorithms: ['RS256'],
      clockTolerance: LEEWAY_SECONDS,
      currentDate: new Date(now),
    });
    return claims;
  } catch {
    return 'signature';
  }
}

/**
 * Checks a token that Cloud Run has verified, and whose signature it has removed.
 *
 * @param now milliseconds since 1970
 * @returns the token's claims, or why it is refused
 */
export function checkVerifiedToken(
  token: string,
  expected: ExpectedClaims,
  now: number,
): Claims | UnauthenticatedReason {
  if (!isSignatureRemoved(token)) return 'signature';
  const claims = decode(token)?.claims;
  return claims ? (checkClaims(claims, expected, now) ?? claims) : 'malformed';
}

function isSignatureRemoved(token: string): boolean {
  return token.endsWith(`.${REMOVED_SIGNATURE}`);
}

function checkClaims(
  claims: Claims,
  expected: ExpectedClaims,
  now: number,
): UnauthenticatedReason | undefined {
  const { iss, aud, exp, iat, nbf = iat } = claims;
  if (typeof exp !== 'number' || typeof iat !== 'number' || typeof nbf !== 'number') {
    return 'malformed';
  }
  const seconds = now / 1000;
  if (seconds >= exp + LEEWAY_SECONDS) return 'expired';
  if (Math.max(iat, nbf) > seconds + LEEWAY_SECONDS) return 'timestamp';
  if (!accepts(expected.issuers, iss)) return 'issuer';
  if (!accepts(expected.audiences, aud)) return 'audience';
  return checkEmail(claims, expected);
}

function checkEmail(
  { email, email_verified }: Claims,
  expected: ExpectedClaims,
): UnauthenticatedReason | undefined {
  if (expected.email === undefined) return undefined;
  if (typeof email !== 'string' || email === '') return 'email-missing';
  const isVerified =
    expected.email === 'verified' ? email_verified === true : email_verified !== false;
  return isVerified && accepts(expected.emails, email) ? undefined : 'email';
}

function accepts(values: readonly unknown[] | undefined, value: unknown): boolean {
  return values === undefined || values.includes(value);
}

type JsonObject = Readonly<Record<string, unknown>>;

function decode(token: string): { header: JsonObject; claims: Claims } | undefined {
  const match = token.length <= MAX_CHARACTERS ? COMPACT_JWS.exec(token) : null;
  try {
    const [header, claims] = (match ?? []).slice(1).map(decodePart);
    return isRecord(header) && isRecord(claims) ? { header, claims } : undefined;
  } catch {
    return undefined;
  }
}

function decodePart(part: string): unknown {
  return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
}
