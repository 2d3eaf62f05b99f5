import { createHash } from 'node:crypto';
import type { Exchange } from './exchange.ts';
import type { Moment, NewRecord, Phase } from './record.ts';
import type { StatusName } from './status.ts';

/** A resource in the JSON form of its service. */
export type View = Record<string, unknown>;
export type States = Readonly<Record<Phase, string>>;

/** A path under which a type's resources are found, where it is not simply the name's. */
export interface Route {
  /** The collection's path, `*` for any segment. */
  collection: string;
  /** Query parameters that stand for a part of the path. */
  query: string[];
  /** Returns the names that the path of a resource may mean, the likeliest first. */
  names(path: string, exchange: Exchange): string[];
  /** Returns the parent that the path of a collection means. */
  parent(path: string, exchange: Exchange): string;
}

interface StartRequest {
  /** The path of the create method, without the collection or the verb that it ends in. */
  parent: string;
  body: View;
  query: URLSearchParams;
  now: number;
}

/** What the emulator knows of a type of resource. The states and fields are those of its REST API. */
export interface ResourceType {
  /** `dataproc.googleapis.com` */
  service: string;
  versions: string[];
  /** Precedes the paths in place of `/{version}`. */
  base?: string;
  /** Of its resources' names (AIP-122), `*` for any segment. */
  pattern: string;
  /** The RPC interface and the message, as errors quote them. */
  rpc: string;
  noun: string;
  routes?: Route[];
  /** Turns an older form of a name into one that fits the pattern. */
  fullName?(name: string): string;
  view(moment: Moment): View;
  list: {
    /** The field that holds the resources. */
    items: string;
    query: string[];
    /**
     * Whether the response has `unreachable`: names of locations, or their ids. Absent: it has not, and
     * `fields` refuses it.
     */
    unreachable?: 'name' | 'id';
    /** Constant fields of the response. */
    constant?: View;
    /** Returns what decides whether a resource is listed. */
    matches?(query: URLSearchParams): (view: View) => boolean;
    /** A resource as the list shows it. */
    item?(view: View, query: URLSearchParams): View;
  };
  cancel: {
    /** Follows the resource's path; default `:cancel`. */
    suffix?: string;
    /** The fields that the request's body may have. */
    fields: string[];
    /** Refuses what the body lacks or contradicts. */
    check?(body: View, exchange: Exchange, view: View): void;
    /** Default: the resource. */
    answer?: 'empty' | 'operation' | ((view: View) => View);
  };
  create: {
    /** The method's path; what stands in brackets is the parent. */
    path: string;
    rpc: string;
    query?: string[];
    /** The fields of the body that the service requires. */
    required: string[];
    start(request: StartRequest): NewRecord;
    answer?: 'operation';
  };
  /** The operation that creates or cancels the resource, where the service answers with one. */
  operation?: (view: View, verb: 'create' | 'cancel', name: string) => View;
  /** Where such operations are. */
  operationName?: (view: View, id: string) => string;
  /** Whether the service answers with project numbers in names. */
  numbers?: true;
  /** The answer to a cancel of what cannot be cancelled; default FAILED_PRECONDITION. */
  refusal?: StatusName;
  /** The answer to a cancel of what is done; default `refuse`. */
  whenDone?: 'refuse' | 'accept';
  /** Errors carry the list `errors` of Google's older APIs. */
  legacyErrors?: true;
  /** A name, and the body of a create request with the fields that the service requires. */
  example: { name: string; body: View };
}

/** The segments of a name by their collections: `{ projects: 'p', locations: 'l', jobs: 'j' }`. */
export function segmentsOf(name: string): Record<string, string> {
  const parts = name.split('/');
  return Object.fromEntries(
    parts.flatMap((part, i) => (i % 2 === 0 ? [[part, parts[i + 1] ?? '']] : [])),
  );
}

export function idOf(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

/** A UUID that is always the same for one text. */
export function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*/, '$1-$2-4$3-8$4-$5');
}

/** The times that a moment has, under the names that a service gives them. */
export function times(moment: Moment, start: string, end: string): View {
  const { createTime, startTime, cancelTime, endTime } = moment;
  return {
    createTime,
    ...(startTime ? { [start]: startTime } : {}),
    ...(endTime ? { [end]: endTime } : {}),
    updateTime: endTime ?? cancelTime ?? startTime ?? createTime,
  };
}

/** `"12.5s"`, as protobuf's JSON mapping writes a Duration. */
export function durationBetween(from: string | undefined, to: string | undefined): string {
  return from && to ? `${(Date.parse(to) - Date.parse(from)) / 1000}s` : '0s';
}
