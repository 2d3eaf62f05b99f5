/** Reads, lists and cancels resources, each with the methods and at the origin that its type names. */

import {
  collectionOf,
  type ParentName,
  type ResourceName,
  resourceTypeOf,
  splitName,
} from '../resource-name.ts';
import type { Resource, ResourceType } from '../resources/resource-type.ts';
import type { ApiClient, CallOptions, ParsedResponse } from './api-client.ts';

export type Query = Readonly<Record<string, string | readonly string[]>>;

/** All methods throw StatusError: upstream's own, or one that says why there is no response. */
export interface ResourceClient {
  /** Lists one page. @param query the parameters of the type's list method besides the parent */
  list(parent: ParentName, query: Query, call: CallOptions): Promise<ParsedResponse<Resource>>;
  /** The response's value is no evidence of anything: it may be empty, an operation, or the resource. */
  cancel(name: ResourceName, call: CallOptions): Promise<ParsedResponse<object>>;
  get(name: ResourceName, call: CallOptions): Promise<ParsedResponse<Resource>>;
}

/**
 * @param endpoints a service's origin, where it is not the one of the table
 * @param createApi creates the client of an origin, when a name of it is first used. Each has a retry
 *   budget of its own, so that one service's outage does not spend another's.
 */
export function createResourceClient(
  endpoints: ReadonlyMap<string, URL>,
  createApi: (origin: URL) => ApiClient,
): ResourceClient {
  const clients = new Map<string, ApiClient>();

  function apiFor(type: ResourceType, path: string): ApiClient {
    const origin = endpoints.get(type.service)?.origin ?? originOf(type, path);
    let api = clients.get(origin);
    if (!api) {
      api = createApi(new URL(origin));
      clients.set(origin, api);
    }
    return api;
  }

  return {
    cancel(name, call) {
      const type = resourceTypeOf(name);
      const { path } = splitName(name);
      return apiFor(type, path)({ method: 'POST', ...type.cancel(path) }, call);
    },
    get(name, call) {
      const type = resourceTypeOf(name);
      const { path } = splitName(name);
      return apiFor(type, path)({ method: 'GET', path: type.get(path) }, call);
    },
    list(parent, query, call) {
      const { type, collection } = collectionOf(parent);
      const path = `${type.listPath(collection)}?${toSearchParams(query)}`;
      return apiFor(type, collection)({ method: 'GET', path }, call);
    },
  };
}

/** A location comes from the type's own list: the parser refuses names with another. */
function originOf({ origin, locations }: ResourceType, path: string): string {
  if (!locations) return origin;
  const [, , , asked] = path.split('/');
  const location = locations.find((one) => one === asked);
  if (location === undefined) throw new Error('a name without an endpoint');
  return origin.replace('{location}', location);
}

function toSearchParams(query: Query): URLSearchParams {
  return new URLSearchParams(
    Object.entries(query).flatMap(([key, values]) =>
      [values].flat().map((value): [string, string] => [key, value]),
    ),
  );
}
