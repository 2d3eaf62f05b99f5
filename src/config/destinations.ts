/** The destinations of a configuration, and which of them a caller tells. */

import type { Mode } from '../caller.ts';
import {
  createDestination,
  type Destination,
  type DestinationSettings,
} from '../notify/destination.ts';
import type { ConfigIssue } from '../validation/validator.ts';
import { type ConfigDeps, createCallerDeps } from './deps.ts';

type AddError = (path: ConfigIssue['path'], message: string) => void;

/** The settings of a caller that are not the business of its type. */
export interface CallerOptions {
  readonly type: string;
  readonly mode?: Mode;
  readonly notify?: readonly string[];
  readonly cancelsPerMinute?: number;
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
