/** HMAC-SHA256 signatures of a body under a shared secret. What differs from sender to sender is an {@link HmacScheme}. */

import { createHmac } from 'node:crypto';
import type { RequestHead, VerifyBody } from '../caller.ts';
import type { UnauthenticatedReason } from '../errors.ts';
import { timingSafeEqualString } from './secret.ts';

export interface HmacScheme {
  /** Names of headers, in lower case. */
  readonly signature: string;
  readonly timestamp?: string | undefined;
  readonly id?: string;
  /** Stands before each signature. */
  readonly version: string;
  /** Stands between signatures. Absent: there is one signature. */
  readonly separator?: string;
  readonly encoding: 'hex' | 'base64';
  /** What is signed before the body. */
  readonly signedPrefix: (timestamp: string, id: string) => string;
}

/** A signed timestamp may be this far off, either way. */
const TOLERANCE_SECONDS = 300;

/** More than a rotation of secrets needs; each further signature would cost only time. */
const MAX_SIGNATURES = 8;

/** The only form of 32 bytes: a signature in another form is refused before the body is read. */
const SIGNATURE_FORMAT = { hex: /^[0-9a-f]{64}$/, base64: /^[A-Za-z0-9+/]{43}=$/ } as const;

/**
 * Checks the headers of a signed request.
 *
 * @param input.now milliseconds since 1970
 * @returns the check of the body, or why no body can fit the headers
 */
export function checkSignedHead(
  scheme: HmacScheme,
  input: {
    readonly headers: RequestHead['headers'];
    readonly keys: readonly (string | Buffer)[];
    readonly now: number;
  },
): VerifyBody | UnauthenticatedReason {
  const { headers, keys, now } = input;
  const header = headers[scheme.signature];
  if (header === undefined || header === '') return 'no-credentials';
  if (typeof header !== 'string') return 'malformed';
  const id = headers[scheme.id ?? ''];
  if (scheme.id !== undefined && (typeof id !== 'string' || id === '')) return 'malformed';
  const timestamp = headers[scheme.timestamp ?? ''];
  if (scheme.timestamp !== undefined && !isWithinTolerance(timestamp, now)) return 'timestamp';

  const { version, separator, encoding } = scheme;
  const signatures = (separator === undefined ? [header] : header.split(separator))
    .map((part) => part.trim())
    .filter((part) => part.startsWith(version))
    .map((part) => part.slice(version.length))
    .filter((signature) => SIGNATURE_FORMAT[encoding].test(signature))
    .slice(0, MAX_SIGNATURES);
  if (signatures.length === 0) return 'malformed';
  const prefix = scheme.signedPrefix(String(timestamp), String(id));
  return (body) => verifyHmac({ keys, parts: [prefix, body], signatures, encoding });
}

/** Returns whether one of `signatures` is the HMAC-SHA256 of `parts` under one of `keys`; each pair is tried. */
function verifyHmac(input: {
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

/** @param timestamp seconds since 1970 as decimal text; `now` is in milliseconds */
function isWithinTolerance(
  timestamp: string | readonly string[] | undefined,
  now: number,
): boolean {
  if (typeof timestamp !== 'string' || !/^\d{1,12}$/.test(timestamp)) return false;
  return Math.abs(now / 1000 - Number(timestamp)) <= TOLERANCE_SECONDS;
}
