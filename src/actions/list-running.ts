/** Finds the running operations under a parent: reads all pages, filters them, sorts by age. */

import { setImmediate } from 'node:timers/promises';
import type { CommandResult, ListCommand, RunningOperation } from '../command.ts';
import { StatusError } from '../errors.ts';
import { ConnectionError } from '../google/http-client.ts';
import type { Query } from '../google/resource-client.ts';
import { decide, mayCancelUnder } from '../policy/policy.ts';
import { collectionOf, joinName, type ParentName, parseResourceName } from '../resource-name.ts';
import type { Resource, ResourceType } from '../resources/resource-type.ts';
import { isRecord, stringOrEmpty } from '../validation/values.ts';
import { notAllowedError } from './authorize.ts';
import { callOptions, type OperationContext } from './context.ts';

export interface RunningOperations {
  /** The oldest first, at most `limit`. */
  readonly found: readonly RunningOperation[];
  /** How many others passed. They are younger. */
  readonly more: number;
  /** Locations that upstream could not reach. */
  readonly unreachable: readonly string[];
}

/** Operations that are examined in one turn of the event loop, so that other requests are not held up. */
const MAX_PER_TURN = 50;

/**
 * Lists the operations under a parent that are not done and pass. Memory is bounded by `limit`.
 *
 * @param limit how many are returned
 * @param deadline milliseconds since 1970
 * @param passes is called once for each running operation
 * @throws StatusError where a page cannot be read
 */
export async function listRunning(
  parent: ParentName,
  limit: number,
  ctx: OperationContext,
  deadline: number,
  passes: (operation: RunningOperation) => boolean,
): Promise<RunningOperations> {
  const place = collectionOf(parent);
  const unreachable = new Set<string>();
  const seen = new Set<string>();
  let kept: RunningOperation[] = [];
  let passed = 0;
  for await (const page of pages(parent, place.type, ctx, deadline)) {
    for (const location of page.unreachable) unreachable.add(String(location));
    for (const [index, listed] of page.resources.entries()) {
      if (index % MAX_PER_TURN === MAX_PER_TURN - 1) await setImmediate();
      const operation = toRunningOperation(listed, place);
      // An operation that begins or ends meanwhile moves the others: a page may repeat some of them.
      if (!operation || seen.has(operation.name)) continue;
      seen.add(operation.name);
      if (!passes(operation)) continue;
      passed += 1;
      kept.push(operation);
    }
    if (kept.length > 2 * limit) kept = oldest(kept, limit);
  }
  return {
    found: oldest(kept, limit),
    more: Math.max(passed - limit, 0),
    unreachable: [...unreachable],
  };
}

const PAGE_SIZE = '500';
const SMALL_PAGE_SIZE = '50';

/**
 * Returns the queries to try, in this order: a server that rejects a parameter is asked again without it.
 */
function queriesFor(parent: ParentName, { list }: ResourceType): Query[] {
  const { items, fields, query = {}, pageSize = 'pageSize', running } = list;
  const unreachable = list.hasUnreachable ? ',unreachable' : '';
  // Without what a resource holds besides its state: https://cloud.google.com/apis/docs/system-parameters
  const parts = `${items}(${fields}),nextPageToken${unreachable}`;
  const whole = { ...query, [pageSize]: PAGE_SIZE, fields: parts };
  const only = { ...whole, ...running };
  const partial = list.hasPartialSuccess && parent.includes('/locations/-');
  return [
    ...(partial ? [{ ...only, returnPartialSuccess: 'true' }] : []),
    ...(running ? [only] : []),
    whole,
    // Without `fields` the server sends whole resources: few of them fit into one page.
    { ...query, [pageSize]: SMALL_PAGE_SIZE },
  ];
}

interface Page {
  readonly resources: readonly unknown[];
  readonly unreachable: readonly unknown[];
}

async function* pages(
  parent: ParentName,
  type: ResourceType,
  ctx: OperationContext,
  deadline: number,
): AsyncGenerator<Page> {
  const { upstream } = ctx.deps;
  const fetchPage = async (query: Query) =>
    (await upstream.list(parent, query, callOptions(ctx, undefined, deadline))).value;
  const [first = {}, ...others] = queriesFor(parent, type);
  const fallbacks = others.values();
  let query = first;
  for (let pageToken = ''; ; ) {
    let page: Resource;
    try {
      page = await fetchPage(pageToken ? { ...query, pageToken } : query);
    } catch (error) {
      const isFirst = pageToken === '';
      const next = isTooLarge(error)
        ? toSmallPages(query, type)
        : isFirst && isRejectedParameter(error) && fallbacks.next().value;
      if (!next) throw error;
      query = next;
      continue;
    }
    yield {
      resources: arrayOrEmpty(page[type.list.items]),
      unreachable: arrayOrEmpty(page.unreachable),
    };
    pageToken = stringOrEmpty(page.nextPageToken);
    if (pageToken === '') return;
    if (ctx.signal.aborted) throw clientDisconnected();
  }
}

/** Without all pages it is not known which operations are the oldest. */
function clientDisconnected(): StatusError {
  const message = 'The client disconnected before all pages were read.';
  return StatusError.create('UPSTREAM_DEADLINE_EXCEEDED', message);
}

/** UNIMPLEMENTED is the answer to `returnPartialSuccess` where a service does not document it. */
/** Returns whether a page was larger than what the client reads of a response. */
function isTooLarge(error: unknown): boolean {
  const cause = error instanceof StatusError ? error.cause : undefined;
  return cause instanceof ConnectionError && cause.kind === 'too large';
}

/** @returns undefined if the pages are small already */
function toSmallPages(query: Query, { list: { pageSize = 'pageSize' } }: ResourceType) {
  if (query[pageSize] === SMALL_PAGE_SIZE) return undefined;
  return { ...query, [pageSize]: SMALL_PAGE_SIZE };
}

function isRejectedParameter(error: unknown): boolean {
  return (
    error instanceof StatusError && ['INVALID_ARGUMENT', 'UNIMPLEMENTED'].includes(error.status)
  );
}

function arrayOrEmpty(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/**
 * Reads a listed resource.
 *
 * @returns undefined if it has ended, or is none of the parent's: a list is filtered again here,
 *   whatever was asked for
 */
function toRunningOperation(
  listed: unknown,
  { type, collection }: ReturnType<typeof collectionOf>,
): RunningOperation | undefined {
  if (!isRecord(listed)) return undefined;
  const path = type.nameOf(listed, collection);
  const name = path === undefined ? undefined : parseResourceName(joinName(type.service, path));
  const { ended, createTime = '', verb, target } = type.toState(listed);
  return name && !ended ? { name, createTime, verb, target } : undefined;
}

/** RFC 3339, as JSON has timestamps. Date.parse alone accepts almost anything. */
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

/** @returns milliseconds since 1970; NaN where the creation time is missing or not readable */
export function createdAt({ createTime }: RunningOperation): number {
  return TIMESTAMP.test(createTime) ? Date.parse(createTime) : Number.NaN;
}

/** Operations without a creation time are the last. */
function oldest(found: RunningOperation[], limit: number): RunningOperation[] {
  return found
    .map((operation) => {
      const time = createdAt(operation);
      return { operation, time: Number.isNaN(time) ? Number.MAX_VALUE : time };
    })
    .sort((a, b) => a.time - b.time || (a.operation.name < b.operation.name ? -1 : 1))
    .slice(0, limit)
    .map(({ operation }) => operation);
}

const MAX_LISTED = 20;

/** @throws StatusError NOT_ALLOWED where no rule can match under the parent; upstream's */
export async function list({ parent }: ListCommand, ctx: OperationContext): Promise<CommandResult> {
  const { principal, policy, deps, limits } = ctx;
  const { caller, identities } = principal;
  if (!mayCancelUnder(policy, parent, caller, identities)) {
    const request = { name: parent, sweep: false };
    throw notAllowedError(`cancel anything under ${parent}`, { parent }, request, ctx);
  }
  const deadline = deps.clock.now() + limits.upstreamTime;
  const { found, more } = await listRunning(parent, MAX_LISTED, ctx, deadline, (running) => {
    const { name: operation, verb, target } = running;
    const metadata = { verb, target };
    const request = { caller, identities, operation, metadata, sweep: false };
    return decide(policy, request).kind === 'allowed';
  });
  return { kind: 'list', found, more };
}
