/** Handles one HTTP request: from the socket to the command handler and back, with one log line. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Caller, HttpResponse, RequestHead } from '../caller.ts';
import type { Clock } from '../clock.ts';
import { StatusError, unauthenticated } from '../errors.ts';
import type { CommandHandler } from '../handler.ts';
import type { WriteLine } from '../log.ts';
import { addErrorFields } from '../log-fields.ts';
import { errorResponse, jsonResponse } from '../requests/json.ts';
import type { Socket } from './framework.ts';
import { createBodyLimit, readBody } from './read-body.ts';
import { createRequestContext, formatRequestLog, type RequestContext } from './request-context.ts';
import { checkMediaType, hasSingleHost, matchRoute, readHeaders } from './router.ts';

export interface RequestHandlerOptions {
  readonly callers: ReadonlyMap<string, Caller>;
  /** The largest body, in bytes. */
  readonly bodyBytes: number;
  /** The most requests at one time; further ones get 429. */
  readonly concurrentRequests: number;
  readonly handler: CommandHandler;
  readonly clock: Clock;
  readonly write: WriteLine;
  readonly version: string;
  /** The project that keeps the traces. */
  readonly project: string | undefined;
}

export interface RequestHandler {
  /** Answers a request and writes its log line. Never rejects. */
  handleRequest(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /**
   * Handles what a connection sends that is not HTTP.
   *
   * @returns the response to write; undefined if a request of the connection answers
   */
  onClientError(socket: Socket): HttpResponse | undefined;
  /** From now on, waits end and each response closes its connection. */
  drain(): void;
  /** Refuses the requests whose bodies still arrive. */
  abort(): void;
  /** Resolves when all requests, and the tasks that their responses left behind, have ended. */
  pendingSettled(): Promise<unknown>;
}

export function createRequestHandler(options: RequestHandlerOptions): RequestHandler {
  const { callers, bodyBytes, concurrentRequests, handler, clock, write, version } = options;
  /** The newest request of each connection. */
  const newest = new WeakMap<Socket, RequestContext>();
  const running = new Set<RequestContext>();
  const pendingTasks = new Set<Promise<unknown>>();
  const healthResponse = jsonResponse(200, JSON.stringify({ service: 'cancel-hook', version }));
  let draining = false;

  async function handleRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const previous = newest.get(request.socket);
    if (previous?.refused) return;
    const ctx = createRequestContext(request, clock.now(), options.project);
    if (previous && !previous.closed) return refusePipelined(response, ctx, previous);
    newest.set(request.socket, ctx);
    onClose(response, ctx);
    await track(receive(request, response, ctx));
  }

  async function receive(
    request: IncomingMessage,
    response: ServerResponse,
    ctx: RequestContext,
  ): Promise<void> {
    const { method = '', headers } = request;
    const { entry, path, query, receivedAt } = ctx;
    try {
      if (!hasSingleHost(request)) throw malformedRequest();
      const match = matchRoute(method, path, callers);
      if (!match) return respond(response, healthResponse, ctx);
      const { route, caller } = match;
      entry.caller = route;
      ctx.caller = caller;
      if (running.size >= concurrentRequests) throw overloaded();
      running.add(ctx);

      const head: RequestHead = { method, query, headers: readHeaders(request), receivedAt };
      const authentication = await handler.authenticate(caller, head, entry);
      if ('status' in authentication) return respond(response, authentication, ctx);
      if (Array.isArray(head.headers.authorization)) throw unauthenticated('malformed');
      ctx.authenticated = authentication.authenticated;

      checkMediaType(headers, caller);
      const { signal } = ctx.abortController;
      // Nothing holds the body while people are notified.
      const handled = await readBody(request, ctx, createBodyLimit(bodyBytes, authentication)).then(
        (body) => handler.handle(caller, authentication, { ...head, body, signal }, entry),
      );
      ctx.authenticated ||= entry.error !== 'UNAUTHENTICATED'; // by a signed body
      respond(response, handled.response, ctx);
      if (handled.response.waitUntil) track(handled.response.waitUntil);
      await handled.pendingTasks;
    } catch (thrown) {
      const error = addErrorFields(entry, StatusError.from(thrown));
      respond(response, renderError(error, ctx), ctx);
      if (ctx.caller && ctx.authenticated) await handler.reportRefusal(ctx.caller, error, entry);
    } finally {
      if (ctx.closed) running.delete(ctx);
      write(formatRequestLog(ctx));
    }
  }

  /** A sender that takes each error for "send again" gets even these in its own form. */
  function renderError(error: StatusError, { caller, authenticated }: RequestContext) {
    return caller?.acknowledgesErrors && authenticated
      ? caller.renderError(error)
      : errorResponse(error);
  }

  /**
   * Refuses a request that was sent ahead of the answer before it (RFC 9112, section 9.3.2), and reads
   * nothing more from its connection. Google's front end does not send ahead.
   */
  function refusePipelined(
    response: ServerResponse,
    ctx: RequestContext,
    previous: RequestContext,
  ): void {
    previous.refused = true;
    response.req.socket.pause();
    ctx.keepAlive = false;
    respond(response, errorResponse(addErrorFields(ctx.entry, overloaded())), ctx);
    write(formatRequestLog(ctx));
  }

  /** Sends the first response; a later one, and one that nobody can receive, is dropped. */
  function respond(response: ServerResponse, sent: HttpResponse, ctx: RequestContext): void {
    const { entry, receivedAt } = ctx;
    if (response.headersSent) return;
    if (draining || !ctx.keepAlive) response.shouldKeepAlive = false;
    response.writeHead(sent.status, {
      ...sent.headers,
      'Content-Length': Buffer.byteLength(sent.body),
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
    });
    response.end(sent.body);
    const latency = `${((clock.now() - receivedAt) / 1000).toFixed(3)}s`;
    entry.httpRequest = { ...entry.httpRequest, status: sent.status, latency };
  }

  /**
   * Releases what the request holds when its response or its connection closes. A response that Node
   * has queued on a connection that dies never emits `close`, so the socket is watched as well.
   */
  function onClose(response: ServerResponse, ctx: RequestContext): void {
    const { socket } = response.req;
    const close = () => {
      response.off('close', close);
      socket.off('close', close);
      ctx.closed = true;
      running.delete(ctx);
      if (!response.writableFinished) ctx.abortController.abort();
    };
    response.on('close', close);
    socket.on('close', close);
    if (draining) ctx.abortController.abort();
  }

  function onClientError(socket: Socket): HttpResponse | undefined {
    const ctx = newest.get(socket);
    const error = malformedRequest();
    if (ctx && !ctx.closed) {
      ctx.keepAlive = false;
      if (!ctx.request.complete) {
        ctx.clientError = error;
        ctx.failBody?.(error);
      }
      return undefined;
    }
    // The rest of a body whose request has its response already.
    if (ctx && !ctx.request.complete) {
      socket.destroy();
      return undefined;
    }
    const entry = { httpRequest: { status: error.code } };
    addErrorFields(entry, error);
    write(formatRequestLog({ entry, authenticated: false }));
    return errorResponse(error);
  }

  function track(task: Promise<unknown>): Promise<unknown> {
    pendingTasks.add(task);
    return task.finally(() => pendingTasks.delete(task));
  }

  function drain(): void {
    draining = true;
    for (const { abortController } of running) abortController.abort();
  }

  function abort(): void {
    for (const { failBody } of running) failBody?.(overloaded());
  }

  async function pendingSettled(): Promise<void> {
    while (pendingTasks.size > 0) await Promise.allSettled(pendingTasks);
  }

  return { handleRequest, onClientError, drain, abort, pendingSettled };
}

function overloaded(): StatusError {
  return StatusError.create('OVERLOADED', 'Too many requests at one time.', {
    headers: { 'Retry-After': '1' },
  });
}

function malformedRequest(): StatusError {
  return StatusError.create('MALFORMED_BODY', 'The request is not readable as HTTP.', {
    retryable: true,
  });
}
