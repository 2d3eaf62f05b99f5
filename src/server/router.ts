/** Finds the caller that a request is for, and refuses what its head alone rules out. */

import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Caller, RequestHead } from '../caller.ts';
import { StatusError } from '../errors.ts';

export interface RouteMatch {
  readonly route: string;
  readonly caller: Caller;
}

const HEALTH_PATHS = ['/', '/healthz'];

/**
 * @param path without its query
 * @returns the caller; undefined for a health check
 * @throws StatusError UNKNOWN_ROUTE, METHOD_NOT_ALLOWED
 */
export function matchRoute(
  method: string,
  path: string,
  callers: ReadonlyMap<string, Caller>,
): RouteMatch | undefined {
  const isHealthPath = HEALTH_PATHS.includes(path);
  if (isHealthPath && (method === 'GET' || method === 'HEAD')) return undefined;
  const route = path === '/' ? 'default' : path.replace(/^\//, '').replace(/\/$/, '');
  const caller = path.startsWith('/') ? callers.get(route) : undefined;
  const isRootPost = path === '/' && method === 'POST';
  if (!caller && (!isHealthPath || isRootPost)) {
    throw StatusError.create('UNKNOWN_ROUTE', 'There is no such caller.');
  }
  if (caller?.methods.includes(method)) return { route, caller };
  const own = caller?.methods ?? (path === '/' ? ['POST'] : []);
  const allow = [...(isHealthPath ? ['GET', 'HEAD'] : []), ...own].join(', ');
  throw StatusError.create('METHOD_NOT_ALLOWED', `This path accepts ${allow} only.`, {
    headers: { Allow: allow },
  });
}

/** Returns the headers; several `Authorization` headers as a list, which each scheme of that header refuses. */
export function readHeaders(request: IncomingMessage): RequestHead['headers'] {
  if (countHeader(request, 'authorization') < 2) return request.headers;
  return { ...request.headers, authorization: request.headersDistinct.authorization };
}

/** Counts the occurrences of a header. Node joins repeated headers or keeps the first one only. */
function countHeader({ rawHeaders }: IncomingMessage, name: string): number {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const key = rawHeaders[index];
    if (key?.length === name.length && key.toLowerCase() === name) count += 1;
  }
  return count;
}

/** Whether a request names exactly one host. HTTP/1.0 may name none (RFC 9112, section 3.2). */
export function hasSingleHost(request: IncomingMessage): boolean {
  const hosts = countHeader(request, 'host');
  return hosts === 1 || (hosts === 0 && request.httpVersion !== '1.1');
}

/** @throws StatusError UNSUPPORTED_MEDIA_TYPE */
export function checkMediaType(headers: IncomingHttpHeaders, caller: Caller): void {
  const encoding = headers['content-encoding']?.trim().toLowerCase();
  if (encoding !== undefined && encoding !== '' && encoding !== 'identity') {
    throw unsupported('The body must be sent without a Content-Encoding.');
  }
  const [mediaType = '', ...parameters] = (headers['content-type'] ?? '').toLowerCase().split(';');
  const charset = parameters.find((parameter) => parameter.trim().startsWith('charset='));
  if (charset !== undefined && !/^charset="?(utf-?8|us-ascii)"?$/.test(charset.trim())) {
    throw unsupported('The body must be in UTF-8.');
  }
  if (!caller.acceptsMediaType(mediaType.trim() || undefined)) {
    throw unsupported('This caller does not accept the media type of the body (Content-Type).');
  }
}

function unsupported(message: string): StatusError {
  return StatusError.create('UNSUPPORTED_MEDIA_TYPE', message);
}
