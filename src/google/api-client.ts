/**
 * Calls a Google REST API as the function's own service account, with its access token, a deadline and
 * retries, and reads the response: a value, the API's own error, or nothing usable. The response never
 * holds the token.
 */

import type { Clock } from '../clock.ts';
import { StatusError } from '../errors.ts';
import { truncate } from '../log-fields.ts';
import { isRecord, stringOrEmpty } from '../validation/values.ts';
import type { TokenSource } from './access-token.ts';
import { ConnectionError, type HttpResponse, type SendRequest } from './http-client.ts';
import { createRetries, retryAfter } from './retry-policy.ts';

/** What a log line says about the calls that one request made. */
interface CallStats {
  upstream?: { status?: number; attempts: number; milliseconds: number };
}

/** What goes with every call of one request. */
export interface CallOptions {
  /** Milliseconds since 1970. Nothing waits for upstream beyond it. */
  readonly deadline: number;
  /** For `X-Goog-Request-Reason`: https://cloud.google.com/apis/docs/system-parameters */
  readonly reason: string;
  readonly stats: CallStats;
  /** Aborts when nobody needs the response any more. Only for calls that change nothing. */
  readonly signal?: AbortSignal;
}

export interface ApiClientOptions {
  readonly origin: URL;
  readonly request: SendRequest;
  readonly tokens: TokenSource;
  readonly clock: Clock;
  readonly userAgent: string;
}

interface ApiRequest {
  readonly method: 'GET' | 'POST';
  /** Sent as it is. */
  readonly path: string;
  /** JSON text; absent: an empty body. */
  readonly body?: string;
}

/** @throws StatusError upstream's own, or one of those that say why there is no response */
export type ApiClient = <T>(
  apiRequest: ApiRequest,
  options: CallOptions,
) => Promise<ParsedResponse<T>>;

export function createApiClient(clientOptions: ApiClientOptions): ApiClient {
  const { origin, request, tokens, clock, userAgent } = clientOptions;
  const retries = createRetries(clock);

  async function send(
    { method, path, body }: ApiRequest,
    { deadline, reason, signal }: CallOptions,
    token: string,
  ): Promise<HttpResponse | ConnectionError> {
    try {
      return await request({
        method,
        origin,
        path,
        ...(body === undefined ? {} : { body }),
        timeout: deadline - clock.now(),
        signal,
        headers: {
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
          Authorization: `Bearer ${token}`,
          Accept: 'application/json',
          'User-Agent': userAgent,
          'X-Goog-Request-Reason': reason,
        },
      });
    } catch (error) {
      if (error instanceof ConnectionError) return error;
      throw error;
    }
  }

  async function callWithRetry(
    apiRequest: ApiRequest,
    options: CallOptions,
    stats: NonNullable<CallStats['upstream']>,
    progress: { sent: boolean },
  ): Promise<HttpResponse> {
    const { deadline, signal } = options;
    retries.onCall();
    let refreshed = false;
    for (let attempt = 1; ; attempt++) {
      const token = await tokens.get(deadline);
      // A call that is sent after the deadline may take effect, and would be reported as failed.
      if (clock.now() >= deadline || signal?.aborted)
        throw toUpstreamError(new ConnectionError('timeout', false));
      stats.attempts += 1;
      const outcome = await send(apiRequest, options, token);
      if (outcome instanceof ConnectionError) delete stats.status;
      else stats.status = outcome.status;

      if (!(outcome instanceof ConnectionError) && outcome.status === 401) {
        tokens.invalidate(token);
        if (refreshed) throw credentialsRefused();
        refreshed = true;
        continue;
      }
      progress.sent ||= !(outcome instanceof ConnectionError) || outcome.sent;
      const delay = retries.nextDelay(outcome, attempt, deadline);
      if (delay !== undefined) {
        await clock.sleep(delay, signal);
        continue;
      }
      if (outcome instanceof ConnectionError) throw toUpstreamError(outcome);
      return redactToken(outcome, token);
    }
  }

  return async <T>(apiRequest: ApiRequest, options: CallOptions) => {
    const startedAt = clock.now();
    options.stats.upstream ??= { attempts: 0, milliseconds: 0 };
    const stats = options.stats.upstream;
    const progress = { sent: false };
    try {
      return parseResponse<T>(await callWithRetry(apiRequest, options, stats, progress));
    } catch (error) {
      if (error instanceof StatusError && !progress.sent) error.sent = false;
      throw error;
    } finally {
      stats.milliseconds += clock.now() - startedAt;
    }
  };
}

/** A larger error of upstream is passed on with the beginning of its message alone. */
const MAX_ERROR_BYTES = 60_000;
/** In characters, with the ellipsis. */
const MAX_MESSAGE = 10_001;

/** `text` is the body as it arrived. */
export interface ParsedResponse<T> {
  readonly value: T;
  readonly text: string;
}

/** Converts a failed exchange to the error for the caller. */
function toUpstreamError(error: ConnectionError): StatusError {
  return error.kind === 'timeout'
    ? StatusError.create('UPSTREAM_DEADLINE_EXCEEDED', 'Google Cloud did not respond in time.', {
        cause: error,
      })
    : unavailableError({}, undefined, error);
}

function credentialsRefused(): StatusError {
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
  const message = stringOrEmpty(error.message);
  const passed = { code: status, status: stringOrEmpty(error.status), message };
  const body =
    Buffer.byteLength(text) > MAX_ERROR_BYTES
      ? JSON.stringify({ error: { ...passed, message: truncate(message, MAX_MESSAGE) } })
      : text;
  throw StatusError.upstream(passed, body, retryAfterHeader(headers['retry-after']));
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
  return StatusError.create('UPSTREAM_UNAVAILABLE', 'Google Cloud returned no usable response.', {
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
