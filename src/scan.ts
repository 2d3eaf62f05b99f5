/** Finds running operations under a parent: every page, filtered here, the oldest first. */

import type { Found } from './ask.ts';
import { type Case, callOf } from './case.ts';
import {
  type LocationName,
  type Operation,
  type OperationName,
  parseOperationName,
} from './operation.ts';
import { StatusError } from './status.ts';
import type { OperationsPage } from './upstream.ts';

export interface Scan {
  /** At most as many as were asked for, the oldest first. */
  readonly found: readonly Found[];
  /** How many more passed, but are younger than those. */
  readonly more: number;
  /** Locations that could not be asked. */
  readonly unreachable: readonly string[];
}

/**
 * @param most how many are kept: memory is bounded by this, however many there are
 * @param until milliseconds since 1970
 * @param passes asked once for each running operation
 * @throws StatusError where a page cannot be had
 */
export async function scan(
  parent: LocationName,
  most: number,
  file: Case,
  until: number,
  passes: (operation: Operation, name: OperationName) => boolean,
): Promise<Scan> {
  const unreachable = new Set<string>();
  let kept: Found[] = [];
  let passed = 0;
  for await (const page of pages(parent, file, until)) {
    for (const location of page.unreachable ?? []) unreachable.add(location);
    for (const operation of page.operations ?? []) {
      const name = parseOperationName(operation.name ?? '');
      // Whether the server filters by `done` is not documented.
      if (!name || operation.done === true || !passes(operation, name)) continue;
      passed += 1;
      kept.push(foundOf(operation, name));
    }
    if (kept.length > 2 * most) kept = oldest(kept, most);
  }
  return {
    found: oldest(kept, most),
    more: Math.max(passed - most, 0),
    unreachable: [...unreachable],
  };
}

const PAGE_SIZE = '500';

async function* pages(
  parent: LocationName,
  file: Case,
  until: number,
): AsyncGenerator<OperationsPage> {
  const { upstream } = file.doors;
  const everywhere = parent.endsWith('/-') ? { returnPartialSuccess: 'true' } : {};
  let query: Record<string, string> = { pageSize: PAGE_SIZE, filter: 'done=false', ...everywhere };
  for (let first = true; ; first = false) {
    let page: OperationsPage;
    try {
      page = (await upstream.list(parent, query, callOf(file, undefined, until))).value;
    } catch (error) {
      // A server that does not know the filter is asked for everything.
      if (!first || !query.filter || !isInvalidArgument(error)) throw error;
      query = { pageSize: PAGE_SIZE };
      page = (await upstream.list(parent, query, callOf(file, undefined, until))).value;
    }
    yield page;
    if (!page.nextPageToken) return;
    query = { ...query, pageToken: page.nextPageToken };
  }
}

function isInvalidArgument(error: unknown): boolean {
  return error instanceof StatusError && error.status === 'INVALID_ARGUMENT';
}

function foundOf({ metadata }: Operation, name: OperationName): Found {
  return {
    name,
    createTime: metadata?.createTime ?? '',
    verb: metadata?.verb,
    target: metadata?.target,
  };
}

function oldest(found: Found[], most: number): Found[] {
  return found
    .map((one) => ({ one, time: Date.parse(one.createTime) }))
    .sort((a, b) => a.time - b.time || (a.one.name < b.one.name ? -1 : 1))
    .slice(0, most)
    .map(({ one }) => one);
}
