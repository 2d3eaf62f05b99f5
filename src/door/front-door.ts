/** Between the framework's requests and the hook: routes, limits, one answer and one log line each. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Caller, Incoming, Reply } from '../caller.ts';
import type { Clock } from '../clock.ts';
import type { Hook, Spoken } from '../hook.ts';
import { type Entry, logLine, traceFields, type Write } from '../log.ts';
import { noteError } from '../notes.ts';
import { errorReply, jsonReply } from '../reading/body.ts';
import { StatusError } from '../status.ts';
import { discardBody, overloaded, receiveBody } from './reception.ts';
import { checkMediaType, findTarget } from './routes.ts';

export interface FrontDoorOptions {
  readonly callers: ReadonlyMap<string, Caller>;
  readonly bodyBytes: number;
  readonly hook: Hook;
  readonly clock: Clock;
  readonly write: Write;
  readonly version: string;
  /** Where traces are kept. */
  readonly project: string | undefined;
}

export interface FrontDoor {
  /** @returns whether the framework shall go on with the request, to {@link serve} */
  receive(request: IncomingMessage, response: ServerResponse): Promise<boolean>;
  /** The function itself: answers a request that was received. */
  serve(request: IncomingMessage): Promise<void>;
  /** Resolves when no work goes on any more that an answer has left behind. */
  idle(): Promise<unknown>;
  /** From now on connections are closed after their answer, and waiting ends. */
  stop(): void;
}

interface Visit {
  readonly entry: Entry;
  readonly startedAt: number;
  /** Known once the route is. */
  caller?: Caller;
}

/** A request that waits for the framework to hand it to the function. */
interface Admission {
  readonly proceed: () => void;
  readonly served: Promise<void>;
}

/** What a route looks like. Anything else may be a slip that holds a secret, and is not logged. */
const LOGGED_PATH = /^\/[a-z0-9-]{0,63}$/;

/** As many as Cloud Run ever sends to one instance: https://cloud.google.com/run/docs/about-concurrency */
const MOST_REQUESTS = 1_000;

export function createFrontDoor(options: FrontDoorOptions): FrontDoor {
  const { callers, bodyBytes, hook, clock, write, version, project } = options;
  const admissions = new WeakMap<IncomingMessage, Admission>();
  const waiting = new Set<AbortController>();
  const unfinished = new Set<Promise<void>>();
  let stopping = false;
  const greeting = jsonReply(200, JSON.stringify({ service: 'cancel-hook', version }));
  let inFlight = 0;

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const startedAt = clock.now();
    // A client may name the host in the target as well: RFC 9112, 3.2.2.
    const target = (request.url ?? '').replace(/^https?:\/\/[^/?#]*/i, '');
    const [path = '', query = ''] = splitOnce(target, '?');
    const entry: Entry = {
      httpRequest: {
        requestMethod: request.method,
        requestUrl: LOGGED_PATH.test(path) ? path : '(other)',
      },
      ...traceFields(String(request.headers.traceparent ?? ''), project),
    };
    const visit: Visit = { entry, startedAt };
    inFlight += 1;
    response.once('close', () => {
      inFlight -= 1;
    });
    try {
      const found = findTarget(request.method ?? '', path, callers);
      if (!found) {
        respond(response, greeting, visit);
        report(visit);
        return false;
      }
      entry.caller = found.route;
      visit.caller = found.caller;
      if (inFlight > MOST_REQUESTS) throw overloaded();
      checkMediaType(request.headers, found.caller);
      const body = await receiveBody(request, response, bodyBytes);
      const { method = '', headers } = request;
      const signal = signalOf(response);
      const incoming: Incoming = { method, query, headers, body, receivedAt: startedAt, signal };
      admit(request, response, found.caller, incoming, visit);
      // The path is settled here: the framework keeps some to itself, and refuses others as HTML.
      request.url = '/';
      return true;
    } catch (thrown) {
      const error = noteError(entry, StatusError.from(thrown));
      const reusable = await discardBody(request);
      if (!reusable) response.shouldKeepAlive = false;
      respond(response, errorReply(error), visit);
      report(visit);
      return false;
    }
  }

  /**
   * The work is tied to the present asynchronous context, not to that in which the framework calls
   * the function: there every promise is tracked for a `domain`, which costs a third of the time.
   */
  function admit(
    request: IncomingMessage,
    response: ServerResponse,
    caller: Caller,
    incoming: Incoming,
    visit: Visit,
  ): void {
    let proceed = () => {};
    const handedOver = new Promise<void>((resolve) => {
      proceed = resolve;
    });
    const served = handedOver
      .then(() => hook(caller, incoming, visit.entry))
      .catch(
        (thrown): Spoken => ({
          reply: errorReply(noteError(visit.entry, StatusError.from(thrown))),
        }),
      )
      .then(({ reply, rest }) => {
        respond(response, reply, visit);
        if (!rest) return report(visit);
        const told = rest.then(() => {
          unfinished.delete(told);
          report(visit);
        });
        unfinished.add(told);
      });
    admissions.set(request, { proceed, served });
  }

  function serve(request: IncomingMessage): Promise<void> {
    const admission = admissions.get(request);
    if (!admission) throw new Error('a request came that no server of the hook received');
    admission.proceed();
    return admission.served;
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

  function respond(response: ServerResponse, reply: Reply, { entry, startedAt }: Visit): void {
    if (stopping) response.shouldKeepAlive = false;
    response.writeHead(reply.status, {
      ...reply.headers,
      'Content-Length': Buffer.byteLength(reply.body),
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
    });
    response.end(reply.body);
    const latency = `${((clock.now() - startedAt) / 1000).toFixed(3)}s`;
    entry.httpRequest = { ...(entry.httpRequest as object), status: reply.status, latency };
  }

  /** The one line, when all is known. */
  function report({ entry, caller: kind }: Visit): void {
    const { caller, error, outcome } = entry;
    const refused = error !== undefined && error !== 'UNAUTHENTICATED';
    if (kind?.refusalsAreFinal && refused) entry.severity = 'ERROR';
    const summary = entry.message || [error ?? outcome, entry.operation].filter(Boolean).join(' ');
    entry.message = [caller, summary].filter(Boolean).join(' ') || 'GET /';
    write(logLine(entry));
  }

  return { receive, serve, stop, idle: () => Promise.all(unfinished) };
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
