/** The addresses of a configuration: their settings, and their defaults. */

import { DEFAULT_SERVICE, typesOf, UNKNOWN_SERVICE } from '../resource-name.ts';
import { type ConfigIssue, describePattern } from '../validation/validator.ts';
import { checkAddress } from '../validation/values.ts';

const SERVICE = describePattern(
  '^[a-z]+\\.googleapis\\.com$',
  'the name of a service, such as dataproc.googleapis.com',
);

const url = { type: 'string', minLength: 1 } as const;

export const endpointsSettings = {
  type: 'object',
  description: 'Other addresses, for tests and private endpoints; http: for loopback hosts only.',
  additionalProperties: false,
  properties: {
    privateca: {
      ...url,
      description: 'Certificate Authority Service; https://privateca.googleapis.com.',
    },
    cloudtasks: { ...url, description: 'Cloud Tasks; https://cloudtasks.googleapis.com.' },
    slack: {
      ...url,
      description: "A further base URL for Slack's response_url and incoming webhooks.",
    },
    googleChat: { ...url, description: "A further base URL for Google Chat's incoming webhooks." },
    googleCerts: {
      ...url,
      description: "Google's public keys for ID tokens: a JWK set, or PEM by key id.",
    },
    chatCerts: { ...url, description: "Google Chat's public keys: a JWK set, or PEM by key id." },
    services: {
      type: 'object',
      propertyNames: { pattern: SERVICE },
      additionalProperties: url,
      description: 'Base URLs of services whose resources are cancelled, by service name.',
    },
  },
} as const;

const DEFAULTS = {
  privateca: 'https://privateca.googleapis.com',
  cloudtasks: 'https://cloudtasks.googleapis.com',
  googleCerts: 'https://www.googleapis.com/oauth2/v3/certs',
  chatCerts: 'https://www.googleapis.com/service_accounts/v1/jwk/chat@system.gserviceaccount.com',
  slack: 'https://hooks.slack.com',
  googleChat: 'https://chat.googleapis.com',
} as const;

export interface Endpoints extends Readonly<Record<keyof typeof DEFAULTS, URL>> {
  /** The origins of services whose resources are cancelled, where they are not those of the table. */
  readonly services: ReadonlyMap<string, URL>;
}

/** Those that are a service's root: the hook adds the path. */
const ROOTS: readonly string[] = ['privateca', 'cloudtasks', 'slack', 'googleChat'];

/**
 * Defaults with what a configuration gives in their place.
 *
 * @param addError told where an address cannot be used, and why
 */
export function parseEndpoints(
  given: Readonly<Partial<Record<keyof typeof DEFAULTS, string>>>,
  services: Readonly<Record<string, string | undefined>>,
  addError: (path: ConfigIssue['path'], message: string) => void,
): Endpoints {
  const entries = Object.entries(DEFAULTS).map(([key, fallback]) => {
    const text = given[key as keyof typeof DEFAULTS] ?? fallback;
    const problem = checkAddress(text, ROOTS.includes(key));
    if (problem !== undefined) addError(['endpoints', key], problem);
    return [key, new URL(problem === undefined ? text : fallback)];
  });
  const endpoints = Object.fromEntries(entries) as Omit<Endpoints, 'services'>;
  const origins = new Map([[DEFAULT_SERVICE, endpoints.privateca]]);
  for (const [service, text = ''] of Object.entries(services)) {
    const problem = typesOf(service).length === 0 ? UNKNOWN_SERVICE : checkAddress(text, true);
    if (problem === undefined) origins.set(service, new URL(text));
    else addError(['endpoints', 'services', service], problem);
  }
  return { ...endpoints, services: origins };
}
