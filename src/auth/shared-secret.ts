/** The header `Authorization`, and secrets that are sent as they are: bearer tokens, passwords, tokens in the query. */

import type { Authenticator, CallerDeps } from '../caller.ts';
import { type UnauthenticatedReason, unauthenticated } from '../errors.ts';
import { describePattern } from '../validation/validator.ts';
import { matchesAny, type SecretRefs, secretRefs, timingSafeEqualString } from './secret.ts';

/** RFC 6750, 3: sent with the 401 of every scheme that takes a bearer token. */
export const BEARER_CHALLENGE = 'Bearer realm="cancel-hook"';

/**
 * Parses an `Authorization` header. The scheme's name is case-insensitive (RFC 9110, 11.1).
 *
 * @returns the credentials behind the scheme, or why there are none
 */
export function parseAuthorization(
  header: string | readonly string[] | undefined,
  scheme: 'Basic' | 'Bearer',
): { readonly credentials: string } | UnauthenticatedReason {
  if (header === undefined || header === '') return 'no-credentials';
  if (typeof header !== 'string') return 'malformed';
  const [name = '', credentials, ...more] = header.split(' ').filter((part) => part !== '');
  if (name.toLowerCase() !== scheme.toLowerCase()) return 'scheme';
  return credentials === undefined || more.length > 0 ? 'malformed' : { credentials };
}

export const bearerSettings = secretRefs;

/** A shared token in `Authorization: Bearer` (RFC 6750, 2.1). */
export function bearer(
  settings: SecretRefs,
  deps: CallerDeps,
  at: readonly (string | number)[],
): Authenticator {
  const secret = deps.secret(at, settings);
  return async ({ headers }) => {
    const token = parseAuthorization(headers.authorization, 'Bearer');
    if (typeof token === 'string') throw unauthenticated(token, BEARER_CHALLENGE);
    if (!matchesAny(token.credentials, await secret())) {
      throw unauthenticated('secret', BEARER_CHALLENGE);
    }
    return [];
  };
}

/** RFC 7617, 2: a colon ends the name. */
const USERNAME = describePattern(
  '^[^:\\u0000-\\u001f\\u007f]+$',
  'a user name without colons and control characters',
);

export const basicSettings = {
  type: 'object',
  description: 'A user name and a password, by HTTP Basic.',
  required: ['username', 'password'],
  additionalProperties: false,
  properties: {
    username: {
      type: 'string',
      minLength: 1,
      pattern: USERNAME,
      description: 'The name that the sender is set up with; no secret.',
    },
    password: secretRefs,
  },
} as const;

/** Cloud Monitoring sends its password only after it has received this. */
const BASIC_CHALLENGE = 'Basic realm="cancel-hook", charset="UTF-8"';

/** A user name and a password in `Authorization: Basic` (RFC 7617). */
export function basic(
  settings: { readonly username: string; readonly password: SecretRefs },
  deps: CallerDeps,
  at: readonly (string | number)[],
): Authenticator {
  const password = deps.secret([...at, 'password'], settings.password);
  return async ({ headers }) => {
    const encoded = parseAuthorization(headers.authorization, 'Basic');
    if (typeof encoded === 'string') throw unauthenticated(encoded, BASIC_CHALLENGE);
    const pair = decodePair(encoded.credentials);
    if (!pair) throw unauthenticated('malformed', BASIC_CHALLENGE);
    const sameName = timingSafeEqualString(pair.name, settings.username);
    const samePassword = matchesAny(pair.password, await password());
    if (!sameName || !samePassword) throw unauthenticated('secret', BASIC_CHALLENGE);
    return [];
  };
}

function decodePair(base64: string): { name: string; password: string } | undefined {
  if (!/^[A-Za-z0-9+/]+=*$/.test(base64)) return undefined;
  const text = Buffer.from(base64, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { name: text.slice(0, colon), password: text.slice(colon + 1) };
}

export const queryTokenSettings = secretRefs;

/**
 * A shared token in the query's `auth_token`, as Cloud Monitoring's webhook channels send it:
 * https://cloud.google.com/monitoring/support/notification-options#webhooks
 */
export function queryToken(
  settings: SecretRefs,
  deps: CallerDeps,
  at: readonly (string | number)[],
): Authenticator {
  const secret = deps.secret(at, settings);
  return async ({ query }) => {
    const [value = '', ...more] = parseQuery(query, 'auth_token');
    if (value === '' && more.length === 0) throw unauthenticated('no-credentials');
    // If the parameter is repeated, another reader of the query may see the other value.
    const candidates = more.length > 0 ? [] : decodeParameter(value);
    if (candidates.length === 0) throw unauthenticated('malformed');
    const accepted = await secret();
    const matches = candidates.map((token) => matchesAny(token, accepted));
    if (!matches.includes(true)) throw unauthenticated('secret');
    return [];
  };
}

/** Returns the raw values of a query's parameter. */
function parseQuery(query: string, parameter: string): string[] {
  return query
    .split('&')
    .map((pair) => pair.split('='))
    .filter(([name = '']) => decode(name) === parameter)
    .map(([, ...value]) => value.join('='));
}

/** A plus means itself (RFC 3986), or a space if the query is encoded as a form: both are tried. */
function decodeParameter(value: string): string[] {
  return [...new Set([value, value.replaceAll('+', ' ')])]
    .map(decode)
    .filter((text) => text !== undefined);
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
