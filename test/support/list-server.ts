/** An upstream, without HTTP, that pages and filters its list as a test wants it. */

import type { Query } from '../../src/google/resource-client.ts';
import {
  createFakeUpstream,
  createParsedResponse,
  createUpstreamError,
  type Operation,
} from './fakes.ts';

export const PARENT = 'projects/p/locations/l';
export const MINUTE = 60_000;

export interface ListServerOptions {
  readonly operations: readonly unknown[];
  /** What a client asks for is only the highest; a server may give less, or nothing, and go on. */
  readonly pageSizes: readonly number[];
  readonly filter: 'understood' | 'ignored' | 'refused';
}

/** Lists as the server does; records what was asked. */
export function createListServer({ operations, pageSizes, filter }: ListServerOptions) {
  const queries: Query[] = [];
  const cancelled: string[] = [];
  const upstream = createFakeUpstream({
    async list(_, query) {
      queries.push(query);
      if (query.filter !== undefined && filter === 'refused') {
        throw createUpstreamError(400, 'INVALID_ARGUMENT');
      }
      const shown =
        query.filter !== undefined && filter === 'understood'
          ? operations.filter((one) => (one as Operation | undefined)?.done !== true)
          : operations;
      const [from = 0, turn = 0] = String(query.pageToken ?? '0.0')
        .split('.')
        .map(Number);
      const to = from + (pageSizes[turn % pageSizes.length] ?? 1);
      const page = { operations: shown.slice(from, to) };
      return createParsedResponse(
        to < shown.length ? { ...page, nextPageToken: `${to}.${turn + 1}` } : page,
      );
    },
    async cancel(name) {
      cancelled.push(name);
      return createParsedResponse({});
    },
  });
  return { upstream, queries, cancelled };
}
