import type { IncomingHttpHeaders } from 'node:http';

/** One request, as the surfaces see it. */
export interface Exchange {
  method: string;
  /** The request target exactly as received, query included. */
  url: string;
  /** The path exactly as received, without the query, not decoded. */
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string | Uint8Array;
}

/** A surface answers what is its own, leaves the rest (`undefined`), throws StatusError to refuse. */
export type Surface = (exchange: Exchange) => Answer | 'hang' | undefined;

export function json(value: unknown, status = 200, headers: Record<string, string> = {}): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=UTF-8', ...headers },
    body: `${JSON.stringify(value, null, 2)}\n`,
  };
}

export function text(
  body: string,
  contentType: string,
  headers: Record<string, string> = {},
  status = 200,
): Answer {
  return { status, headers: { 'content-type': contentType, ...headers }, body };
}

/**
 * Percent-decodes a path as google/api/http.proto has it for variables of several segments: all but
 * `%2F`, which must not turn into a further segment. `undefined` where the escapes are broken.
 */
export function decodePath(path: string): string | undefined {
  try {
    return path
      .split(/(%2f)/i)
      .map((part) => (/^%2f$/i.test(part) ? part : decodeURIComponent(part)))
      .join('');
  } catch {
    return undefined;
  }
}
