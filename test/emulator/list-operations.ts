import type { Exchange } from './exchange.ts';
import { parseDoneFilter } from './filter.ts';
import type { Operation } from './operation.ts';
import { paginate, param } from './paging.ts';
import type { Records } from './records.ts';
import { StatusError } from './status.ts';

export interface ListSettings {
  /** The locations that a list of all locations cannot reach. */
  unreachable: string[];
  /** Whether `returnPartialSuccess` is implemented. */
  partialSuccess: boolean;
}

/** ListOperations. */
export function listOperations(
  operations: Records<Operation>,
  { unreachable, partialSuccess }: ListSettings,
  { query, path }: Exchange,
  parent: string,
): {
  operations: Operation[];
  nextPageToken?: string;
  unreachable?: string[];
} {
  const filter = query.get('filter') ?? undefined;
  const done = parseDoneFilter(filter);
  const acrossLocations = parent.endsWith('/locations/-');
  if (param(query, 'returnPartialSuccess', 'return_partial_success') === 'true') {
    // ListOperationsRequest: "This can only be `true` when reading across collections."
    if (!acrossLocations) {
      throw new StatusError('INVALID_ARGUMENT', 'return_partial_success needs locations/-.');
    }
    // "Using this field will result in UNIMPLEMENTED unless explicitly documented otherwise": the
    // service documents nothing.
    if (!partialSuccess) {
      throw new StatusError('UNIMPLEMENTED', 'return_partial_success is not supported.');
    }
  }
  const down = acrossLocations ? unreachable.map((place) => parent.replace(/-$/, place)) : [];
  const { items, nextPageToken } = paginate(
    operations.all(),
    query,
    JSON.stringify([path, filter]),
    ({ name, read }) =>
      name.startsWith(prefix(parent)) &&
      !down.some((place) => name.startsWith(`${place}/`)) &&
      (done === undefined || read().done === done),
  );
  return {
    operations: items.map(({ read }) => read()),
    ...(nextPageToken ? { nextPageToken } : {}),
    ...(down.length > 0 ? { unreachable: down } : {}),
  };
}

/** What the names under a parent begin with; a location of `-` stands for all (AIP-159). */
export function prefix(parent: string): string {
  return parent.endsWith('/locations/-') ? parent.slice(0, -1) : `${parent}/`;
}
