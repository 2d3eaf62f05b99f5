/**
 * Sends HTTP requests over kept-alive connections, without redirects, with a bounded response and one
 * deadline for the whole exchange. It uses Node's own client, which takes no time to load and half the
 * CPU of `fetch` per call.
 */

import http, { type Agent, type IncomingHttpHeaders } from 'node:http';
import type { FetchKeys } from '../auth/key-set.ts';
import type { PostJson } from '../caller.ts';

interface HttpRequest {
  readonly method: 'GET' | 'POST';
  /** Only the origin is used. */
  readonly origin: URL;
  /** Sent as it is. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** For the whole exchange, in milliseconds. */
  readonly timeout: number;
  /** Ends the exchange like a timeout. */
  readonly signal?: AbortSignal | undefined;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export type SendRequest = (outgoing: HttpRequest) => Promise<HttpResponse>;

/** An exchange without a usable response. */
export class ConnectionError extends Error {
  /** `stale`: a kept-alive connection that the server had closed meanwhile. */
  readonly kind: 'timeout' | 'broken' | 'stale' | 'too large';

  /** Whether any of the request may have reached the server. */
  readonly sent: boolean;

  constructor(kind: ConnectionError['kind'], sent: boolean, cause?: unknown) {
    super(`connection: ${kind}`, { cause });
    this.name = 'ConnectionError';
    this.kind = kind;
    this.sent = sent;
  }
}

const MAX_BODY_BYTES = 1_048_576;
/** The most connections that are kept while they are idle. */
export const MAX_IDLE_SOCKETS = 64;
const KEEP_ALIVE = {
  keepAlive: true,
  maxFreeSockets: MAX_IDLE_SOCKETS,
  scheduling: 'lifo',
} as const;

export interface HttpClient {
  readonly request: SendRequest;
  /** Loads in advance what a request to this origin needs. */
  readonly preload: (origin: URL) => void;
  /** Ends every exchange like a timeout, now and later. */
  readonly abort: () => void;
}

/** The client and the connections of one protocol. */
interface Transport {
  readonly request: typeof http.request;
  readonly agent: Agent;
}

export function createHttpClient(): HttpClient {
  const inFlight = new Set<() => void>();
  let aborted = false;
  const transports = new Map<string, Transport>();
  const transportFor = ({ protocol }: URL): Transport => {
    const known = transports.get(protocol);
    if (known) return known;
    const { request, Agent } = loadTransport(protocol);
    const transport = { request, agent: new Agent(KEEP_ALIVE) };
    transports.set(protocol, transport);
    return transport;
  };
  return {
    request(outgoing) {
      const transport = transportFor(outgoing.origin);
      if (aborted) return Promise.reject(new ConnectionError('timeout', false));
      return exchange(outgoing, transport, inFlight);
    },
    preload: transportFor,
    abort() {
      aborted = true;
      for (const end of inFlight) end();
    },
  };
}

/** Loads TLS only where it is used: that reads a hundred certificates. */
function loadTransport(protocol: string): Pick<typeof http, 'request' | 'Agent'> {
  if (protocol === 'http:') return http;
  if (protocol === 'https:') return process.getBuiltinModule('node:https');
  throw new Error(`unsupported protocol ${protocol}`);
}

function exchange(
  { method, origin, path, headers, body, timeout, signal }: HttpRequest,
  { request, agent }: Transport,
  inFlight: Set<() => void>,
): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const outgoing = request({
      agent,
      method,
      path,
      // URL keeps the brackets of an IPv6 address, the socket wants it without.
      hostname: origin.hostname.replace(/^\[|\]$/g, ''),
      port: origin.port,
      headers: method === 'POST' ? { ...headers, 'Content-Length': byteLength(body) } : headers,
    });
    let settled = false;
    let connected = false;
    outgoing.on('socket', (socket) => {
      connected = !socket.connecting;
      if (connected) return;
      socket.once(origin.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
        connected = true;
      });
    });
    const fail = (kind: ConnectionError['kind'], cause?: unknown) => {
      if (settled) return;
      settle();
      reject(new ConnectionError(kind, connected, cause));
      outgoing.destroy();
    };
    const timeOut = () => fail('timeout');
    const settle = () => {
      settled = true;
      clearTimeout(timer);
      inFlight.delete(timeOut);
      signal?.removeEventListener('abort', timeOut);
    };
    const timer = setTimeout(timeOut, Math.max(timeout, 0));
    inFlight.add(timeOut);
    signal?.addEventListener('abort', timeOut);
    outgoing.on('error', (error) => {
      // If one connection is stale, for example after the instance was frozen, the others are as well.
      if (outgoing.reusedSocket && !settled) closeIdleSockets(agent);
      fail(outgoing.reusedSocket ? 'stale' : 'broken', error);
    });
    // A change of protocol is no response.
    outgoing.on('upgrade', (_, socket) => {
      socket.destroy();
      fail('broken');
    });
    outgoing.on('response', (incoming) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      incoming.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > MAX_BODY_BYTES) fail('too large');
        else chunks.push(chunk);
      });
      incoming.on('error', (error) => fail('broken', error));
      incoming.on('end', () => {
        settle();
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          body: Buffer.concat(chunks).toString('utf8'),
        });
      });
    });
    outgoing.end(body);
  });
}

function closeIdleSockets({ freeSockets }: Agent): void {
  for (const socket of Object.values(freeSockets).flat()) socket?.destroy();
}

/** @returns a function that resolves to undefined if no response arrived in time */
export function createPostJson(request: SendRequest): PostJson {
  return async (url, body, timeout) => {
    const headers = { 'Content-Type': 'application/json; charset=utf-8' };
    const path = `${url.pathname}${url.search}`;
    const outgoing = { method: 'POST', origin: url, path, headers, body, timeout } as const;
    try {
      const response = await request(outgoing);
      return { status: response.status, retryAfter: response.headers['retry-after'] };
    } catch {
      return undefined;
    }
  };
}

function byteLength(body: string | undefined): number {
  return Buffer.byteLength(body ?? '');
}

/** A chat app waits 3 s for a response, so a fetch must end earlier. */
const TIMEOUT_MS = 2_000;

/** The returned function throws if there is no response with status 200 in time. */
export function fetchKeys(request: SendRequest): FetchKeys {
  return async (url) => {
    const { status, headers, body } = await request({
      method: 'GET',
      origin: url,
      path: url.pathname,
      headers: { Accept: 'application/json' },
      timeout: TIMEOUT_MS,
    });
    if (status !== 200) throw new Error(`keys: HTTP ${status}`);
    const maxAge = /(?:^|[\s,])max-age=(\d{1,9})/i.exec(headers['cache-control'] ?? '')?.[1];
    return { body, maxAge: Number(maxAge ?? 0) };
  };
}
