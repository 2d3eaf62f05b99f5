/**
 * Calls to a Google REST API as the hook's own service account: token, deadline, retries, and a
 * body that never shows the token.
 */

import type { Clock } from '../clock.ts';
import type { TokenSource } from './access-token.ts';
import {
  ConnectionError,
  type HttpResponse,
  MAX_IDLE_SOCKETS,
  type SendRequest,
} from './http-client.ts';
import { blank } from './redact.ts';
import {
  credentialsRefused,
  type ParsedResponse,
  parseResponse,
  toUpstreamError,
} from './response.ts';
import { backoff, MAX_ATTEMPTS, RetryBudget, retryAfter } from './retry-policy.ts';

/** What a log line tells of the calls that one request made. */
interface CallStats {
  upstream?: { status?: number; attempts: number; milliseconds: number };
}

/** What goes with every call of one request. */
export interface CallOptions {
  /** Milliseconds since 1970; nothing upstream is waited for beyond it. */
  readonly deadline: number;
  /** For `X-Goog-Request-Reason`: https://cloud.google.com/apis/docs/system-parameters */
  readonly reason: string;
  readonly stats: CallStats;
  /** Aborts when nobody wants the answer any more; only for what changes nothing. */
  readonly signal?: AbortSignal;
}

export interface ApiOptions {
  readonly origin: URL;
  readonly request: SendRequest;
  readonly tokens: TokenSource;
  readonly clock: Clock;
  readonly userAgent: string;
}

interface Request {
  readonly method: 'GET' | 'POST';
  /** Sent as it stands. */
  readonly path: string;
  /** JSON text; absent: an empty body. */
  readonly body?: string;
}

/** @throws StatusError upstream's own, or one of those that tell why there is no answer */
export type ApiClient = <T>(request: Request, call: CallOptions) => Promise<ParsedResponse<T>>;

export function createApiClient({
  origin,
  request,
  tokens,
  clock,
  userAgent,
}: ApiOptions): ApiClient {
  const budget = new RetryBudget();
  // A stale connection is no sign of an upstream in trouble, but there are only so many of them.
  const staleBudget = new RetryBudget(MAX_IDLE_SOCKETS);

  async function attempts(
    { method, path, body }: Request,
    call: CallOptions,
    trail: NonNullable<CallStats['upstream']>,
  ): Promise<HttpResponse> {
    budget.deposit();
    staleBudget.deposit();
    const used = new Set<string>();
    let renewed = false;
    for (let attempt = 1; ; attempt++) {
      const token = await tokens.get(call.deadline);
      // What is sent too late may act, and is then told as failed.
      if (clock.now() >= call.deadline || call.signal?.aborted)
        throw toUpstreamError(new ConnectionError('timeout'));
      used.add(token);
      trail.attempts += 1;
      const received = await request({
        method,
        origin,
        path,
        ...(body === undefined ? {} : { body }),
        timeout: call.deadline - clock.now(),
        signal: call.signal,
        headers: {
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
          Authorization: `Bearer ${token}`,
          Accept: 'application/json',
          'User-Agent': userAgent,
          'X-Goog-Request-Reason': call.reason,
        },
      }).catch(asConnectionError);
      if (!(received instanceof ConnectionError)) trail.status = received.status;
      else delete trail.status;

      if (!(received instanceof ConnectionError) && received.status === 401) {
        tokens.invalidate(token);
        if (renewed) throw credentialsRefused();
        renewed = true;
        continue;
      }
      const delay = attempt < MAX_ATTEMPTS ? retryDelay(received, attempt) : undefined;
      const fits = delay !== undefined && clock.now() + delay < call.deadline;
      const isStale = received instanceof ConnectionError && received.kind === 'stale';
      if (fits && (isStale ? staleBudget : budget).tryWithdraw()) {
        await clock.sleep(delay, call.signal);
        continue;
      }
      if (received instanceof ConnectionError) throw toUpstreamError(received);
      return blank(received, used);
    }
  }

  /** Milliseconds to wait before the next attempt; undefined where there should be none. */
  function retryDelay(
    received: HttpResponse | ConnectionError,
    attempt: number,
  ): number | undefined {
    if (received instanceof ConnectionError) {
      if (received.kind === 'stale') return 0;
      return received.kind === 'broken' ? backoff(attempt, clock) : undefined;
    }
    const asked = retryAfter(received.headers['retry-after'], clock.now());
    if (received.status === 429) return asked;
    if (received.status === 503 || received.status === 504) return asked ?? backoff(attempt, clock);
    return undefined;
  }

  return async <T>(request: Request, call: CallOptions) => {
    const started = clock.now();
    call.stats.upstream ??= { attempts: 0, milliseconds: 0 };
    const trail = call.stats.upstream;
    try {
      return parseResponse<T>(await attempts(request, call, trail));
    } finally {
      trail.milliseconds += clock.now() - started;
    }
  };
}

function asConnectionError(error: unknown): ConnectionError {
  if (error instanceof ConnectionError) return error;
  throw error;
}
