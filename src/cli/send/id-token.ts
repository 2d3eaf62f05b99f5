/** Fetches ID tokens, which only Google signs, and finds why the function would refuse one. */

import { isRecord } from '../../validation/values.ts';
import type { Signer } from './signer.ts';

/** The message is one line of our own: that of the library may hold anything. */
export class TokenUnavailable extends Error {}

/**
 * Fetches an ID token of Application Default Credentials: a service account's key, the metadata server,
 * impersonation. https://cloud.google.com/docs/authentication/get-id-token
 *
 * @throws TokenUnavailable
 */
export async function fetchIdToken(audience: string): Promise<string> {
  const { GoogleAuth } = await import('google-auth-library');
  try {
    // With a project the library does not run `gcloud` to find one.
    const auth = new GoogleAuth({ projectId: 'not-needed' });
    const { idTokenProvider } = await auth.getIdTokenClient(audience);
    return await idTokenProvider.fetchIdToken(audience);
  } catch {
    throw new TokenUnavailable(
      'Application Default Credentials gave no ID token; pass one: gcloud auth print-identity-token … | cancel-hook send --id-token - …',
    );
  }
}

/** Returns why the function refuses a token, as far as that is known here. */
export function checkIdToken(
  token: string,
  { audiences, emails, requiresEmail }: Signer,
  now: number,
): string[] {
  const claims = claimsOf(token);
  if (!claims) return ['The ID token is not a JSON Web Token.'];
  const { aud, email, email_verified, exp } = claims;
  const known = emails === undefined || emails.some((one) => one === email);
  return [
    audiences === undefined || audiences.some((one) => one === aud)
      ? ''
      : `The ID token has the audience ${JSON.stringify(aud)}, the caller has ${audiences.join(' or ')}.`,
    requiresEmail && (typeof email !== 'string' || email_verified === false)
      ? 'The ID token has no verified email: gcloud adds it with --include-email.'
      : known
        ? ''
        : `The ID token is for ${email}, which is not one of the caller's emails.`,
    typeof exp === 'number' && exp * 1000 < now ? 'The ID token has expired.' : '',
  ].filter((problem) => problem !== '');
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
