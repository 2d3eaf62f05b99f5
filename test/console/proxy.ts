/** A reverse proxy on loopback that keeps its port while the function behind it changes, and records. */

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

export interface RecordedRequest {
  readonly method: string;
  /** The request target, with its query. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  /** The trace that the function logs for this request. */
  readonly trace: string;
  /** The span that the function logs for this request alone. */
  readonly span: string;
}

export interface RecordedResponse {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export interface Recorder {
  /** Receives each request when its body has come. */
  onRequest(request: RecordedRequest): void;
  /** Receives the response, or why there is none. */
  onResponse(span: string, response: RecordedResponse | Error): void;
}

export interface RecordingProxy {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Where requests go from now on; undefined: nowhere. */
  target: string | undefined;
  close(): Promise<void>;
}

/** Headers that concern one connection (RFC 9110, 7.6.1), and the trace, which gets a span of its own. */
const NOT_FORWARDED = /^(connection|keep-alive|transfer-encoding|expect|traceparent)$/i;

/** Rejects where the port is taken. @param port 0: any free one */
export async function startProxy(port: number, recorder: Recorder): Promise<RecordingProxy> {
  const server = createServer((request, response) => {
    forward(request, response, proxy.target, recorder).catch(() => response.destroy());
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const proxy: RecordingProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    target: undefined,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
  return proxy;
}

async function forward(
  request: IncomingMessage,
  response: ServerResponse,
  target: string | undefined,
  recorder: Recorder,
): Promise<void> {
  const { method = '', url = '', headers } = request;
  const [, trace = randomBytes(16).toString('hex')] =
    /^00-([0-9a-f]{32})-/.exec(String(headers.traceparent ?? '')) ?? [];
  const span = randomBytes(8).toString('hex');
  const body = Buffer.concat(await request.toArray());
  recorder.onRequest({ method, url, headers, body, trace, span });
  if (target === undefined) {
    recorder.onResponse(span, new Error('The configuration is not valid: no function runs.'));
    response.writeHead(503, { 'Content-Type': 'application/json' });
    response.end('{"error":{"message":"The configuration is not valid: no function runs."}}\n');
    return;
  }
  const outgoing = httpRequest(target, {
    path: url,
    method,
    agent: false,
    headers: [
      ...withoutHops(request.rawHeaders),
      ...(headers['transfer-encoding'] ? ['Content-Length', String(body.length)] : []),
      ...['traceparent', `00-${trace}-${span}-01`, 'Connection', 'close'],
    ],
  });
  response.once('close', () => outgoing.destroy());
  try {
    outgoing.end(body);
    const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
    const content = Buffer.concat(await incoming.toArray());
    const status = incoming.statusCode ?? 502;
    recorder.onResponse(span, { status, headers: incoming.headers, body: content });
    response.writeHead(status, withoutHops(incoming.rawHeaders)).end(content);
  } catch (error) {
    recorder.onResponse(span, error as Error);
    response.destroy();
  }
}

/** @param raw names and values in turn */
function withoutHops(raw: readonly string[]): string[] {
  return raw.filter((_, index) => !NOT_FORWARDED.test(raw[index - (index % 2)] ?? ''));
}
