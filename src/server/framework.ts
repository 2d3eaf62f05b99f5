/**
 * The HTTP server that the framework makes, under its stock command. The framework's own handler is
 * passed by: it answers malformed JSON by itself, with an HTML page; keeps some paths to itself; and
 * spends on five body parsers, and on a `domain` in which each promise is tracked, two fifths of the
 * CPU that a cancel costs with it.
 */

import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { HttpResponse } from '../caller.ts';
import { refuseInOneForm } from './client-errors.ts';
import { type EndingHooks, guardEnding } from './shutdown.ts';

export interface ServerHooks extends EndingHooks {
  /** Answers a request; never rejects. */
  readonly serve: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  /** What a request that is not readable as HTTP is answered with; `begun`: its head was readable. */
  readonly refuseUnreadable: (begun: ServerResponse | undefined) => HttpResponse;
}

const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
/** Longer than the front ends before us keep theirs: they must be the ones to close. */
const KEEP_ALIVE_MS = 620_000;

const PARSER = {
  /** Node's own, named so that no flag in NODE_OPTIONS widens them: what is ambiguous is refused. */
  insecureHTTPParser: false,
  maxHeaderSize: 16_384,
  /** Node would refuse by itself, without a body: the hook does it in its own form. */
  requireHostHeader: false,
  /** How often the two timeouts are looked at; by itself Node does so every half minute. */
  connectionsCheckingInterval: 1_000,
};

/** Every server made from now on in this process is the hook's; call it once, at load. */
export function guardServers(hooks: ServerHooks): void {
  const endWith = guardEnding(hooks);
  const create = http.createServer;
  http.createServer = (() => {
    const server = create(PARSER, (request, response) => {
      hooks.serve(request, response).catch((error) => {
        hooks.onStray('rejection', error);
        response.destroy();
      });
    });
    server.headersTimeout = HEADERS_TIMEOUT_MS;
    server.requestTimeout = REQUEST_TIMEOUT_MS;
    server.keepAliveTimeout = KEEP_ALIVE_MS;
    refuseInOneForm(server, hooks.refuseUnreadable);
    endWith(server);
    return server;
  }) as typeof http.createServer;
}
