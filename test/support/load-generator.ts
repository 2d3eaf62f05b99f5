/** Sends requests at a given rate, whether or not earlier ones have a response yet (an open model). */

import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Sample {
  readonly status: number;
  /** From sending the request to the complete response. */
  readonly milliseconds: number;
  readonly retryAfter: boolean;
}

/** A keep-alive connection, with one request at a time. */
interface Connection {
  readonly socket: Socket;
  sentAt: number;
  text: string;
}

interface LoadProfile {
  readonly perSecond: number;
  readonly seconds: number;
  /** Default: 1,000, Cloud Run's highest concurrency. */
  readonly connections?: number;
  /** Milliseconds to wait for responses after the last request; default: 10,000. */
  readonly timeout?: number;
}

/**
 * Sends `bytes`, one complete request, `perSecond` times a second. A request that finds no idle
 * connection waits for one until the load ends.
 */
export async function generateLoad(
  url: string,
  bytes: string | (() => string),
  { perSecond, seconds, connections = 1_000, timeout = 10_000 }: LoadProfile,
): Promise<{ samples: Sample[]; unanswered: number }> {
  const { hostname, port } = new URL(url);
  const samples: Sample[] = [];
  const idle: Connection[] = [];
  const open = new Set<Connection>();
  let waiting = 0;
  let sent = 0;

  function send(connection: Connection): void {
    sent += 1;
    connection.sentAt = performance.now();
    connection.socket.write(typeof bytes === 'string' ? bytes : bytes());
  }

  function openConnection(): Connection {
    const connection = { socket: connect(Number(port), hostname), sentAt: 0, text: '' };
    open.add(connection);
    connection.socket.setNoDelay(true).on('data', (chunk) => {
      connection.text += chunk.toString('latin1');
      const response = parseWholeResponse(connection.text);
      if (!response) return;
      samples.push({ ...response, milliseconds: performance.now() - connection.sentAt });
      connection.text = '';
      connection.sentAt = 0;
      if (waiting === 0) idle.push(connection);
      else {
        waiting -= 1;
        send(connection);
      }
    });
    connection.socket.on('error', () => {}).on('close', () => open.delete(connection));
    return connection;
  }

  for (let opened = 0; opened < connections; opened++) {
    const connection = openConnection();
    await once(connection.socket, 'connect');
    idle.push(connection);
  }
  // Node accepts one connection per turn of the event loop. This one is accepted after all others.
  await fetch(url);
  const startedAt = performance.now();
  const total = perSecond * seconds;
  for (let started = 0; started < total; await sleep(2)) {
    const due = Math.min(((performance.now() - startedAt) / 1000) * perSecond, total);
    for (; started < due; started++) {
      const connection = idle.shift();
      if (connection) send(connection);
      else waiting += 1;
    }
  }
  waiting = 0;
  for (const end = Date.now() + timeout; Date.now() < end && samples.length < sent; )
    await sleep(20);
  for (const { socket } of open) socket.destroy();
  return { samples, unanswered: sent - samples.length };
}

function parseWholeResponse(text: string): Omit<Sample, 'milliseconds'> | undefined {
  const head = text.indexOf('\r\n\r\n');
  if (head < 0) return undefined;
  const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
  if (text.length < head + 4 + length) return undefined;
  return { status: Number(text.slice(9, 12)), retryAfter: /\r\nretry-after: \d+\r/i.test(text) };
}

interface PlainUpstream {
  readonly url: string;
  /** The number of API requests (`/v1/…`) so far. */
  count(): number;
  /** The paths of all requests since {@link reset}. */
  paths(): readonly string[];
  reset(): void;
  close(): void;
}

/**
 * Starts an upstream that costs little CPU. It answers API requests with `{}` after `delay`
 * milliseconds, and serves the metadata server's token and Google's keys at once.
 */
export async function startPlainUpstream({ delay = 0 } = {}): Promise<PlainUpstream> {
  let count = 0;
  let paths: string[] = [];
  const server = createServer((socket) => {
    let text = '';
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      // No request of the function has a body.
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        const path = /^\S+ (\S+)/.exec(text)?.[1] ?? '';
        text = text.slice(end + 4);
        paths.push(path);
        if (path.startsWith('/v1/')) count++;
        if (path.startsWith('/v1/') && delay > 0) setTimeout(() => respond(socket, '{}'), delay);
        else
          respond(
            socket,
            path.includes('/token') ? TOKEN : path.includes('/certs') ? KEY_SET : '{}',
          );
      }
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', BACKLOG, done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    count: () => count,
    paths: () => paths,
    reset: () => {
      paths = [];
    },
    close: () => void server.close(),
  };
}

/** Enough for all connections at once; with less, the kernel delays some of them for seconds. */
const BACKLOG = 4_096;

const TOKEN = '{"access_token":"a-token","expires_in":3599,"token_type":"Bearer"}';
const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const KEY_SET = JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'a' }] });

function respond(socket: Socket, body: string): void {
  const headers = `Metadata-Flavor: Google\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`;
  socket.write(`HTTP/1.1 200 OK\r\n${headers}\r\n\r\n${body}`);
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? Number.NaN;
}
