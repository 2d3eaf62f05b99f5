/**
 * A TCP server between the function and the emulator. It forwards requests, unless a fault is set for
 * their path. It writes bytes, so that it can send what no HTTP library would.
 */

import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

/** A complete request. */
export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  /** The request line and the headers, unchanged. */
  readonly head: string;
  /** The number of its connection, from 1. */
  readonly connection: number;
  readonly socket: Socket;
  /** Sends the request to the emulator. @returns the response as bytes */
  forward(): Promise<string>;
}

/** What happens to a request instead of {@link ReceivedRequest.forward}. */
export type Fault = (request: ReceivedRequest) => unknown;

export interface FaultServer {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly requests: ReceivedRequest[];
  /** The number of connections so far. */
  readonly connections: number;
  /** Sets the fault of requests whose path ends with `suffix`. @returns a function that removes it */
  on(suffix: string, fault: Fault): () => void;
  /** Sets the fault of new connections, before a request is read. @returns a function that removes it */
  onConnection(fault: (socket: Socket) => unknown): () => void;
  /** Stops listening and closes every connection. */
  stop(): Promise<void>;
  /** Listens again at the same port. */
  restart(): Promise<void>;
}

/** @param emulator `http://127.0.0.1:PORT` */
export async function startFaultServer(emulator: string): Promise<FaultServer> {
  const open = new Set<Socket>();
  const faults = new Map<string, Fault>();
  const requests: ReceivedRequest[] = [];
  let connections = 0;
  let onConnect: ((socket: Socket) => unknown) | undefined;
  const server: Server = createServer((socket) => {
    open.add(socket);
    const connection = ++connections;
    socket.on('error', () => {}).once('close', () => open.delete(socket));
    if (onConnect) return onConnect(socket);
    let bytes = '';
    socket.on('data', (chunk) => {
      bytes += chunk.toString('latin1');
      for (let end = findMessageEnd(bytes); end > 0; end = findMessageEnd(bytes)) {
        const message = bytes.slice(0, end);
        bytes = bytes.slice(end);
        const request = parseRequest(message, connection, socket, emulator);
        requests.push(request);
        const [, fault = forward] =
          [...faults].find(([suffix]) => request.path.endsWith(suffix)) ?? [];
        fault(request);
      }
    });
  });
  const listen = async (port: number) => {
    await once(server.listen(port, '127.0.0.1'), 'listening');
    return (server.address() as AddressInfo).port;
  };
  const port = await listen(0);
  const stop = async () => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of open) socket.destroy();
    await closed;
  };
  return {
    host: `127.0.0.1:${port}`,
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    get connections() {
      return connections;
    },
    on(suffix, fault) {
      faults.set(suffix, fault);
      return () => faults.delete(suffix);
    },
    onConnection(fault) {
      onConnect = fault;
      return () => {
        onConnect = undefined;
      };
    },
    stop,
    restart: async () => void (await listen(port)),
  };
}

async function forward(request: ReceivedRequest): Promise<void> {
  request.socket.write(await request.forward(), 'latin1');
}

/** Returns the offset where the first complete message ends, or 0. */
function findMessageEnd(bytes: string): number {
  const head = bytes.indexOf('\r\n\r\n');
  if (head < 0) return 0;
  const [, length = '0'] = /\r\ncontent-length: *(\d+)/i.exec(bytes.slice(0, head)) ?? [];
  const end = head + 4 + Number(length);
  return bytes.length >= end ? end : 0;
}

function parseRequest(
  message: string,
  connection: number,
  socket: Socket,
  emulator: string,
): ReceivedRequest {
  const at = message.indexOf('\r\n\r\n');
  const head = message.slice(0, at);
  const [first = '', ...lines] = head.split('\r\n');
  const [method = '', target = ''] = first.split(' ');
  const headers = Object.fromEntries(lines.map((line) => line.split(/: */, 2)));
  const [path = ''] = target.split('?');
  const forward = async () => {
    const outgoing = httpRequest(emulator + target, { method, headers, agent: false });
    outgoing.end(message.slice(at + 4), 'latin1');
    const [incoming] = await once(outgoing, 'response');
    let body = '';
    for await (const chunk of incoming.setEncoding('latin1')) body += chunk;
    return formatResponse(incoming.statusCode, body, incoming.headers);
  };
  return { method, path, head, connection, socket, forward };
}

/** Formats a response as HTTP/1.1, with a correct `content-length` and without `connection`. */
export function formatResponse(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): string {
  const { connection: _, date: __, ...kept } = headers;
  const lines = Object.entries({
    'content-type': 'application/json',
    'metadata-flavor': 'Google',
    ...kept,
    'content-length': String(Buffer.byteLength(body, 'latin1')),
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} Status\r\n${lines.join('')}\r\n${body}`;
}
