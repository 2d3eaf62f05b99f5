import { createHash } from 'node:crypto';
import { StatusError } from './status.ts';

const DEFAULT_SIZE = 100;
/** AIP-158: a page size above the maximum is taken as the maximum, never refused. */
const MAX_SIZE = 1000;

export interface Page<T> {
  items: T[];
  nextPageToken?: string;
}

/**
 * One page in the manner of AIP-158, of the items that match; they come in rising or in falling order of `sequence`. The token
 * holds the last item's sequence, so that an item neither appears twice nor is skipped when others
 * come and go between two pages; and it is bound to `scope` (all the other arguments), because
 * AIP-158 has a server refuse a token that came from another request.
 */
export function paginate<T extends { sequence: number }>(
  items: Iterable<T>,
  query: URLSearchParams,
  scope: string,
  matches: (item: T) => boolean,
  order: 'rising' | 'falling' = 'rising',
): Page<T> {
  const size = pageSize(param(query, 'pageSize', 'page_size', 'maxResults'));
  const after = readToken(param(query, 'pageToken', 'page_token'), scope);
  const isPast = ({ sequence }: T) =>
    after !== undefined && (order === 'rising' ? sequence <= after : sequence >= after);
  const page: T[] = [];
  for (const item of items) {
    if (isPast(item) || !matches(item)) continue;
    const last = page.at(-1);
    if (last && page.length === size) {
      return { items: page, nextPageToken: writeToken(last.sequence, scope) };
    }
    page.push(item);
  }
  return { items: page };
}

/** A query parameter under its JSON or its proto name, as Google's servers take both. */
export function param(query: URLSearchParams, ...names: string[]): string | undefined {
  return names.map((name) => query.get(name)).find((value) => value !== null) ?? undefined;
}

function pageSize(given: string | undefined): number {
  if (given === undefined || given === '') return DEFAULT_SIZE;
  if (!/^-?\d{1,9}$/.test(given)) {
    throw new StatusError(
      'INVALID_ARGUMENT',
      `Invalid value at 'page_size' (TYPE_INT32), ${JSON.stringify(given)}`,
    );
  }
  const size = Number(given);
  if (size < 0) throw new StatusError('INVALID_ARGUMENT', 'page_size must not be negative.');
  return size === 0 ? DEFAULT_SIZE : Math.min(size, MAX_SIZE);
}

function writeToken(sequence: number, scope: string): string {
  return Buffer.from(`${sequence}.${fingerprint(scope)}`).toString('base64url');
}

function readToken(token: string | undefined, scope: string): number | undefined {
  if (token === undefined || token === '') return undefined;
  const [, sequence, print] =
    /^(\d+)\.([0-9a-f]+)$/.exec(Buffer.from(token, 'base64url').toString()) ?? [];
  if (sequence === undefined || print !== fingerprint(scope)) {
    throw new StatusError('INVALID_ARGUMENT', 'The provided page_token is not valid.');
  }
  return Number(sequence);
}

function fingerprint(scope: string): string {
  return createHash('sha256').update(scope).digest('hex').slice(0, 16);
}
