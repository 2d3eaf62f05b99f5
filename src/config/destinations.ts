/** The destinations of a configuration, and which of them a caller tells. */

import type { Mode } from '../caller.ts';
import {
  createDestination,
  type Destination,
  type DestinationSettings,
} from '../notify/destination.ts';
import { DEFAULT_SERVICE, typesOf, UNKNOWN_SERVICE } from '../resource-name.ts';
import type { ConfigIssue } from '../validation/validator.ts';
import { checkAddress } from '../validation/values.ts';
import { type ConfigDeps, createCallerDeps } from './deps.ts';

type AddError = (path: ConfigIssue['path'], message: string) => void;

/** The settings of a caller that are not the business of its type. */
export interface CallerOptions {
  readonly type: string;
  readonly mode?: Mode;
  readonly notify?: readonly string[];
}

/** @param interactive whether there is a caller of type `slack`, which handles presses on buttons */
export function createDestinations(
  given: Readonly<Record<string, DestinationSettings>>,
  interactive: boolean,
  shared: Parameters<typeof createCallerDeps>[1],
  deps: ConfigDeps,
  addError: AddError,
): ReadonlyMap<string, Destination> {
  return new Map(
    Object.entries(given).map(([name, settings]) => {
      const own = createCallerDeps(['destinations', name], shared, deps, addError);
      return [name, createDestination(name, settings, { ...own, interactive })];
    }),
  );
}

/** The destinations that a caller tells; those that do not exist are errors. */
export function resolveNotify(
  route: string,
  { notify = [] }: CallerOptions,
  destinations: ReadonlyMap<string, Destination>,
  known: readonly string[],
  addError: AddError,
): readonly Destination[] {
  return notify.flatMap((name, index) => {
    if (!known.includes(name))
      addError(['callers', route, 'notify', index], 'names a destination that does not exist');
    return destinations.get(name) ?? [];
  });
}

/** A caller's mode: that of the environment, its own, or that of the whole configuration. */
export function resolveMode(
  route: string,
  { mode: own }: CallerOptions,
  overall: Mode,
  override: Mode | undefined,
  notify: readonly Destination[],
  interactive: boolean,
  addError: AddError,
): Mode {
  if (own === 'ask') {
    const at = ['callers', route, 'mode'];
    if (!notify.some(({ type }) => type === 'slack'))
      addError(at, '"ask" needs a destination of type slack in notify: there people are asked');
    if (!interactive)
      addError(at, '"ask" needs a caller of type slack, which receives the press on the button');
  }
  return override ?? own ?? overall;
}

/** @returns the mode of `CANCEL_HOOK_MODE`; undefined where it is not set */
export function parseModeVariable(text: string | undefined, addError: AddError): Mode | undefined {
  if (text === undefined || text === '') return undefined;
  if (text === 'enforce' || text === 'observe') return text;
  addError(
    [],
    'cannot be used: the environment variable CANCEL_HOOK_MODE must be enforce or observe',
  );
  return undefined;
}

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
  addError: AddError,
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
