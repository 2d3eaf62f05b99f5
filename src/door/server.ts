/**
 * The HTTP server that the framework makes, under its stock command: seen before the framework sees
 * a request, and drained when the instance is told to stop.
 *
 * The framework offers no hook for either. It answers malformed JSON by itself, with an HTML page,
 * and on SIGTERM it cuts off what is in flight
 * (https://github.com/GoogleCloudPlatform/functions-framework-nodejs/issues/704).
 */

import http, {
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Duplex } from 'node:stream';
import { StatusError } from '../status.ts';

export interface ServerHooks {
  /** Before the framework: resolves to true where it shall go on, to false where all is answered. */
  readonly receive: (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;
  /** The instance is told to stop: whatever waits shall answer with what is known. */
  readonly onStop: () => void;
  /** Resolves when no work goes on any more that an answer has left behind. */
  readonly idle: () => Promise<unknown>;
  /** Time is nearly over: whatever is still under way shall fail now. */
  readonly onLastCall: () => void;
}

const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
/** Node's own, named so that no flag in NODE_OPTIONS widens them: what is ambiguous is refused. */
const PARSER = { insecureHTTPParser: false, maxHeaderSize: 16_384 };
/** Longer than the front ends before us keep theirs: they must be the ones to close. */
const KEEP_ALIVE_MS = 620_000;
/** Cloud Run gives 10 s from SIGTERM to SIGKILL: https://cloud.google.com/run/docs/container-contract#instance-shutdown */
const LAST_CALL_MS = 8_000;
const EXIT_MS = 8_800;

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** Every server made from now on in this process is the hook's; call it once, at load. */
export function guardServers(hooks: ServerHooks): void {
  const create = http.createServer;
  http.createServer = ((app: RequestListener) => {
    const server = create(PARSER, (request, response) => {
      hooks.receive(request, response).then(
        (proceed) => {
          if (proceed) app(request as never, response as never);
        },
        () => response.destroy(),
      );
    });
    server.headersTimeout = HEADERS_TIMEOUT_MS;
    server.requestTimeout = REQUEST_TIMEOUT_MS;
    server.keepAliveTimeout = KEEP_ALIVE_MS;
    server.on('clientError', refuseUnreadable);
    drainOnSignal(server, hooks);
    return server;
  }) as typeof http.createServer;
}

function drainOnSignal(server: Server, { onStop, idle, onLastCall }: ServerHooks): void {
  const before = new Map(SIGNALS.map((signal) => [signal, process.listeners(signal)]));
  let stopping = false;
  const stop = () => {
    // A second signal, as npm and Ctrl-C send one, must not cut off what the first one lets finish.
    if (stopping) return;
    stopping = true;
    onStop();
    server.close(() => void idle().then(() => process.exit(0)));
    server.closeIdleConnections();
    setInterval(() => server.closeIdleConnections(), 100).unref();
    setTimeout(onLastCall, LAST_CALL_MS).unref();
    setTimeout(() => process.exit(0), EXIT_MS).unref();
  };
  const replaceFrameworks = () => {
    for (const signal of SIGNALS) {
      for (const listener of process.listeners(signal)) {
        if (!before.get(signal)?.includes(listener)) process.off(signal, listener);
      }
      process.on(signal, stop);
    }
  };
  // The framework puts its own handlers in place when the server listens.
  server.once('listening', () => setImmediate(replaceFrameworks));
}

/**
 * What is no HTTP, or took too long to be it, is refused in the one form as well; but never in the
 * place of an answer that is still to come on that connection.
 */
function refuseUnreadable(_: Error, socket: Duplex & { _httpMessage?: ServerResponse }): void {
  if (!socket.writable || socket._httpMessage?.req.complete) {
    socket.destroy();
    return;
  }
  const { code, body } = StatusError.of('MALFORMED_BODY', 'The request is not readable as HTTP.');
  const head = [
    `HTTP/1.1 ${code} Bad Request`,
    'Connection: close',
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}
