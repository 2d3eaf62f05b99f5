/** Many requests at a given rate, whether or not they are answered: what a crowd does, and no client. */

import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Heard {
  readonly status: number;
  /** From the moment when it was sent until the answer was here. */
  readonly milliseconds: number;
  readonly retryAfter: boolean;
}

/** One kept-alive connection, with one request at a time. */
interface Line {
  readonly socket: Socket;
  sentAt: number;
  text: string;
}

interface Crowd {
  readonly perSecond: number;
  readonly seconds: number;
  /** As many as Cloud Run lets in at one time, unless given. */
  readonly connections?: number;
  /** How long answers are waited for when the last is sent; 10 s unless given, in milliseconds. */
  readonly patience?: number;
}

/**
 * Sends `bytes`, each time a whole request, at so many per second; who finds no free connection waits
 * for one, but not beyond the time that this shall take.
 *
 * @returns what was heard in the end, and how many heard nothing
 */
export async function flood(
  url: string,
  bytes: string | (() => string),
  { perSecond, seconds, connections = 1_000, patience = 10_000 }: Crowd,
): Promise<{ heard: Heard[]; unheard: number }> {
  const { hostname, port } = new URL(url);
  const heard: Heard[] = [];
  const idle: Line[] = [];
  const all = new Set<Line>();
  let waiting = 0;
  let sent = 0;

  function send(line: Line): void {
    sent += 1;
    line.sentAt = performance.now();
    line.socket.write(typeof bytes === 'string' ? bytes : bytes());
  }

  function open(): Line {
    const line = { socket: connect(Number(port), hostname), sentAt: 0, text: '' };
    all.add(line);
    line.socket.setNoDelay(true).on('data', (chunk) => {
      line.text += chunk.toString('latin1');
      const answer = wholeAnswer(line.text);
      if (!answer) return;
      heard.push({ ...answer, milliseconds: performance.now() - line.sentAt });
      line.text = '';
      line.sentAt = 0;
      if (waiting === 0) idle.push(line);
      else {
        waiting -= 1;
        send(line);
      }
    });
    line.socket.on('error', () => {}).on('close', () => all.delete(line));
    return line;
  }

  for (let opened = 0; opened < connections; opened++) {
    const line = open();
    await once(line.socket, 'connect');
    idle.push(line);
  }
  // Node takes in one connection in a turn: those that it has not yet would wait for hundreds of them.
  await fetch(url);
  const started = performance.now();
  const total = perSecond * seconds;
  for (let come = 0; come < total; await sleep(2)) {
    const due = Math.min(((performance.now() - started) / 1000) * perSecond, total);
    for (; come < due; come++) {
      const line = idle.shift();
      if (line) send(line);
      else waiting += 1;
    }
  }
  waiting = 0;
  for (const end = Date.now() + patience; Date.now() < end && heard.length < sent; )
    await sleep(20);
  for (const { socket } of all) socket.destroy();
  return { heard, unheard: sent - heard.length };
}

function wholeAnswer(text: string): Omit<Heard, 'milliseconds'> | undefined {
  const head = text.indexOf('\r\n\r\n');
  if (head < 0) return undefined;
  const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
  if (text.length < head + 4 + length) return undefined;
  return { status: Number(text.slice(9, 12)), retryAfter: /\r\nretry-after: \d+\r/i.test(text) };
}

interface PlainUpstream {
  readonly url: string;
  /** Cancels and reads that came. */
  count(): number;
  /** All that was asked since {@link forget}. */
  paths(): readonly string[];
  forget(): void;
  close(): void;
}

/**
 * An upstream that costs next to nothing: `{}` is its answer to each request, after so many
 * milliseconds, and a token that of the metadata server, at once.
 */
export async function plainUpstream({ delay = 0 } = {}): Promise<PlainUpstream> {
  let count = 0;
  let paths: string[] = [];
  const server = createServer((socket) => {
    let text = '';
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      // None of the requests that the hook makes has a body.
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        const path = /^\S+ (\S+)/.exec(text)?.[1] ?? '';
        text = text.slice(end + 4);
        paths.push(path);
        if (path.startsWith('/v1/')) count++;
        if (path.startsWith('/v1/') && delay > 0) setTimeout(() => answer(socket, '{}'), delay);
        else
          answer(socket, path.includes('/token') ? TOKEN : path.includes('/certs') ? KEYS : '{}');
      }
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', BACKLOG, done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    count: () => count,
    paths: () => paths,
    forget: () => {
      paths = [];
    },
    close: () => void server.close(),
  };
}

/** All may connect at one time; where they may not, the kernel has them wait for seconds. */
const BACKLOG = 4_096;

const TOKEN = '{"access_token":"a-token","expires_in":3599,"token_type":"Bearer"}';
const KEYS = JSON.stringify({
  a: generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }),
});

function answer(socket: Socket, body: string): void {
  const headers = `Metadata-Flavor: Google\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`;
  socket.write(`HTTP/1.1 200 OK\r\n${headers}\r\n\r\n${body}`);
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? Number.NaN;
}
