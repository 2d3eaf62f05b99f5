/**
 * A shared token in the query's `auth_token`, as Cloud Monitoring's webhook channels carry it:
 * https://cloud.google.com/monitoring/support/notification-options#webhooks
 */

import type { CallerDeps } from '../caller-deps.ts';
import { unauthenticated } from '../errors.ts';
import type { Authenticator } from './authenticator.ts';
import { type SecretRefs, secretRefs } from './secret.ts';
import { matchesAny } from './timing-safe.ts';

export const queryTokenSettings = secretRefs;

const PARAMETER = 'auth_token';

export function queryToken(
  settings: SecretRefs,
  deps: CallerDeps,
  at: readonly (string | number)[],
): Authenticator {
  const secret = deps.secret(at, settings);
  return async ({ query }) => {
    const accepted = await secret();
    const matches = candidates(query).map((token) => matchesAny(token, accepted));
    if (!matches.includes(true)) throw unauthenticated();
    return [];
  };
}

/**
 * The one `auth_token` of a query; none where it is missing, repeated (whoever reads the other one
 * would see another sender), or wrongly encoded. A plus stands for itself (RFC 3986), or for a
 * space where the query was encoded as a form: both readings are offered.
 */
function candidates(query: string): string[] {
  const values = query
    .split('&')
    .map((pair) => pair.split('='))
    .filter(([name = '']) => decode(name) === PARAMETER)
    .map(([, ...value]) => value.join('='));
  const [value, another] = values;
  if (value === undefined || another !== undefined) return [];
  return [...new Set([value, value.replaceAll('+', ' ')])]
    .map(decode)
    .filter((token) => token !== undefined && token !== '') as string[];
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
