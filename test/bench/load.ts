/** A client as lean as HTTP/1.1 allows: ready bytes out, one answer per connection at a time. */

import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { lengthOf } from './upstream.ts';

export interface Load {
  readonly port: number;
  /** Sent in turn. */
  readonly requests: readonly Buffer[];
  readonly connections: number;
  /** Ends with whichever comes first. */
  readonly most: { readonly requests?: number; readonly milliseconds: number };
}

export interface Served {
  readonly requests: number;
  /** From the first request to the last answer. */
  readonly milliseconds: number;
  /** Of each request, in milliseconds, sorted. */
  readonly latencies: Float64Array;
  /** How much of its own core the bench has used, upstream included: 1 is all of it. */
  readonly busy: number;
}

const TIMEOUT_MS = 15_000;

/** @throws Error where an answer is not a 200, or where one does not come */
export async function load({ port, requests, connections, most }: Load): Promise<Served> {
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(port)));
  const latencies: number[] = [];
  let sent = 0;
  const started = performance.now();
  const usage = process.cpuUsage();
  const until = started + most.milliseconds;
  const limit = most.requests ?? Number.POSITIVE_INFINITY;
  try {
    await within(TIMEOUT_MS + most.milliseconds, [
      ...sockets.map((socket) =>
        talk(
          socket,
          () => {
            if (sent >= limit || performance.now() > until) return undefined;
            return requests[sent++ % requests.length];
          },
          latencies,
        ),
      ),
    ]);
  } finally {
    for (const socket of sockets) socket.destroy();
  }
  const milliseconds = performance.now() - started;
  const { user, system } = process.cpuUsage(usage);
  return {
    requests: latencies.length,
    milliseconds,
    latencies: Float64Array.from(latencies).sort(),
    busy: (user + system) / 1000 / milliseconds,
  };
}

/**
 * Sends what `next` gives, one after the other, until it gives nothing.
 *
 * @returns the last answer, head and body
 */
function talk(
  socket: Socket,
  next: () => Buffer | undefined,
  latencies: number[],
): Promise<string> {
  return new Promise((resolve, reject) => {
    let pending = '';
    let last = '';
    let sentAt = 0;
    const send = () => {
      const bytes = next();
      if (!bytes) return resolve(last);
      sentAt = performance.now();
      socket.write(bytes);
    };
    socket.on('data', (chunk) => {
      pending += chunk.toString('latin1');
      if (lengthOf(pending) > pending.length) return;
      latencies.push(performance.now() - sentAt);
      if (!pending.startsWith(OK)) return reject(new Error(`answered ${pending.slice(0, 400)}`));
      last = pending;
      pending = '';
      send();
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('closed the connection')));
    send();
  });
}

const OK = 'HTTP/1.1 200';

/** One request over a connection of its own. @returns the answer, head and body */
export async function exchange(port: number, request: Buffer): Promise<string> {
  const socket = await open(port);
  const requests = [request];
  try {
    const [answer = ''] = await within(TIMEOUT_MS, [talk(socket, () => requests.pop(), [])]);
    return answer;
  } finally {
    socket.destroy();
  }
}

/** From now until the first answer, trying to connect every millisecond. */
export async function firstAnswer(port: number, request: Buffer, alive: () => boolean) {
  const deadline = performance.now() + TIMEOUT_MS;
  for (;;) {
    try {
      return await exchange(port, request);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ECONNREFUSED') throw error;
    }
    if (!alive()) throw new Error('it has ended');
    if (performance.now() > deadline) throw new Error('it does not listen');
    await sleep(1);
  }
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

async function within<T>(milliseconds: number, work: readonly Promise<T>[]): Promise<T[]> {
  const controller = new AbortController();
  const late = sleep(milliseconds, undefined, { signal: controller.signal }).then((): never => {
    throw new Error('an answer did not come in time');
  });
  late.catch(() => {});
  try {
    return await Promise.race([Promise.all(work), late]);
  } finally {
    controller.abort();
  }
}
