/**
 * One HTTP exchange over kept-alive connections: no redirects, a bounded body, a deadline for the
 * whole. Node's own client: it costs no load time and half the CPU of `fetch` per call.
 */

import http, { type Agent, type IncomingHttpHeaders } from 'node:http';

interface HttpRequest {
  readonly method: 'GET' | 'POST';
  /** The origin alone counts; the path is `path`, sent as it stands. */
  readonly origin: URL;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** For the whole exchange, in milliseconds. */
  readonly timeout: number;
  /** Ends the exchange as if its time were over. */
  readonly signal?: AbortSignal | undefined;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export type SendRequest = (outgoing: HttpRequest) => Promise<HttpResponse>;

/** An exchange without an answer that one can use. */
export class ConnectionError extends Error {
  /** `stale`: a kept-alive connection that the other side had closed meanwhile. */
  readonly kind: 'timeout' | 'broken' | 'stale' | 'too large';

  constructor(kind: ConnectionError['kind'], cause?: unknown) {
    super(`connection: ${kind}`, { cause });
    this.name = 'ConnectionError';
    this.kind = kind;
  }
}

const MAX_BODY_BYTES = 1_048_576;
/** Connections kept while nobody uses them. */
export const MAX_IDLE_SOCKETS = 64;
const KEEP_ALIVE = {
  keepAlive: true,
  maxFreeSockets: MAX_IDLE_SOCKETS,
  scheduling: 'lifo',
} as const;

export interface HttpClient {
  readonly request: SendRequest;
  /** Loads ahead of need what an exchange with this origin takes. */
  readonly preload: (origin: URL) => void;
  /** Ends every exchange as if its time were over, now and later. */
  readonly abort: () => void;
}

/** How one protocol is spoken. */
interface Transport {
  readonly request: typeof http.request;
  readonly agent: Agent;
}

export function createHttpClient(): HttpClient {
  const inFlight = new Set<() => void>();
  let aborted = false;
  const ways = new Map<string, Transport>();
  const wayTo = ({ protocol }: URL): Transport => {
    const known = ways.get(protocol);
    if (known) return known;
    const { request, Agent } = loadTransport(protocol);
    const way = { request, agent: new Agent(KEEP_ALIVE) };
    ways.set(protocol, way);
    return way;
  };
  return {
    request(outgoing) {
      const way = wayTo(outgoing.origin);
      if (aborted) return Promise.reject(new ConnectionError('timeout'));
      return exchange(outgoing, way, inFlight);
    },
    preload: wayTo,
    abort() {
      aborted = true;
      for (const end of inFlight) end();
    },
  };
}

/** TLS is loaded only where it is spoken: that reads a hundred certificates. */
function loadTransport(protocol: string): Pick<typeof http, 'request' | 'Agent'> {
  if (protocol === 'http:') return http;
  if (protocol === 'https:') return process.getBuiltinModule('node:https');
  throw new Error('no HTTP to send by');
}

function exchange(
  { method, origin, path, headers, body, timeout, signal }: HttpRequest,
  { request, agent }: Transport,
  underWay: Set<() => void>,
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
    const fail = (kind: ConnectionError['kind'], cause?: unknown) => {
      if (settled) return;
      settle();
      reject(new ConnectionError(kind, cause));
      outgoing.destroy();
    };
    const timeOut = () => fail('timeout');
    const settle = () => {
      settled = true;
      clearTimeout(timer);
      underWay.delete(timeOut);
      signal?.removeEventListener('abort', timeOut);
    };
    const timer = setTimeout(timeOut, Math.max(timeout, 0));
    underWay.add(timeOut);
    signal?.addEventListener('abort', timeOut);
    outgoing.on('error', (error) => {
      // Where one has gone stale, an instance that was frozen say, its neighbours have as well.
      if (outgoing.reusedSocket && !settled) closeIdleSockets(agent);
      fail(outgoing.reusedSocket ? 'stale' : 'broken', error);
    });
    // An answer that ends without having been one, such as a change of protocol.
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

function byteLength(body: string | undefined): number {
  return Buffer.byteLength(body ?? '');
}
