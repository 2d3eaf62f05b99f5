/** How a visit ends: one answer, and the one line that is written about it. */

import type { ServerResponse } from 'node:http';
import type { HttpResponse } from '../caller.ts';
import type { Clock } from '../clock.ts';
import { StatusError } from '../errors.ts';
import type { WriteLine } from '../log.ts';
import { addErrorFields } from '../log-fields.ts';
import { errorResponse } from '../requests/json.ts';
import { endAfterBody } from './drain-body.ts';
import { lineOf, type Visit } from './request-context.ts';

export interface Answers {
  /** The first answer counts. */
  respond(response: ServerResponse, reply: HttpResponse, visit: Visit): void;
  /** Writes the line, when all is known. */
  report(visit: Visit): void;
  refuse(response: ServerResponse, reply: HttpResponse, visit: Visit): void;
  fail(response: ServerResponse, thrown: unknown, visit: Visit): void;
}

/** @param isLast whether a connection is closed after this answer */
export function createAnswers(
  { clock, write }: { readonly clock: Clock; readonly write: WriteLine },
  isLast: (response: ServerResponse) => boolean,
): Answers {
  function respond(
    response: ServerResponse,
    reply: HttpResponse,
    { entry, startedAt }: Visit,
  ): void {
    if (response.headersSent) return;
    if (isLast(response)) response.shouldKeepAlive = false;
    response.writeHead(reply.status, {
      ...reply.headers,
      'Content-Length': Buffer.byteLength(reply.body),
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
    });
    endAfterBody(response, reply.body);
    const latency = `${((clock.now() - startedAt) / 1000).toFixed(3)}s`;
    entry.httpRequest = { ...(entry.httpRequest as object), status: reply.status, latency };
  }

  function report(visit: Visit): void {
    if (visit.reported) return;
    visit.reported = true;
    write(lineOf(visit));
  }

  function refuse(response: ServerResponse, reply: HttpResponse, visit: Visit): void {
    respond(response, reply, visit);
    report(visit);
  }

  function fail(response: ServerResponse, thrown: unknown, visit: Visit): void {
    refuse(response, errorResponse(addErrorFields(visit.entry, StatusError.from(thrown))), visit);
  }

  return { respond, report, refuse, fail };
}
