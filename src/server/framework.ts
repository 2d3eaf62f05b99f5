/**
 * Works around the Functions Framework and around Node's HTTP server, all in this file.
 *
 * The framework calls `http.createServer(app)` after the function has loaded. That call returns a server
 * that passes each request to this function instead of to the framework's Express app, because the app
 * - answers malformed JSON itself, with an HTML page:
 *   https://github.com/GoogleCloudPlatform/functions-framework-nodejs/issues/686
 * - keeps some paths to itself, and accepts bodies of up to 1 GB;
 * - runs five body parsers and a `domain`, which cost two fifths of the CPU of a cancel.
 *
 * The framework also exits on SIGTERM without answering the requests in flight
 * (https://github.com/GoogleCloudPlatform/functions-framework-nodejs/issues/704), and blames the newest
 * request for an error that nobody caught
 * (https://github.com/GoogleCloudPlatform/functions-framework-nodejs/issues/215). Its listeners are
 * removed; shutdown.ts takes their place.
 */

import http, { type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { HttpResponse } from '../caller.ts';

export interface ServerHooks {
  /** Answers a request. Never rejects. */
  readonly handleRequest: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  /**
   * Handles a request that Node cannot parse.
   *
   * @returns the response to write; undefined if a request in progress answers for the connection
   */
  readonly onClientError: (socket: Socket) => HttpResponse | undefined;
  /** Receives the server before it listens. */
  readonly onServer: (server: Server) => void;
}

export type Socket = IncomingMessage['socket'];

const HEADERS_TIMEOUT_MS = 10_000;
/** Ends a request whose body was refused and still arrives. */
const REQUEST_TIMEOUT_MS = 30_000;
/** Longer than Google's front end keeps its connections, so that it closes them first. */
const KEEP_ALIVE_MS = 620_000;

const SERVER_OPTIONS = {
  /** Node's defaults, set here so that NODE_OPTIONS cannot weaken them. */
  insecureHTTPParser: false,
  maxHeaderSize: 16_384,
  /** The router answers a missing `Host` in the function's own form; Node would send an empty body. */
  requireHostHeader: false,
  /** How often Node checks the two timeouts; its default is 30 s. */
  connectionsCheckingInterval: 1_000,
};

/** The process events that the framework listens to. */
const FRAMEWORK_EVENTS = ['SIGTERM', 'SIGINT', 'uncaughtException', 'unhandledRejection', 'exit'];

/** Replaces `http.createServer` for this process. Call it once, at load. */
export function overrideCreateServer({
  handleRequest,
  onClientError,
  onServer,
}: ServerHooks): void {
  const { createServer } = http;
  http.createServer = (() => {
    const server = createServer(SERVER_OPTIONS, handleRequest);
    server.headersTimeout = HEADERS_TIMEOUT_MS;
    server.requestTimeout = REQUEST_TIMEOUT_MS;
    server.keepAliveTimeout = KEEP_ALIVE_MS;
    const refuse = (socket: Socket) => {
      const response = socket.writable ? onClientError(socket) : undefined;
      if (response) socket.end(serialize(response), () => socket.destroy());
    };
    // A connection that fails before its first byte is no request.
    server.on('clientError', (_, socket: Socket) =>
      socket.bytesRead > 0 ? refuse(socket) : socket.destroy(),
    );
    server.on('connect', (_, socket: Socket) => refuse(socket));
    // A server may ignore an expectation (RFC 9110, section 10.1.1). Node would answer 417.
    server.on('checkExpectation', handleRequest);
    onServer(server);
    removeFrameworkListeners(server);
    return server;
  }) as typeof http.createServer;
}

/** Removes the listeners that the framework adds to the process once the server listens. */
function removeFrameworkListeners(server: Server): void {
  const before = new Map(FRAMEWORK_EVENTS.map((event) => [event, process.rawListeners(event)]));
  const remove = () => {
    for (const event of FRAMEWORK_EVENTS) {
      for (const listener of process.rawListeners(event)) {
        if (!before.get(event)?.includes(listener)) process.off(event, listener as () => void);
      }
    }
  };
  server.once('listening', () => process.nextTick(remove));
}

/** Formats a response for a socket that has no `ServerResponse`. */
function serialize({ status, headers, body }: HttpResponse): string {
  const all = { ...headers, 'Content-Length': Buffer.byteLength(body), Connection: 'close' };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${http.STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`;
}
