/** The proofs that a caller's `auth` may choose from: exactly one of those it offers. */

import type { FromSchema } from 'json-schema-to-ts';
import type { CallerDeps } from '../caller-deps.ts';
import type { Authenticator } from './authenticator.ts';
import { basic, basicSettings } from './basic.ts';
import { bearer, bearerSettings } from './bearer.ts';
import { iam, iamSettings } from './cloud-run-iam.ts';
import { google, googleSettings } from './google.ts';
import { grafanaHmac, grafanaHmacSettings } from './grafana-hmac.ts';
import { queryToken, queryTokenSettings } from './query-token.ts';
import { standardWebhooks, standardWebhooksSettings } from './standard-webhooks.ts';

const SETTINGS = {
  bearer: bearerSettings,
  basic: basicSettings,
  google: googleSettings,
  standardWebhooks: standardWebhooksSettings,
  iam: iamSettings,
  hmac: grafanaHmacSettings,
  token: queryTokenSettings,
} as const;

const PROOFS = {
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

/** The schema of an `auth` that offers these proofs. */
export function authSettings<const N extends Name>(...names: N[]) {
  const properties = Object.fromEntries(names.map((name) => [name, SETTINGS[name]])) as Pick<
    typeof SETTINGS,
    N
  >;
  return {
    type: 'object',
    description: 'How a sender proves itself: exactly one of these.',
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
  const [[name, settings] = []] = Object.entries(auth);
  const create = PROOFS[name as Name] as (
    settings: unknown,
    deps: CallerDeps,
    at: readonly (string | number)[],
  ) => Authenticator;
  return create(settings, deps, [...at, name ?? '']);
}
