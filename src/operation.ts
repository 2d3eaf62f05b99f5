/** A long-running operation of a Google API, and what its end means. */

/** `google.longrunning.Operation` as far as the hook reads it: https://google.aip.dev/151 */
export interface Operation {
  readonly name?: string;
  readonly done?: boolean;
  readonly error?: { readonly code?: number; readonly message?: string };
  readonly response?: unknown;
  readonly metadata?: {
    readonly createTime?: string;
    readonly verb?: string;
    readonly target?: string;
    readonly requestedCancellation?: boolean;
  };
}

/** https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto */
const CANCELLED = 1;

/**
 * Returns the outcome of an operation that is done. Only the operation itself is evidence: it then has
 * an `error` or a `response` (https://google.aip.dev/151).
 */
export function toOutcome({ error }: Operation): 'COMPLETED' | 'CANCELLED' | 'FAILED' {
  if (!error) return 'COMPLETED';
  return error.code === CANCELLED ? 'CANCELLED' : 'FAILED';
}
