/**
 * Calls Certificate Authority Service, the service whose operations are cancelled:
 * https://cloud.google.com/certificate-authority-service/docs/reference/rest/v1/projects.locations.operations
 */

import type { Operation } from '../operation.ts';
import type { LocationName, OperationName } from '../resource-name.ts';
import type { ApiClient, CallOptions } from './api-client.ts';
import type { ParsedResponse } from './response.ts';

/** https://cloud.google.com/certificate-authority-service/docs/reference/rest/v1/projects.locations.operations/list */
export interface OperationsPage {
  readonly operations?: readonly Operation[];
  readonly nextPageToken?: string;
  /** Locations of `locations/-` that could not be reached: https://google.aip.dev/217 */
  readonly unreachable?: readonly string[];
}

/** All methods throw StatusError: upstream's own, or one that says why there is no response. */
export interface PrivateCa {
  /** Lists one page. @param query the parameters of `operations.list` besides the parent */
  list(
    parent: LocationName,
    query: Readonly<Record<string, string>>,
    call: CallOptions,
  ): Promise<ParsedResponse<OperationsPage>>;
  cancel(operation: OperationName, call: CallOptions): Promise<ParsedResponse<object>>;
  get(operation: OperationName, call: CallOptions): Promise<ParsedResponse<Operation>>;
}

export function createPrivateCa(api: ApiClient): PrivateCa {
  return {
    cancel: (operation, call) => api({ method: 'POST', path: `/v1/${operation}:cancel` }, call),
    get: (operation, call) => api({ method: 'GET', path: `/v1/${operation}` }, call),
    list(parent, query, call) {
      const path = `/v1/${parent}/operations?${new URLSearchParams(query)}`;
      return api({ method: 'GET', path }, call);
    },
  };
}
