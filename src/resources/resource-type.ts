/**
 * What a type of resource must say about itself, so that it can be read, listed and cancelled, and what
 * most types have in common: methods of Google's standard form, names, states.
 */

import { isRecord } from '../validation/values.ts';

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
  /** Whether upstream has recorded a request to cancel it. */
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

type ResourceTypeInput = Pick<
  ResourceType,
  'service' | 'shape' | 'list' | 'toState' | 'permissions' | 'example'
> &
  Partial<ResourceType> & { readonly version: string };

/**
 * Returns a row whose methods have the standard paths unless it gives its own:
 * `POST /{version}/{name}:cancel` without a body, `GET /{version}/{name}`, `GET /{version}/{parent}`
 * (https://google.aip.dev/127, https://google.aip.dev/136).
 */
export function describeType({ version, ...given }: ResourceTypeInput): ResourceType {
  const { nameOf = ({ name }, parent) => nameUnder(parent, name), toState } = given;
  return {
    origin: `https://${given.service}`,
    cancel: (name) => ({ path: `/${version}/${name}:cancel` }),
    get: (name) => `/${version}/${name}`,
    listPath: (parent) => `/${version}/${parent}`,
    hasMetadata: false,
    ...given,
    nameOf: (resource, parent) => nameOf(recordOrEmpty(resource), parent),
    toState: (resource) => toState(recordOrEmpty(resource)),
  };
}

/** Returns the permissions of methods: `jobs` of `batch` gives `batch.jobs.cancel`, `.get` and `.list`. */
export function permissionsOf(
  collection: string,
  methods: readonly string[] = ['cancel', 'get', 'list'],
): readonly string[] {
  return methods.map((method) => `${collection}.${method}`);
}

/**
 * Returns `name` with the project of `parent`, which may say a project's number where the other says its
 * ID. An ID `-` of the parent takes what the name says. Undefined where `name` is not under `parent`.
 * The result still has to be parsed: its segments may hold anything but a slash.
 */
export function nameUnder(parent: string, name: unknown): string | undefined {
  if (typeof name !== 'string') return undefined;
  const asked = parent.split('/');
  const given = name.split('/');
  if (given.length !== asked.length + 1) return undefined;
  const isUnder = asked.every((segment, index) => {
    const other = given[index] ?? '';
    if (index === 1) return canBeSameProject(segment, other);
    return segment === other || (segment === '-' && other !== '');
  });
  return isUnder ? ['projects', asked[1], ...given.slice(2)].join('/') : undefined;
}

/** Whether two texts can name one project: they are equal, or one is a number and the other an ID. */
export function canBeSameProject(asked: unknown, returned: unknown): boolean {
  if (typeof asked !== 'string' || typeof returned !== 'string' || returned === '') return false;
  return asked === returned || isProjectNumber(asked) !== isProjectNumber(returned);
}

/** An ID begins with a letter: https://cloud.google.com/resource-manager/docs/creating-managing-projects */
function isProjectNumber(text: string): boolean {
  return /^\d+$/.test(text);
}

/** Reads one word of state. A word that the row does not know is no evidence of an end. */
export function readState(
  word: unknown,
  ends: ReadonlyMap<unknown, EndState>,
  cancelling: readonly unknown[],
): ResourceState {
  return { ended: ends.get(word), cancelRequested: cancelling.includes(word) };
}

/** The text where it is a time, else undefined. */
export function timeOrUndefined(value: unknown): string | undefined {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? value : undefined;
}

export function textOrUndefined(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function recordOrEmpty(value: unknown): Resource {
  return isRecord(value) ? value : {};
}
