/** What a resource's name looks like in free text, whole or altered, and what may stand before and after it. */

import { DEFAULT_SERVICE, typesOf } from '../resource-name.ts';
import type { ResourceType } from '../resources/resource-type.ts';

/** The service that a full resource name begins with: https://google.aip.dev/122#full-resource-names */
const SERVICE = /\/\/([a-z]+\.googleapis\.com)\/$/;

/** The console of Google Cloud: what its URLs name is relative. */
const CONSOLE = /^(?:[a-z0-9-]+\.)*cloud\.google(?:\.com)?$/;

/** The endpoints of an API, also those for mutual TLS and for one location. */
const API_HOST =
  /^(?:(?<location>[a-z0-9-]+)-)?(?<api>[a-z]+)(?:\.mtls|(?:\.[a-z0-9-]+\.rep))?\.googleapis\.com$/;

export interface NameStart {
  /** The service that the name belongs to. */
  readonly service: string;
  readonly inUrl: boolean;
  /** The character before the name, or before the URL; empty at the start of the text. */
  readonly before: string;
  /** How many underscores mark emphasis that is still open. */
  readonly underscores: number;
}

/** How far back a boundary is looked for. */
const MAX_BEFORE = 512;
const DELIMITER = /[\s<>"'`()[\]{}|]/;
/** What stands between a delimiter and a name: `operation=`, `**`, `“`. */
const LEAD = /(?:^|[*=:,;!?]|(?![!-~])\p{P})_{0,3}$/u;

/** @returns undefined if no name begins at `index`, or one of a service that is not in the table */
export function parseNameStart(text: string, index: number): NameStart | undefined {
  const before = text.slice(Math.max(index - MAX_BEFORE, 0), index);
  let start = before.length;
  while (start > 0 && !DELIMITER.test(before.charAt(start - 1))) start -= 1;
  if (start === 0 && index > MAX_BEFORE) return undefined;
  const word = before.slice(start);
  const delimiter = before.charAt(start - 1);
  const underscores = countOpenUnderscores(before);
  const urlStart = word.search(/https?:\/\//i);
  const inUrl = urlStart >= 0;
  const [full = '', named = DEFAULT_SERVICE] = SERVICE.exec(word) ?? [];
  const service = inUrl ? serviceOfUrl(word.slice(urlStart)) : named;
  const lead = word.slice(0, inUrl ? urlStart : word.length - full.length);
  if (service === undefined || typesOf(service).length === 0 || !LEAD.test(lead)) return undefined;
  return { service, inUrl, before: lead.at(-1) ?? delimiter, underscores };
}

/** @param url up to a name in its path */
function serviceOfUrl(url: string): string | undefined {
  const [, host] = /^https?:\/\/([a-z0-9.-]+)(?::\d{1,5})?\/(?:[^?#\\]*\/)?$/i.exec(url) ?? [];
  if (host === undefined) return undefined;
  const [, full] = SERVICE.exec(url) ?? [];
  return full ?? serviceOfHost(host.toLowerCase());
}

function serviceOfHost(host: string): string | undefined {
  if (CONSOLE.test(host)) return DEFAULT_SERVICE;
  const { api, location } = API_HOST.exec(host)?.groups ?? {};
  if (api === undefined) return undefined;
  const service = `${api}.googleapis.com`;
  const isRegional = typesOf(service).some(({ locations }) => locations);
  return location === undefined || isRegional ? service : undefined;
}

/** Of Markdown's emphasis: `_NAME_`, `__NAME__`, `_The operation NAME_`. */
function countOpenUnderscores(before: string): number {
  const line = before.slice(before.lastIndexOf('\n') + 1);
  return line.match(/(?<![A-Za-z0-9_])_+/g)?.at(-1)?.length ?? 0;
}

/** Closing punctuation and markup. */
const CLOSERS = /^(?:[.,;:!?"'`>|*_]|[\p{Pe}\p{Pf}\p{Pi}]){0,20}/u;
/** What closes a name although no white space follows: JSON, and the text of a Markdown link. */
const SYNTAX = /^(?:["'][,:;)\]}]|\][([])/;
/** Slack's link, `<https://…|text>`. */
const SLACK_LABEL = /^\|[^<>|]*>/;
const CLOSING_TAG = /^<\/\w{1,16}>(?=[\s<.,;:!?)]|$)/;
/** In the rest of a URL's path: it would lead to another resource. */
const DOT_SEGMENT = /^[^\s?#<>"|\\]{0,400}[/\\](?:\.|%2e)/i;
/** What tells that the text before it was cut. */
const CUT =
  /^\s{0,20}(?:[\u2026\u2025\u22ef]|\.\.|[[({<]\s?(?:[\u2026\u2025\u22ef]|\.\.|truncated|trimmed|snip))/i;

/**
 * Returns whether a whole name, and not a cut one, ends at `length`.
 *
 * @param rest the text from the name on
 * @param mayEndHere whether the sender may have cut the text where `rest` ends
 */
export function endsWhole(
  rest: string,
  length: number,
  { inUrl, before, underscores }: NameStart,
  mayEndHere: boolean,
): boolean {
  const after = rest.slice(length);
  if (inUrl && /^[?#/]/.test(after)) return !DOT_SEGMENT.test(after);
  if (SYNTAX.test(after)) return true;
  if (before === '<' && SLACK_LABEL.test(after)) return true;
  if (before === '>' && CLOSING_TAG.test(after)) return true;
  const [closers = ''] = CLOSERS.exec(after) ?? [];
  const next = after.slice(closers.length);
  if (!/^(?:\s|$)/.test(next)) return false;
  if (closers.includes('..') || closers.split('_').length - 1 > underscores) return false;
  // Dots and underscores can belong to a name of which the rest is missing.
  const isOpen = /^[._]*$/.test(closers);
  return !isOpen || !((next === '' && mayEndHere) || CUT.test(next));
}

/** A name's outline: its collections, whatever the other parts hold. */
export interface Outline {
  readonly type: ResourceType;
  readonly text: string;
  /** Whether each collection is spelt as the type has it. */
  readonly isExact: boolean;
}

/** @returns undefined if there is no name, or that of another kind of resource */
export function findOutline(rest: string, service: string): Outline | undefined {
  const outlines = typesOf(service).flatMap((type) => matchOutline(rest, type) ?? []);
  return outlines.find(({ isExact }) => isExact) ?? outlines[0];
}

function matchOutline(rest: string, type: ResourceType): Outline | undefined {
  const [, ...collections] = type.shape.split('/').filter((segment) => segment !== '*');
  const [text = '', ...words] = outlineOf(collections.length).exec(rest) ?? [];
  const altered = words.filter((word, index) => word !== collections[index]);
  const isOther =
    altered.length === words.length || altered.some((word) => /^[A-Za-z]+$/.test(word));
  return isOther ? undefined : { type, text, isExact: altered.length === 0 };
}

/** @param count of collections after `projects` */
const outlineOf = memoize(
  (count: number) =>
    new RegExp(`^projects${String.raw`/[^\s/]{1,400}/([^\s/]{1,99})`.repeat(count)}/`),
);

/** What can be a name of a type. `%` counts in a URL only. */
export const candidateOf = memoize(({ shape }: ResourceType) => {
  const [project, ...others] = shape.split('/*');
  const rest = others
    .slice(0, -1)
    .map((collection) => `${collection}/[\\w.%-]+`)
    .join('');
  return new RegExp(`^${project}/[\\w.:%-]+${rest.slice(0, -1)}*`);
});

function memoize<K, V>(create: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>();
  return (key) => {
    const value = known.get(key) ?? create(key);
    known.set(key, value);
    return value;
  };
}
