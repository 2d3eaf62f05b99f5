/** Where the hook's outbound calls go, and which of those places a configuration may name. */

import { isLoopback, parseUrl } from '../url.ts';

const DEFAULTS = {
  privateca: 'https://privateca.googleapis.com',
  cloudtasks: 'https://cloudtasks.googleapis.com',
  googleCerts: 'https://www.googleapis.com/oauth2/v3/certs',
  chatCerts: 'https://www.googleapis.com/service_accounts/v1/jwk/chat@system.gserviceaccount.com',
  slack: 'https://hooks.slack.com',
  googleChat: 'https://chat.googleapis.com',
} as const;

export type Endpoints = Readonly<Record<keyof typeof DEFAULTS, URL>>;

/** Those that are a service's root: the hook adds the path. */
const ROOTS: readonly string[] = ['privateca', 'cloudtasks', 'slack', 'googleChat'];

/**
 * Defaults with what a configuration gives in their place.
 *
 * @param addError told where an address cannot be used, and why
 */
export function parseEndpoints(
  given: Readonly<Partial<Record<keyof typeof DEFAULTS, string>>>,
  addError: (key: string, message: string) => void,
): Endpoints {
  const entries = Object.entries(DEFAULTS).map(([key, fallback]) => {
    const text = given[key as keyof typeof DEFAULTS] ?? fallback;
    const problem = checkAddress(text, ROOTS.includes(key));
    if (problem !== undefined) addError(key, problem);
    return [key, new URL(problem === undefined ? text : fallback)];
  });
  return Object.fromEntries(entries) as Endpoints;
}

/** @returns why nothing may be sent to an address; undefined where there is no reason */
export function checkAddress(text: string, root: boolean): string | undefined {
  const url = parseUrl(text);
  if (!url) return 'must be a URL';
  const plain = url.protocol === 'http:' && isLoopback(url.hostname);
  if (url.protocol !== 'https:' && !plain) return 'must be https: (http: for loopback hosts only)';
  if (url.username !== '' || url.password !== '') return 'must not hold credentials';
  if (url.search !== '' || url.hash !== '') return 'must not have a query or a fragment';
  if (root && url.pathname !== '/') return 'must not have a path';
  return undefined;
}
