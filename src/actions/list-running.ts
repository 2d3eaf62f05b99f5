/** Finds running operations under a parent: every page, filtered here, the oldest first. */

import type { RunningOperation } from '../command.ts';
import { StatusError } from '../errors.ts';
import type { OperationsPage } from '../google/privateca.ts';
import type { Operation } from '../operation.ts';
import { type LocationName, type OperationName, parseOperationName } from '../resource-name.ts';
import { isRecord } from '../validation/json.ts';
import { callOptions, type OperationContext } from './context.ts';

export interface RunningOperations {
  /** At most as many as were asked for, the oldest first. */
  readonly found: readonly RunningOperation[];
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
export async function listRunning(
  parent: LocationName,
  most: number,
  ctx: OperationContext,
  until: number,
  passes: (operation: Operation, name: OperationName) => boolean,
): Promise<RunningOperations> {
  const unreachable = new Set<string>();
  const seen = new Set<string>();
  let kept: RunningOperation[] = [];
  let passed = 0;
  for await (const page of pages(parent, ctx, until)) {
    for (const location of listOf(page.unreachable)) unreachable.add(String(location));
    for (const operation of listOf(page.operations).map(pickKnownFields)) {
      const name = parseOperationName(operation.name ?? '');
      // Whether the server filters by `done` is not documented.
      if (!name || operation.done === true || seen.has(name)) continue;
      // What begins or ends meanwhile moves the rest: a page may repeat what another one had.
      seen.add(name);
      if (!passes(operation, name)) continue;
      passed += 1;
      kept.push(toRunningOperation(operation, name));
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
const SMALL_PAGE_SIZE = '50';
/** Without `response`, which may hold certificates: https://cloud.google.com/apis/docs/system-parameters */
const FIELDS = 'operations(name,done,metadata),nextPageToken,unreachable';

async function* pages(
  parent: LocationName,
  ctx: OperationContext,
  until: number,
): AsyncGenerator<OperationsPage> {
  const { upstream } = ctx.deps;
  const ask = async (query: Readonly<Record<string, string>>) =>
    (await upstream.list(parent, query, callOptions(ctx, undefined, until))).value;
  const whole = { pageSize: PAGE_SIZE, fields: FIELDS };
  const running = { ...whole, filter: 'done=false' };
  // Without `fields` the server sends whole responses with certificates: few of them fit into one page.
  const bare = { pageSize: SMALL_PAGE_SIZE };
  // A server that rejects a parameter is asked again without it.
  const queries = [
    ...(parent.endsWith('/-') ? [{ ...running, returnPartialSuccess: 'true' }] : []),
    running,
    whole,
    bare,
  ].values();
  let query: Readonly<Record<string, string>> = queries.next().value ?? bare;
  for (let pageToken: string | undefined; ; ) {
    let page: OperationsPage;
    try {
      page = await ask(pageToken ? { ...query, pageToken } : query);
    } catch (error) {
      const next = pageToken === undefined && isRejectedParameter(error) && queries.next().value;
      if (!next) throw error;
      query = next;
      continue;
    }
    yield page;
    pageToken = page.nextPageToken;
    if (!pageToken) return;
    if (ctx.signal.aborted) throw clientDisconnected();
  }
}

/** Without all pages it is not known which operations are the oldest. */
function clientDisconnected(): StatusError {
  const message = 'The client disconnected before all pages were read.';
  return StatusError.create('UPSTREAM_DEADLINE_EXCEEDED', message);
}

/** UNIMPLEMENTED is the answer to `returnPartialSuccess` where a service does not document it. */
function isRejectedParameter(error: unknown): boolean {
  return (
    error instanceof StatusError && ['INVALID_ARGUMENT', 'UNIMPLEMENTED'].includes(error.status)
  );
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** As much of a listed operation as reads as the API has it: nothing is done on the rest. */
function pickKnownFields(listed: unknown): Operation {
  const { name, done, metadata } = isRecord(listed) ? listed : {};
  const facts = isRecord(metadata) ? metadata : {};
  const texts = ['createTime', 'verb', 'target'].flatMap((key) =>
    typeof facts[key] === 'string' ? [[key, facts[key]]] : [],
  );
  return {
    ...(typeof name === 'string' ? { name } : {}),
    done: done === true,
    metadata: Object.fromEntries(texts),
  };
}

/** RFC 3339, as JSON has timestamps; Date.parse alone reads almost anything as a date. */
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

/** @returns milliseconds since 1970; NaN where an operation does not tell its age */
export function createdAt(createTime = ''): number {
  return TIMESTAMP.test(createTime) ? Date.parse(createTime) : Number.NaN;
}

function toRunningOperation({ metadata }: Operation, name: OperationName): RunningOperation {
  return {
    name,
    createTime: metadata?.createTime ?? '',
    verb: metadata?.verb,
    target: metadata?.target,
  };
}

function oldest(found: RunningOperation[], most: number): RunningOperation[] {
  return found
    .map((one) => ({ one, time: timeOf(one) }))
    .sort((a, b) => a.time - b.time || (a.one.name < b.one.name ? -1 : 1))
    .slice(0, most)
    .map(({ one }) => one);
}

/** What does not tell its age is the last. */
function timeOf({ createTime }: RunningOperation): number {
  const time = createdAt(createTime);
  return Number.isNaN(time) ? Number.MAX_VALUE : time;
}
