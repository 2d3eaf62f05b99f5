/** Creates the callers of a configuration: their dependencies, their modes, and the destinations that they notify. */

import type { KeySet } from '../auth/key-set.ts';
import { openSecret } from '../auth/secret.ts';
import type { Caller, CallerDefinition, CallerDeps, Mode } from '../caller.ts';
import { callerTypes } from '../callers/index.ts';
import type { Clock } from '../clock.ts';
import {
  createDestination,
  type Destination,
  type DestinationSettings,
} from '../notify/destination.ts';
import type { ConfigIssue } from '../validation/validator.ts';
import { isRecord } from '../validation/values.ts';
import type { ConfigInput } from './config-schema.ts';
import type { Yaml } from './read-config.ts';

type AddError = (path: ConfigIssue['path'], message: string) => void;

/** The settings of a caller that are not the business of its type. */
export interface CallerOptions {
  readonly type: string;
  readonly mode?: Mode;
  readonly notify?: readonly string[];
  readonly cancelsPerMinute?: number;
}

export interface ConfigDeps {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Creates the key set that a URL serves. */
  readonly createKeySet: (url: URL) => KeySet;
  readonly post: CallerDeps['post'];
  /** Logs an ERROR. */
  readonly logError: (message: string) => void;
  /** Receives what an operator should know about a setting. */
  readonly warn: (issue: ConfigIssue) => void;
  /** Loads the parser of YAML, where the text is not JSON or has errors to locate. */
  readonly loadYaml: () => Yaml;
  /** Replaces the opening of references to secrets. */
  readonly openSecret?: typeof openSecret;
}

/** What all callers share. */
type SharedDeps = Omit<CallerDeps, 'addError' | 'warn' | 'secret'>;

export interface ValidityFilter {
  /** Whether neither the value at the path nor any part of it has an issue. */
  isValid(...path: ConfigIssue['path']): boolean;
  /** Returns the properties of an object that have no issue. */
  validEntries<T extends object>(part: T | undefined, ...path: ConfigIssue['path']): Partial<T>;
}

/** Creates all callers whose settings are valid; the secrets of the others are checked all the same. */
export function createCallers(
  input: Partial<ConfigInput>,
  { isValid, validEntries }: ValidityFilter,
  shared: SharedDeps,
  deps: ConfigDeps,
  addError: AddError,
): { callers: ReadonlyMap<string, Caller>; mode: Mode } {
  const routes = Object.entries(isRecord(input.callers) ? input.callers : {});
  const interactive = routes.some(([, settings]) => settings?.type === 'slack');
  const destinations = createDestinations(
    validEntries(input.destinations, 'destinations') as NonNullable<ConfigInput['destinations']>,
    interactive,
    shared,
    deps,
    addError,
  );
  const knownDestinations = Object.keys(isRecord(input.destinations) ? input.destinations : {});
  const overall = input.mode === 'observe' ? 'observe' : 'enforce';
  const override = parseModeVariable(deps.env.CANCEL_HOOK_MODE, addError);

  const callers = new Map<string, Caller>();
  for (const [route, settings] of routes) {
    const callerDeps = createCallerDeps(['callers', route], shared, deps, addError);
    if (!isValid('callers', route)) {
      for (const { at, ref } of findSecretRefs(settings)) callerDeps.secret(at, ref);
      continue;
    }
    const definition = callerTypes.find(({ type }) => type === settings.type);
    if (!definition) continue;
    const { create, cancelsPerMinute: defaultRate } = definition as CallerDefinition<never>;
    const notify = resolveNotify(route, settings, destinations, knownDestinations, addError);
    const mode = resolveMode(route, settings, overall, override, notify, interactive, addError);
    const { cancelsPerMinute = defaultRate } = settings;
    const behaviour = create(route, settings as never, callerDeps);
    callers.set(route, { ...behaviour, mode, notify, cancelsPerMinute });
  }
  return { callers, mode: override ?? overall };
}

/** Creates the dependencies of one caller or destination, whose errors have their path in the configuration. */
function createCallerDeps(
  place: ConfigIssue['path'],
  shared: SharedDeps,
  { clock, env, logError, warn, openSecret: open = openSecret }: ConfigDeps,
  addError: AddError,
): CallerDeps {
  return {
    ...shared,
    addError: (at, message) => addError([...place, ...at], message),
    warn: (at, message) => warn({ path: [...place, ...at], message }),
    secret(at, refs, check) {
      const list = typeof refs === 'string' ? [refs] : refs;
      const opened = list.flatMap((ref, index) => {
        const path = [...place, ...at, ...(typeof refs === 'string' ? [] : [index])];
        const secret = open(ref, { env, now: clock.now, onError: logError }, check);
        if (typeof secret !== 'string') return [secret.current];
        addError(path, secret);
        return [];
      });
      return async () => {
        const values = await Promise.all(opened.map((current) => current()));
        return values.filter((value) => value !== undefined);
      };
    },
  };
}

/** Finds the references to secrets in settings that are invalid otherwise: these can be missing, too. */
export function findSecretRefs(
  value: unknown,
  at: readonly (string | number)[] = [],
): { at: readonly (string | number)[]; ref: string }[] {
  if (typeof value === 'string') return /^(env|file):./.test(value) ? [{ at, ref: value }] : [];
  if (Array.isArray(value))
    return value.flatMap((one, index) => findSecretRefs(one, [...at, index]));
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, one]) => findSecretRefs(one, [...at, key]));
}

/** @param interactive whether there is a caller of type `slack`, which handles presses on buttons */
function createDestinations(
  given: Readonly<Record<string, DestinationSettings>>,
  interactive: boolean,
  shared: SharedDeps,
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
function resolveNotify(
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
function resolveMode(
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
      addError(
        at,
        '"ask" needs a destination of type slack in notify, which receives the approval requests',
      );
    if (!interactive)
      addError(at, '"ask" needs a caller of type slack, which receives the press on the button');
  }
  return override ?? own ?? overall;
}

/** @returns the mode of `CANCEL_HOOK_MODE`; undefined if it is not set */
function parseModeVariable(text: string | undefined, addError: AddError): Mode | undefined {
  if (text === undefined || text === '') return undefined;
  if (text === 'enforce' || text === 'observe') return text;
  addError(
    [],
    'cannot be used: the environment variable CANCEL_HOOK_MODE must be enforce or observe',
  );
  return undefined;
}
