import type { Exchange } from './exchange.ts';
import { param } from './paging.ts';
import { StatusError } from './status.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const ZERO = '00000000-0000-0000-0000-000000000000';

/**
 * AIP-155: a request that repeats a `request_id` gets the first one's result and does nothing more.
 * The privateca protos ask for "a valid UUID with the exception that zero UUID is not supported".
 */
export class RequestIds {
  readonly #results = new Map<string, unknown>();

  once<T>({ query, method, path }: Exchange, run: () => T): T {
    const id = param(query, 'requestId', 'request_id');
    if (!id) return run();
    if (!UUID.test(id) || id === ZERO) {
      throw new StatusError('INVALID_ARGUMENT', 'request_id must be a valid, non-zero UUID.');
    }
    const key = `${method} ${path} ${id}`;
    if (!this.#results.has(key)) this.#results.set(key, run());
    return this.#results.get(key) as T;
  }
}
