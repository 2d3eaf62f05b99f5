import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';

interface Connection {
  number: number;
  requests: number;
  busy: number;
}

/** The connections, and what goes wrong with kept-alive ones. */
export class Sockets {
  readonly #open = new Map<Socket, Connection>();
  #count = 0;
  /** So many further requests that reuse a connection find it reset, unanswered and not carried out. */
  resetOnReuse = 0;

  watch(server: Server): void {
    server.on('connection', (socket: Socket) => {
      this.#open.set(socket, { number: ++this.#count, requests: 0, busy: 0 });
      socket.on('error', () => {});
      socket.once('close', () => this.#open.delete(socket));
    });
  }

  /** How many connections are open. */
  get open(): number {
    return this.#open.size;
  }

  /** How many were ever opened. */
  get opened(): number {
    return this.#count;
  }

  /** Destroys the connections that have no request under way; returns how many. */
  dropIdle(): number {
    const idle = [...this.#open].filter(([, { busy }]) => busy === 0);
    for (const [socket] of idle) socket.resetAndDestroy();
    return idle.length;
  }

  /** Destroys all connections, requests under way or not; returns how many. */
  dropAll(): number {
    const { size } = this.#open;
    for (const socket of this.#open.keys()) socket.resetAndDestroy();
    return size;
  }

  /** Counts a request in; `reset`: it came over a reused connection that is to be reset. */
  enter({ socket }: IncomingMessage): {
    number: number;
    reset: boolean;
    leave: () => void;
  } {
    const connection = this.#open.get(socket) ?? {
      number: 0,
      requests: 0,
      busy: 0,
    };
    connection.requests++;
    connection.busy++;
    const reset = connection.requests > 1 && this.resetOnReuse > 0;
    if (reset) this.resetOnReuse--;
    return { number: connection.number, reset, leave: () => connection.busy-- };
  }
}
