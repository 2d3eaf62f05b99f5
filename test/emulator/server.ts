import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LengthRequired } from './api.ts';
import { type Answer, type Exchange, json, type Surface } from './exchange.ts';
import { Faults } from './faults.ts';
import { perform, send } from './perform.ts';
import type { RecordedRequest } from './requests.ts';
import { Sockets } from './sockets.ts';
import { errorBody, HTTP_STATUS, StatusError } from './status.ts';

/**
 * The HTTP side, one or more ports: records each request, lets the scripts interfere, asks the
 * port's surfaces in turn.
 */
export class EmulatorServer {
  readonly requests: RecordedRequest[] = [];
  readonly faults = new Faults();
  readonly sockets = new Sockets();
  readonly #now: () => number;
  readonly #servers: Server[] = [];
  readonly #closing = new AbortController();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Listens on loopback only; returns the port. `service` marks the requests that come this way. */
  async listen(port: number, surfaces: Surface[], service?: string): Promise<number> {
    // No timeout on idle connections, and so no `Keep-Alive: timeout=…` hint that would let a
    // client close in time: Google's front end gives none either.
    const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
      this.#handle(request, response, surfaces, service).catch(() => response.destroy());
    });
    this.sockets.watch(server);
    await new Promise<void>((done, fail) => {
      server.once('error', fail);
      server.listen(port, '127.0.0.1', done);
    });
    this.#servers.push(server);
    return (server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    const closed = this.#servers.map((server) => new Promise((done) => server.close(done)));
    for (const server of this.#servers) server.closeAllConnections();
    await Promise.all(closed);
  }

  async #handle(
    request: IncomingMessage,
    response: ServerResponse,
    surfaces: Surface[],
    service: string | undefined,
  ): Promise<void> {
    const { number, reset, leave } = this.sockets.enter(request);
    response.once('close', leave);
    const exchange = await read(request);
    const recorded: RecordedRequest = {
      method: exchange.method,
      url: exchange.url,
      path: exchange.path,
      headers: exchange.headers,
      body: exchange.body,
      time: this.#now(),
      connection: number,
      ...(service ? { service } : {}),
    };
    this.requests.push(recorded);
    response.once('finish', () => {
      recorded.status = response.statusCode;
    });
    if (reset) {
      request.socket.resetAndDestroy();
      return;
    }
    const usual = () => answerOf(surfaces, exchange);
    const behaviour = this.faults.next(recorded);
    if (behaviour) await perform(behaviour, recorded, usual, response, this.#closing.signal);
    else {
      const answer = usual();
      if (answer !== 'hang') send(response, answer);
    }
  }
}

function answerOf(surfaces: Surface[], exchange: Exchange): Answer | 'hang' {
  try {
    for (const surface of surfaces) {
      const answer = surface(exchange);
      if (answer) return answer;
    }
    throw new StatusError('NOT_FOUND', `No such method: ${exchange.method} ${exchange.path}`);
  } catch (error) {
    return toAnswer(error);
  }
}

function toAnswer(error: unknown): Answer {
  if (error instanceof StatusError) {
    return json(error.body, HTTP_STATUS[error.status], error.headers);
  }
  if (error instanceof LengthRequired) {
    return json(errorBody(411, 'INVALID_ARGUMENT', 'POST requests require a Content-Length.'), 411);
  }
  return json(errorBody(500, 'INTERNAL', `A fault of the emulator: ${error}`), 500);
}

async function read(request: IncomingMessage): Promise<Exchange> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const { method = '', url = '', headers } = request;
  const [path = '', ...query] = url.split('?');
  return {
    method,
    url,
    path,
    query: new URLSearchParams(query.join('?')),
    headers,
    body: Buffer.concat(chunks).toString(),
  };
}
