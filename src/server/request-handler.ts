/** Between the server's requests and the hook: routes, limits, one answer and one log line each. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type {
  Caller,
  HeadAuthentication,
  HttpResponse,
  RequestHead,
  WebhookRequest,
} from '../caller.ts';
import type { Clock } from '../clock.ts';
import { StatusError, unauthenticated } from '../errors.ts';
import type { CommandHandler, HandledRequest } from '../handler.ts';
import type { WriteLine } from '../log.ts';
import { addErrorFields } from '../log-fields.ts';
import { errorResponse, jsonResponse } from '../requests/json.ts';
import { createTurns } from './load-shedding.ts';
import { createPipelining } from './pipelining.ts';
import { bodyTooLarge, checkLength, overloaded, receiveBody } from './read-body.ts';
import { beginVisit, type Visit } from './request-context.ts';
import { createAnswers } from './respond.ts';
import { checkMediaType, findTarget, namesItsHost, splitTarget } from './router.ts';

export interface FrontDoorOptions {
  readonly callers: ReadonlyMap<string, Caller>;
  readonly bodyBytes: number;
  readonly hook: CommandHandler;
  readonly clock: Clock;
  readonly write: WriteLine;
  readonly version: string;
  /** Where traces are kept. */
  readonly project: string | undefined;
}

export interface FrontDoor {
  /** Answers a request, whether its body is still to be read or the framework has read it. */
  serve(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Resolves when no work goes on any more that an answer has left behind. */
  idle(): Promise<unknown>;
  /** From now on connections are closed after their answer, and waiting ends. */
  stop(): void;
  /** Refuses what is still open: it would not be answered any more. */
  giveUp(): void;
  /**
   * Notes a request that is not readable as HTTP.
   *
   * @param begun what would have answered it, where its head was readable
   * @returns its answer
   */
  refuseUnreadable(begun: ServerResponse | undefined): HttpResponse;
}

/** As many as Cloud Run ever sends to one instance: https://cloud.google.com/run/docs/about-concurrency */
const MOST_REQUESTS = 1_000;

/** A request passes through about four of them, and bots give up after 3 s. */
const MOST_TURN_MS = 100;

export function createFrontDoor(options: FrontDoorOptions): FrontDoor {
  const { callers, bodyBytes, hook, clock, version, project } = options;
  const waiting = new Set<AbortController>();
  const unfinished = new Set<Promise<unknown>>();
  const open = new Map<ServerResponse, Visit>();
  const whole = { limit: bodyBytes, tooLarge: () => bodyTooLarge(bodyBytes) };
  let inFlight = 0;
  const turns = createTurns(clock.now, MOST_TURN_MS);
  const pipelining = createPipelining();
  let stopping = false;
  const { respond, report, refuse, fail } = createAnswers(
    options,
    (response) => stopping && pipelining.endsWith(response),
  );
  const greeting = jsonResponse(200, JSON.stringify({ service: 'cancel-hook', version }));

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const place = pipelining.enter(response);
    if (place === undefined) return;
    const startedAt = clock.now();
    const [path, query] = splitTarget(request.url ?? '');
    const { method = '', headers } = request;
    const visit = beginVisit(response, path, startedAt, project);
    const { entry } = visit;
    open.set(response, visit);
    response.once('close', () => {
      open.delete(response);
      // Its sender has gone: the work goes on, and has its line.
      if (visit.served && !visit.reported) outlast(visit.served);
    });
    try {
      if (!place) {
        response.shouldKeepAlive = false;
        throw overloaded();
      }
      if (!namesItsHost(request)) throw unreadable();
      const found = findTarget(method, path, callers);
      if (!found) return refuse(response, greeting, visit);
      const { route, caller } = found;
      entry.caller = route;
      visit.caller = caller;
      const isLate = turns.isLate(startedAt);
      checkMediaType(headers, caller);
      checkLength(request, whole);
      const head: RequestHead = { method, query, headers, receivedAt: startedAt };
      const admission = await hook.authenticate(caller, head, entry);
      if ('status' in admission) return refuse(response, admission, visit);
      if (isLate) throw overloaded();
      const body = await takeIn(request, response, admission);
      const incoming: WebhookRequest = { ...head, body, signal: signalOf(response) };
      visit.served = hook
        .handle(caller, admission, incoming, entry)
        .then((spoken) => conclude(response, spoken, visit))
        .catch((thrown) => fail(response, thrown, visit));
      await visit.served;
    } catch (thrown) {
      fail(response, thrown, visit);
    }
  }

  /** A stranger's body is no request in flight until it is here: it must not keep others out. */
  async function takeIn(
    request: IncomingMessage,
    response: ServerResponse,
    { authenticated, maxBodyBytes = bodyBytes }: HeadAuthentication,
  ): Promise<Buffer> {
    const limits =
      maxBodyBytes < bodyBytes ? { limit: maxBodyBytes, tooLarge: () => unauthenticated() } : whole;
    checkLength(request, limits);
    if (authenticated) enter(response);
    const body = await receiveBody(request, response, { ...limits, proven: authenticated });
    if (!authenticated) enter(response);
    return body;
  }

  /** @throws StatusError OVERLOADED */
  function enter(response: ServerResponse): void {
    if (inFlight >= MOST_REQUESTS) throw overloaded();
    inFlight += 1;
    response.once('close', () => {
      inFlight -= 1;
    });
  }

  function conclude(response: ServerResponse, handled: HandledRequest, visit: Visit): void {
    respond(response, handled.response, visit);
    if (handled.response.waitUntil) outlast(handled.response.waitUntil);
    if (handled.pendingTasks) outlast(handled.pendingTasks.then(() => report(visit)));
    else report(visit);
  }

  function outlast(work: Promise<unknown>): void {
    const ended = work.finally(() => unfinished.delete(ended));
    unfinished.add(ended);
  }

  function signalOf(response: ServerResponse): AbortSignal {
    const controller = new AbortController();
    waiting.add(controller);
    response.once('close', () => {
      waiting.delete(controller);
      if (!response.writableFinished) controller.abort();
    });
    if (stopping) controller.abort();
    return controller.signal;
  }

  function stop(): void {
    stopping = true;
    for (const controller of waiting) controller.abort();
  }

  function giveUp(): void {
    for (const [response, visit] of open) {
      if (response.headersSent) continue;
      const error = response.req.complete
        ? StatusError.create('INTERNAL', 'Internal error.', { cause: new Error('unanswered') })
        : overloaded();
      respond(response, errorResponse(addErrorFields(visit.entry, error)), visit);
      report(visit);
    }
  }

  function refuseUnreadable(begun: ServerResponse | undefined): HttpResponse {
    const error = unreadable();
    const known = begun && open.get(begun);
    const visit: Visit = known ?? { entry: {}, startedAt: clock.now() };
    const { entry } = visit;
    entry.httpRequest = { ...(entry.httpRequest as object), status: error.code };
    addErrorFields(entry, error);
    report(visit);
    return errorResponse(error);
  }

  const idle = () => Promise.allSettled(unfinished);
  return { serve, stop, idle, giveUp, refuseUnreadable };
}

function unreadable(): StatusError {
  return StatusError.create('MALFORMED_BODY', 'The request is not readable as HTTP.');
}
