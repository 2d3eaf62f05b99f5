/** JSON-RPC 2.0 over HTTP: https://www.jsonrpc.org/specification */

import type { HttpResponse, RequestHead } from '../../caller.ts';
import type { Agent } from '../../command.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** A request with an id, whose result goes back with that id. */
export interface Request {
  readonly id: string | number;
  readonly method: string;
  readonly params: Fields;
  readonly headers: RequestHead['headers'];
}

/** A message that is answered without any action. */
export type ImmediateResponse =
  | {
      readonly kind: 'reply';
      /** The method, for the log. */
      readonly note: string;
      readonly agent?: Agent | undefined;
      readonly response: HttpResponse;
    }
  | { readonly kind: 'error'; readonly message: string; readonly response: HttpResponse };

const PARSE_ERROR = -32700;
const INVALID_REQUEST = -32600;
export const METHOD_NOT_FOUND = -32601;
export const INVALID_PARAMS = -32602;

/** An id is returned with the response, which is bounded. */
const MAX_ID = 256;

export function parseErrorResponse(message: string): HttpResponse {
  return json(400, { error: { code: PARSE_ERROR, message } });
}

/** Returns the request in a body, or the answer to what is none. */
export function parseRequest(
  body: unknown,
  headers: RequestHead['headers'],
): Request | ImmediateResponse {
  if (Array.isArray(body)) return rpcError(400, INVALID_REQUEST, 'Batches are not supported.');
  const { jsonrpc, method, params = {} } = isRecord(body) ? body : {};
  const id = isRecord(body) && isId(body.id) ? body.id : undefined;
  if (!isRecord(body) || jsonrpc !== '2.0' || typeof method !== 'string') {
    const message = 'The body is not a JSON-RPC request or notification.';
    return rpcError(400, INVALID_REQUEST, message, id);
  }
  if (!Object.hasOwn(body, 'id')) {
    // Nothing that is sent as a notification has an effect.
    return method.startsWith('notifications/')
      ? { kind: 'reply', note: 'notification', response: { status: 202, headers: {}, body: '' } }
      : rpcError(400, INVALID_REQUEST, 'A request must have an id.');
  }
  if (id === undefined) {
    const message = `An id must be a whole number, or text of at most ${MAX_ID} characters.`;
    return rpcError(400, INVALID_REQUEST, message);
  }
  if (!isRecord(params)) return rpcError(400, INVALID_PARAMS, 'params must be an object.', id);
  return { id, method, params, headers };
}

/** Creates an error response. Without an id, the request could not be read that far. */
export function rpcError(
  status: number,
  code: number,
  message: string,
  id?: string | number,
  data?: object,
): ImmediateResponse {
  const error = { code, message, ...(data && { data }) };
  const response = json(status, { ...(id !== undefined && { id }), error });
  return { kind: 'error', message, response };
}

export function success(
  id: string | number,
  result: Fields,
  headers: HttpResponse['headers'] = {},
): HttpResponse {
  return json(200, { id, result }, headers);
}

function json(status: number, body: object, headers: HttpResponse['headers'] = {}): HttpResponse {
  return {
    status,
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify({ jsonrpc: '2.0', ...body }),
  };
}

function isId(id: unknown): id is string | number {
  return typeof id === 'string' ? id.length <= MAX_ID : Number.isSafeInteger(id);
}

export function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
