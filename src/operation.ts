/** A long-running operation of a Google API, and what its end means. */

import type { Outcome } from './command.ts';

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

/** The service that a full resource name begins with: https://google.aip.dev/122#full-resource-names */
const SERVICE = '//privateca.googleapis.com/';

const SEGMENT = '[A-Za-z0-9][A-Za-z0-9._-]{0,127}';
/** A project's id may carry a domain: https://cloud.google.com/resource-manager/docs/creating-managing-projects */
const PROJECT = '(?=[^/]{1,128}/)(?:[A-Za-z0-9][A-Za-z0-9._-]*:)?[A-Za-z0-9][A-Za-z0-9._-]*';
const OPERATION = new RegExp(`^projects/${PROJECT}/locations/${SEGMENT}/operations/${SEGMENT}$`);
const LOCATION = new RegExp(`^projects/${PROJECT}/locations/(?:-|${SEGMENT})$`);

/** The name in `text`, relative or as a full resource name; undefined where it is none. */
export function parseOperationName(text: string): OperationName | undefined {
  const name = stripServiceName(text);
  return OPERATION.test(name) ? (name as OperationName) : undefined;
}

/** https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto */
const CANCELLED = 1;

/**
 * Returns the outcome of an operation that is done. Only the operation itself is evidence: it then has
 * an `error` or a `response` (https://google.aip.dev/151).
 */
export function toOutcome({ error }: Operation): Outcome {
  if (!error) return 'COMPLETED';
  return error.code === CANCELLED ? 'CANCELLED' : 'FAILED';
}
