/** ID tokens, which only Google signs: fetched, and looked at for what the hook would refuse. */

import { isRecord } from '../../validation/values.ts';
import type { Signer } from './signer.ts';

/** Told in one line; the library's own words may hold anything. */
export class TokenUnavailable extends Error {}

/**
 * An ID token of Application Default Credentials: a service account's key, the metadata server,
 * impersonation. https://cloud.google.com/docs/authentication/get-id-token
 *
 * @throws NoToken
 */
export async function fetchIdToken(audience: string): Promise<string> {
  const { GoogleAuth } = await import('google-auth-library');
  try {
    // A project that the library need not look for saves it running `gcloud`.
    const auth = new GoogleAuth({ projectId: 'not-needed' });
    const { idTokenProvider } = await auth.getIdTokenClient(audience);
    return await idTokenProvider.fetchIdToken(audience);
  } catch {
    throw new TokenUnavailable(
      'no ID token could be had from Application Default Credentials; give one: gcloud auth print-identity-token … | cancel-hook send --id-token - …',
    );
  }
}

/** What the hook will find wrong with a token, as far as that can be told from here. */
export function checkIdToken(
  token: string,
  { audiences, emails, requiresEmail }: Signer,
  now: number,
): string[] {
  const claims = claimsOf(token);
  if (!claims) return ['The ID token is no JSON Web Token.'];
  const { aud, email, email_verified, exp } = claims;
  const known = emails === undefined || emails.some((one) => one === email);
  return [
    audiences === undefined || audiences.some((one) => one === aud)
      ? ''
      : `The ID token's audience is ${JSON.stringify(aud)}, and the caller's ${audiences.join(' or ')}.`,
    requiresEmail && (typeof email !== 'string' || email_verified === false)
      ? 'The ID token has no verified email: gcloud adds it with --include-email.'
      : known
        ? ''
        : `The ID token is ${email}'s, who is not among the caller's emails.`,
    typeof exp === 'number' && exp * 1000 < now ? 'The ID token has expired.' : '',
  ].filter((fault) => fault !== '');
}

function claimsOf(token: string): Readonly<Record<string, unknown>> | undefined {
  const [, claims = '', signature] = token.split('.');
  if (!signature) return undefined;
  try {
    const json: unknown = JSON.parse(Buffer.from(claims, 'base64url').toString('utf8'));
    return isRecord(json) ? json : undefined;
  } catch {
    return undefined;
  }
}
