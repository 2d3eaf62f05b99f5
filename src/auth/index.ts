/** The schemes that a caller's `auth` may choose from: exactly one of those it offers. */

import type { FromSchema } from 'json-schema-to-ts';
import {
  type Authenticator,
  type CallerDeps,
  createPrincipal,
  type HeadAuthentication,
  type VerifyBody,
} from '../caller.ts';
import { unauthenticated } from '../errors.ts';
import { google, googleSettings, iam, iamSettings } from './google.ts';
import {
  grafanaHmac,
  grafanaHmacSettings,
  standardWebhooks,
  standardWebhooksSettings,
} from './hmac-schemes.ts';
import {
  basic,
  basicSettings,
  bearer,
  bearerSettings,
  queryToken,
  queryTokenSettings,
} from './shared-secret.ts';

const SETTINGS = {
  bearer: bearerSettings,
  basic: basicSettings,
  google: googleSettings,
  standardWebhooks: standardWebhooksSettings,
  iam: iamSettings,
  hmac: grafanaHmacSettings,
  token: queryTokenSettings,
} as const;

const SCHEMES = {
  bearer,
  basic,
  google,
  standardWebhooks,
  iam,
  hmac: grafanaHmac,
  token: queryToken,
};

type Name = keyof typeof SETTINGS;
type Auth = { readonly [N in Name]?: FromSchema<(typeof SETTINGS)[N]> };

/** Returns the JSON Schema of an `auth` that offers these schemes. */
export function authSettings<const N extends Name>(...names: N[]) {
  const properties = Object.fromEntries(names.map((name) => [name, SETTINGS[name]])) as Pick<
    typeof SETTINGS,
    N
  >;
  return {
    type: 'object',
    description: 'How a sender authenticates: exactly one of these.',
    minProperties: 1,
    maxProperties: 1,
    additionalProperties: false,
    properties,
  } as const;
}

export function createAuthenticator(
  auth: Auth,
  deps: CallerDeps,
  at: readonly (string | number)[],
): Authenticator {
  const [[name, settings]] = Object.entries(auth) as [[Name, unknown]];
  const create = SCHEMES[name] as (
    settings: unknown,
    deps: CallerDeps,
    at: readonly (string | number)[],
  ) => Authenticator;
  return create(settings, deps, [...at, name]);
}

/** @param result what the route's authenticator returned for a head */
export function toHeadAuthentication(
  route: string,
  result: readonly string[] | VerifyBody,
): HeadAuthentication {
  if (typeof result !== 'function') {
    return { authenticated: true, authenticate: () => createPrincipal(route, result) };
  }
  return {
    authenticated: false,
    authenticate(body) {
      if (!result(body)) throw unauthenticated('signature');
      return createPrincipal(route, []);
    },
  };
}
