/** Reads a response of a Google API: a value, the API's own error, or nothing usable. */

import { StatusError } from '../errors.ts';
import { isRecord, stringOrEmpty } from '../validation/values.ts';
import type { ConnectionError, HttpResponse } from './http-client.ts';
import { retryAfter } from './retry-policy.ts';

/** `text` is the body as it arrived. */
export interface ParsedResponse<T> {
  readonly value: T;
  readonly text: string;
}

/** Converts a failed exchange to the error for the caller. */
export function toUpstreamError(error: ConnectionError): StatusError {
  return error.kind === 'timeout'
    ? StatusError.create('UPSTREAM_DEADLINE_EXCEEDED', 'Upstream did not answer in time.', {
        cause: error,
      })
    : unavailableError({}, undefined, error);
}

export function credentialsRefused(): StatusError {
  return StatusError.create(
    'CREDENTIALS_UNAVAILABLE',
    "Upstream refused the access token of the function's service account.",
  );
}

/**
 * @returns what the response says
 * @throws StatusError upstream's own, or UPSTREAM_UNAVAILABLE where it is not usable
 */
export function parseResponse<T>(received: HttpResponse): ParsedResponse<T> {
  const { status, headers } = received;
  const text = received.body.trim() === '' ? '{}' : received.body;
  const value = parse(text);
  if (status >= 200 && status < 300 && isRecord(value)) return { value: value as T, text };
  const error = isRecord(value) && isRecord(value.error) ? value.error : undefined;
  if (!error || status < 400 || status === 503 || status === 504)
    throw unavailableError(received, error);
  throw StatusError.upstream(
    { code: status, status: stringOrEmpty(error.status), message: stringOrEmpty(error.message) },
    text,
    retryAfterHeader(headers['retry-after']),
  );
}

function unavailableError(
  received: Partial<HttpResponse>,
  error?: Record<string, unknown>,
  cause?: unknown,
): StatusError {
  const metadata = {
    ...(received.status === undefined ? {} : { upstreamStatus: String(received.status) }),
    ...(error?.message === undefined ? {} : { upstreamMessage: stringOrEmpty(error.message) }),
  };
  return StatusError.create('UPSTREAM_UNAVAILABLE', 'Upstream gave no usable answer.', {
    metadata,
    cause,
    headers: { 'Retry-After': '5', ...retryAfterHeader(received.headers?.['retry-after']) },
  });
}

/** Passes on a `Retry-After` that is one: a header of free text could hold anything. */
function retryAfterHeader(value: string | undefined): Record<string, string> {
  return retryAfter(value, 0) === undefined ? {} : { 'Retry-After': String(value).trim() };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Replaces the access token in the body, should upstream repeat it. */
export function redactToken(response: HttpResponse, token: string): HttpResponse {
  if (!response.body.includes(token)) return response;
  return { ...response, body: response.body.replaceAll(token, '[REDACTED]') };
}
