/** What may stand before and after an operation's name in free text. */

/** The service that a full resource name begins with: https://google.aip.dev/122#full-resource-names */
const SERVICE = '//privateca.googleapis.com/';

/** The console of Google Cloud, and the endpoints of the service itself. */
const CLOUD_HOSTS = [
  /^(?:[a-z0-9-]+\.)*cloud\.google(?:\.com)?$/,
  /^privateca(?:\.mtls|(?:\.[a-z0-9-]+\.rep))?\.googleapis\.com$/,
];

export interface NameStart {
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

/** @returns undefined where no name begins at `index`, or one of another service */
export function parseNameStart(text: string, index: number): NameStart | undefined {
  const before = text.slice(Math.max(index - MAX_BEFORE, 0), index);
  let start = before.length;
  while (start > 0 && !DELIMITER.test(before.charAt(start - 1))) start -= 1;
  if (start === 0 && index > MAX_BEFORE) return undefined;
  const word = before.slice(start);
  const delimiter = before.charAt(start - 1);
  const underscores = countOpenUnderscores(before);
  const urlStart = word.search(/https?:\/\//i);
  const lead = urlStart >= 0 ? word.slice(0, urlStart) : stripService(word);
  if (!LEAD.test(lead)) return undefined;
  if (urlStart < 0) return { inUrl: false, before: lead.at(-1) ?? delimiter, underscores };
  return isCloudUrl(word.slice(urlStart))
    ? { inUrl: true, before: lead.at(-1) ?? delimiter, underscores }
    : undefined;
}

function stripService(word: string): string {
  return word.endsWith(SERVICE) ? word.slice(0, -SERVICE.length) : word;
}

/** @param url up to a name in its path */
function isCloudUrl(url: string): boolean {
  const [, host] = /^https?:\/\/([a-z0-9.-]+)(?::\d{1,5})?\/(?:[^?#\\]*\/)?$/i.exec(url) ?? [];
  if (host === undefined) return false;
  return url.endsWith(SERVICE) || CLOUD_HOSTS.some((hosts) => hosts.test(host.toLowerCase()));
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
/** What tells that the text before it was cut. */
const CUT = /^\s{0,20}(?:[…‥⋯]|\.\.|[[({<]\s?(?:[…‥⋯]|\.\.|truncated|trimmed|snip))/i;

/**
 * Whether a name ends at `length` and not before its time.
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
  // A dot segment would lead to another resource.
  if (inUrl && /^(?:[?#]|\/(?!\.|%2e))/i.test(after)) return true;
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
