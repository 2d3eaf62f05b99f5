/**
 * A TCP server between the hook and the emulator that hands requests on, until it is told to do
 * something to one of them. It speaks bytes, so that it can say what no HTTP library would.
 */

import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

/** A request that has arrived whole. */
export interface Arrival {
  readonly method: string;
  readonly path: string;
  /** First line and headers, as they came. */
  readonly head: string;
  /** Which connection it came over, from 1. */
  readonly connection: number;
  readonly socket: Socket;
  /** The emulator's answer, as bytes; asking for it carries the request out. */
  answer(): Promise<string>;
}

/** What is done instead of handing on the emulator's answer. */
export type Fault = (arrival: Arrival) => unknown;

export interface FaultServer {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly arrivals: Arrival[];
  /** How many connections were ever made. */
  readonly connections: number;
  /** From now on, to requests whose path ends so. @returns what puts an end to it */
  on(ending: string, fault: Fault): () => void;
  /** From now on, to new connections, before anything is read. @returns what puts an end to it */
  onConnection(fault: (socket: Socket) => unknown): () => void;
  /** Nobody listens any more, and what was open is gone. */
  leave(): Promise<void>;
  /** As before, at the same port. */
  comeBack(): Promise<void>;
  close(): Promise<void>;
}

/** @param emulator `http://127.0.0.1:PORT` */
export async function startFaultServer(emulator: string): Promise<FaultServer> {
  const open = new Set<Socket>();
  const faults = new Map<string, Fault>();
  const arrivals: Arrival[] = [];
  let connections = 0;
  let greeting: ((socket: Socket) => unknown) | undefined;
  const server: Server = createServer((socket) => {
    open.add(socket);
    const connection = ++connections;
    socket.on('error', () => {}).once('close', () => open.delete(socket));
    if (greeting) return greeting(socket);
    let bytes = '';
    socket.on('data', (chunk) => {
      bytes += chunk.toString('latin1');
      for (let end = endOf(bytes); end > 0; end = endOf(bytes)) {
        const message = bytes.slice(0, end);
        bytes = bytes.slice(end);
        const arrival = read(message, connection, socket, emulator);
        arrivals.push(arrival);
        const [, fault = handOn] =
          [...faults].find(([ending]) => arrival.path.endsWith(ending)) ?? [];
        fault(arrival);
      }
    });
  });
  const listen = async (port: number) => {
    await once(server.listen(port, '127.0.0.1'), 'listening');
    return (server.address() as AddressInfo).port;
  };
  const port = await listen(0);
  const leave = async () => {
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
    arrivals,
    get connections() {
      return connections;
    },
    on(ending, fault) {
      faults.set(ending, fault);
      return () => faults.delete(ending);
    },
    onConnection(fault) {
      greeting = fault;
      return () => {
        greeting = undefined;
      };
    },
    leave,
    comeBack: async () => void (await listen(port)),
    close: leave,
  };
}

async function handOn({ socket, answer }: Arrival): Promise<void> {
  socket.write(await answer(), 'latin1');
}

/** Where the first whole message in `bytes` ends; 0 where there is none yet. */
function endOf(bytes: string): number {
  const head = bytes.indexOf('\r\n\r\n');
  if (head < 0) return 0;
  const [, length = '0'] = /\r\ncontent-length: *(\d+)/i.exec(bytes.slice(0, head)) ?? [];
  const end = head + 4 + Number(length);
  return bytes.length >= end ? end : 0;
}

function read(message: string, connection: number, socket: Socket, emulator: string): Arrival {
  const at = message.indexOf('\r\n\r\n');
  const head = message.slice(0, at);
  const [first = '', ...lines] = head.split('\r\n');
  const [method = '', target = ''] = first.split(' ');
  const headers = Object.fromEntries(lines.map((line) => line.split(/: */, 2)));
  const [path = ''] = target.split('?');
  const answer = async () => {
    const outgoing = httpRequest(emulator + target, { method, headers, agent: false });
    outgoing.end(message.slice(at + 4), 'latin1');
    const [incoming] = await once(outgoing, 'response');
    let body = '';
    for await (const chunk of incoming.setEncoding('latin1')) body += chunk;
    return answerText(incoming.statusCode, body, incoming.headers);
  };
  return { method, path, head, connection, socket, answer };
}

/** An answer as it stands on the wire; `connection` and lengths are as HTTP wants them. */
export function answerText(
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
