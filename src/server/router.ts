/** Which caller a request is for, and what is refused by its first lines alone. */

import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Caller } from '../caller.ts';
import { StatusError } from '../errors.ts';

export interface Target {
  readonly route: string;
  readonly caller: Caller;
}

/**
 * Of a request's target: its path, and its query. A client may name the host before them:
 * RFC 9112, 3.2.2.
 */
export function splitTarget(target: string): [path: string, query: string] {
  const [path = '', ...query] = target.replace(/^https?:\/\/[^/?#]*/i, '').split('?');
  return [path, query.join('?')];
}

/** Whether a request names one host; who names none, or two, is to be refused: RFC 9112, 3.2. */
export function namesItsHost({ httpVersion, rawHeaders }: IncomingMessage): boolean {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  return hosts === 1 || (hosts === 0 && httpVersion !== '1.1');
}

/**
 * @param path without its query
 * @returns the caller, or undefined for `GET /`
 * @throws StatusError UNKNOWN_ROUTE, METHOD_NOT_ALLOWED
 */
export function findTarget(
  method: string,
  path: string,
  callers: ReadonlyMap<string, Caller>,
): Target | undefined {
  const isRoot = path === '/';
  if (isRoot && (method === 'GET' || method === 'HEAD')) return undefined;
  const route = isRoot ? 'default' : path.slice(1);
  const caller = path.startsWith('/') ? callers.get(route) : undefined;
  if (!caller && !(isRoot && method !== 'POST')) {
    throw StatusError.create('UNKNOWN_ROUTE', 'There is no such caller.');
  }
  if (caller?.methods.includes(method)) return { route, caller };
  const allow = [...(isRoot ? ['GET', 'HEAD'] : []), ...(caller?.methods ?? ['POST'])].join(', ');
  throw StatusError.create('METHOD_NOT_ALLOWED', `This takes ${allow} only.`, {
    headers: { Allow: allow },
  });
}

/** @throws StatusError UNSUPPORTED_MEDIA_TYPE */
export function checkMediaType(headers: IncomingHttpHeaders, caller: Caller): void {
  const encoding = headers['content-encoding']?.trim().toLowerCase();
  if (encoding !== undefined && encoding !== '' && encoding !== 'identity') {
    throw unsupported('The body must come without a Content-Encoding.');
  }
  const [mediaType = '', ...parameters] = (headers['content-type'] ?? '').toLowerCase().split(';');
  const charset = parameters.find((parameter) => parameter.trim().startsWith('charset='));
  if (charset !== undefined && !/^charset="?(utf-?8|us-ascii)"?$/.test(charset.trim())) {
    throw unsupported('The body must be in UTF-8.');
  }
  if (!caller.acceptsMediaType(mediaType.trim() || undefined)) {
    throw unsupported('This caller does not take the media type of the body (Content-Type).');
  }
}

function unsupported(message: string): StatusError {
  return StatusError.create('UNSUPPORTED_MEDIA_TYPE', message);
}
