/** A shared token in `Authorization: Bearer` (RFC 6750, 2.1). */

import type { CallerDeps } from '../caller-deps.ts';
import { unauthenticated } from '../errors.ts';
import type { Authenticator } from './authenticator.ts';
import { type SecretRefs, secretRefs } from './secret.ts';
import { matchesAny } from './timing-safe.ts';

export const bearerSettings = secretRefs;

/** RFC 6750, 3: what every proof by a bearer's token answers a 401 with. */
export const BEARER_CHALLENGE = 'Bearer realm="cancel-hook"';

export function bearer(
  settings: SecretRefs,
  deps: CallerDeps,
  at: readonly (string | number)[],
): Authenticator {
  const secret = deps.secret(at, settings);
  return async ({ headers }) => {
    const token = bearerToken(headers.authorization);
    const accepted = await secret();
    if (token === undefined || !matchesAny(token, accepted))
      throw unauthenticated(BEARER_CHALLENGE);
    return [];
  };
}

/** The token of an `Authorization` header; the scheme's name has no case (RFC 9110, 11.1). */
export function bearerToken(header: string | undefined): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(header ?? '')?.[1];
}
