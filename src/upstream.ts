/**
 * The only outbound door to the service whose operations are cancelled: Certificate Authority
 * Service, https://cloud.google.com/certificate-authority-service/docs/reference/rest/v1/projects.locations.operations
 */

import type { TokenSource } from './access-token.ts';
import type { Clock } from './clock.ts';
import { ConnectionError, type Received, type Send } from './connection.ts';
import type { LocationName, Operation, OperationName } from './operation.ts';
import { backoff, MOST_ATTEMPTS, RetryBudget, retryAfter } from './retry.ts';
import { StatusError } from './status.ts';

/** What a log line tells of the calls that one request made. */
export interface Trail {
  upstream?: { status?: number; attempts: number; milliseconds: number };
}

/** What goes with every call of one request. */
export interface Call {
  /** Milliseconds since 1970; nothing upstream is waited for beyond it. */
  readonly deadline: number;
  /** For `X-Goog-Request-Reason`: https://cloud.google.com/apis/docs/system-parameters */
  readonly reason: string;
  readonly trail: Trail;
}

/** An answer that was understood; `text` is its body as it came. */
export interface Understood<T> {
  readonly value: T;
  readonly text: string;
}

/** https://cloud.google.com/certificate-authority-service/docs/reference/rest/v1/projects.locations.operations/list */
export interface OperationsPage {
  readonly operations?: readonly Operation[];
  readonly nextPageToken?: string;
  /** Locations that `locations/-` could not ask: https://google.aip.dev/217 */
  readonly unreachable?: readonly string[];
}

/** Errors are StatusErrors: upstream's own, or one of those that tell why there is none. */
export interface Upstream {
  /** One page. @param query what `operations.list` takes, but the parent */
  list(
    parent: LocationName,
    query: Readonly<Record<string, string>>,
    call: Call,
  ): Promise<Understood<OperationsPage>>;
  cancel(operation: OperationName, call: Call): Promise<Understood<object>>;
  get(operation: OperationName, call: Call): Promise<Understood<Operation>>;
}

export interface UpstreamOptions {
  readonly origin: URL;
  readonly send: Send;
  readonly tokens: TokenSource;
  readonly clock: Clock;
  readonly userAgent: string;
}

export function createUpstream({
  origin,
  send,
  tokens,
  clock,
  userAgent,
}: UpstreamOptions): Upstream {
  const budget = new RetryBudget();

  async function request<T>(
    method: 'GET' | 'POST',
    path: string,
    call: Call,
  ): Promise<Understood<T>> {
    const started = clock.now();
    const trail = { attempts: 0, milliseconds: 0, ...call.trail.upstream };
    call.trail.upstream = trail;
    try {
      return understand(await attempts(method, path, call, trail));
    } finally {
      trail.milliseconds += clock.now() - started;
    }
  }

  async function attempts(
    method: 'GET' | 'POST',
    path: string,
    call: Call,
    trail: NonNullable<Trail['upstream']>,
  ): Promise<Received> {
    budget.onCall();
    const used = new Set<string>();
    let renewed = false;
    for (let attempt = 1; ; attempt++) {
      const token = await tokens.get(call.deadline);
      used.add(token);
      trail.attempts += 1;
      const received = await send({
        method,
        origin,
        path,
        timeout: call.deadline - clock.now(),
        headers: {
          Authorization: `Bearer ${token}`,
          Accept: 'application/json',
          'User-Agent': userAgent,
          'X-Goog-Request-Reason': call.reason,
        },
      }).catch(asConnectionError);
      if (!(received instanceof ConnectionError)) trail.status = received.status;
      else delete trail.status;

      if (!(received instanceof ConnectionError) && received.status === 401) {
        tokens.reject(token);
        if (renewed) throw credentialsRefused();
        renewed = true;
        attempt -= 1;
        continue;
      }
      const delay = attempt < MOST_ATTEMPTS ? retryDelay(received, attempt) : undefined;
      const fits = delay !== undefined && clock.now() + delay < call.deadline;
      if (fits && budget.take()) {
        await clock.sleep(delay);
        continue;
      }
      if (received instanceof ConnectionError) throw noAnswer(received);
      return blank(received, used);
    }
  }

  /** Milliseconds to wait before the next attempt; undefined where there should be none. */
  function retryDelay(received: Received | ConnectionError, attempt: number): number | undefined {
    if (received instanceof ConnectionError) {
      if (received.kind === 'stale') return 0;
      return received.kind === 'broken' ? backoff(attempt, clock) : undefined;
    }
    const asked = retryAfter(received.headers['retry-after'], clock.now());
    if (received.status === 429) return asked;
    if (received.status === 503 || received.status === 504) return asked ?? backoff(attempt, clock);
    return undefined;
  }

  return {
    cancel: (operation, call) => request('POST', `/v1/${operation}:cancel`, call),
    list: (parent, query, call) =>
      request('GET', `/v1/${parent}/operations?${new URLSearchParams(query)}`, call),
    get: (operation, call) => request('GET', `/v1/${operation}`, call),
  };
}

function asConnectionError(error: unknown): ConnectionError {
  if (error instanceof ConnectionError) return error;
  throw error;
}

function noAnswer(error: ConnectionError): StatusError {
  return error.kind === 'timeout'
    ? StatusError.of('UPSTREAM_DEADLINE_EXCEEDED', 'Upstream did not answer in time.', {
        cause: error,
      })
    : unusable({}, undefined, error);
}

function credentialsRefused(): StatusError {
  return StatusError.of(
    'CREDENTIALS_UNAVAILABLE',
    "Upstream refused the access token of the hook's own service account.",
  );
}

/** Should upstream echo the token, nobody sees it; anything else stays as it came. */
function blank(received: Received, tokens: ReadonlySet<string>): Received {
  const json = parse(received.body);
  // Parsed and written anew, so that no escape within the JSON hides the token.
  const plain = json === undefined ? received.body : JSON.stringify(json);
  const leaks = [...tokens].filter((token) => plain.includes(JSON.stringify(token).slice(1, -1)));
  const body = leaks.reduce(
    (text, token) => text.replaceAll(JSON.stringify(token).slice(1, -1), '[REDACTED]'),
    leaks.length === 0 ? received.body : plain,
  );
  return { ...received, body };
}

function understand<T>(received: Received): Understood<T> {
  const { status, headers } = received;
  const text = received.body.trim() === '' ? '{}' : received.body;
  const value = parse(text);
  if (status >= 200 && status < 300 && isRecord(value)) return { value: value as T, text };
  const error = isRecord(value) && isRecord(value.error) ? value.error : undefined;
  if (!error || status < 400 || status === 503 || status === 504) throw unusable(received, error);
  throw StatusError.upstream(
    { code: status, status: String(error.status ?? ''), message: String(error.message ?? '') },
    text,
    retryAfterHeader(headers['retry-after']),
  );
}

function unusable(
  received: Partial<Received>,
  error?: Record<string, unknown>,
  cause?: unknown,
): StatusError {
  const metadata = {
    ...(received.status === undefined ? {} : { upstreamStatus: String(received.status) }),
    ...(error?.message === undefined ? {} : { upstreamMessage: String(error.message) }),
  };
  return StatusError.of('UPSTREAM_UNAVAILABLE', 'Upstream gave no usable answer.', {
    metadata,
    cause,
    headers: { 'Retry-After': '5', ...retryAfterHeader(received.headers?.['retry-after']) },
  });
}

/** Handed on where it is one: a header that is free text could carry anything. */
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

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
