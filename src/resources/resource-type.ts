/** What a type of resource must say about itself, so that it can be read, listed and cancelled. */

/** How the run of a resource ended. */
export type EndState = 'CANCELLED' | 'COMPLETED' | 'FAILED';

/** A resource as upstream returned it: JSON of unknown shape. */
export type Resource = Readonly<Record<string, unknown>>;

/** What is known of a resource, from the resource alone. */
export interface ResourceState {
  /** Absent while it runs. */
  readonly ended?: EndState | undefined;
  /** RFC 3339; absent where the resource has none: it is then never swept. */
  readonly createTime?: string | undefined;
  /** `metadata.verb` and `metadata.target` of operations; other resources have neither. */
  readonly verb?: string | undefined;
  readonly target?: string | undefined;
  /** Whether upstream has recorded the wish to cancel it. */
  readonly cancelRequested?: boolean | undefined;
  /** Why it failed, as upstream says. */
  readonly message?: string | undefined;
}

interface UpstreamRequest {
  /** Path and query, sent as they are. */
  readonly path: string;
  /** JSON text; absent: an empty body. */
  readonly body?: string;
}

interface ListMethod {
  /** The field of a page that holds the resources: `jobs`. */
  readonly items: string;
  /**
   * The query that asks for running resources only. A list is a parameter that is repeated:
   * `stateFilter=pending&stateFilter=running`.
   */
  readonly running?: Readonly<Record<string, string | readonly string[]>>;
  /** Parameters that every page needs: `{ allUsers: 'true' }`. */
  readonly query?: Readonly<Record<string, string>>;
  /** The parameter that bounds a page; `pageSize` unless given. */
  readonly pageSize?: string;
  /** The fields of a resource that {@link ResourceType.toState} reads, for the parameter `fields`. */
  readonly fields: string;
  /** Whether pages have the field `unreachable`: https://google.aip.dev/217 */
  readonly hasUnreachable: boolean;
  /** Whether the method documents `returnPartialSuccess`: https://google.aip.dev/217 */
  readonly hasPartialSuccess?: boolean;
  /** The collections of a parent whose ID may be `-`, for all of them: `locations`. */
  readonly wildcards: readonly string[];
}

/** One type of resource. Names here are relative: `projects/p/regions/r/jobs/j`. */
export interface ResourceType {
  /** `dataproc.googleapis.com` */
  readonly service: string;
  /** The names' shape, a star for each ID: `projects/∗/regions/∗/jobs/∗`. */
  readonly shape: string;
  /** A regular expression for the last ID, where it is wider than that of other segments. Never allows `/ ? # % \` or control characters. */
  readonly lastId?: string;
  /**
   * The origin of the API, constant: `https://dataproc.googleapis.com`. `{location}` in it stands for a
   * name's location, which must then be one of `locations`.
   */
  readonly origin: string;
  readonly locations?: readonly string[];
  readonly cancel: (name: string) => UpstreamRequest;
  /** @returns the path of the method that reads the resource */
  readonly get: (name: string) => string;
  /** @param parent a collection: `projects/p/regions/r/jobs`. @returns a path without a query */
  readonly listPath: (parent: string) => string;
  readonly list: ListMethod;
  /**
   * Returns the relative name of a listed resource under the parent that was asked for: services may
   * answer with the project's number. Undefined where it has no name, or belongs to another parent.
   */
  readonly nameOf: (resource: Resource, parent: string) => string | undefined;
  readonly toState: (resource: Resource) => ResourceState;
  /** Whether its resources have a verb and a target, which rules can name. */
  readonly hasMetadata: boolean;
  /** The permissions that the function's service account needs, in a custom role. */
  readonly permissions: readonly string[];
  /** A predefined role that it needs besides, where Google documents no permission for the cancel. */
  readonly role?: string;
  /** A name, for help texts, documentation and tests. */
  readonly example: string;
}
