/**
 * What is no HTTP, or took too long to be it, and what Node would answer by itself: it is refused in
 * the hook's own form, after the answers that are still to come on its connection (RFC 9112, 9.3.2).
 */

import http, { type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { HttpResponse } from '../caller.ts';

type Connection = IncomingMessage['socket'] & { readonly _httpMessage?: ServerResponse | null };

/** @param refusal of a request that is not readable; `begun`: its head was */
export function refuseInOneForm(
  server: Server,
  refusal: (begun: ServerResponse | undefined) => HttpResponse,
): void {
  const newest = new WeakMap<Connection, ServerResponse>();
  server.on('request', ({ socket }, response) => newest.set(socket, response));

  function refuse(socket: Connection): void {
    if (!socket.writable) return;
    const { _httpMessage: answering } = socket;
    if (answering?.req.complete) {
      answering.once('close', () => refuse(socket));
      return;
    }
    const last = newest.get(socket);
    const begun = last?.req.complete ? undefined : last;
    // Its head was refused already: one answer is enough.
    if (begun?.headersSent) socket.destroySoon();
    else socket.end(textOf(refusal(begun)), () => socket.destroy());
  }

  server.on('clientError', (_, socket: Connection) => {
    if (socket.writable && socket.bytesRead > 0) refuse(socket);
    else socket.destroy();
  });
  server.on('connect', (_, socket: Connection) => refuse(socket));
  // An expectation may be ignored (RFC 9110, 10.1.1).
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
}

function textOf({ status, headers, body }: HttpResponse): string {
  const all = { ...headers, 'Content-Length': Buffer.byteLength(body), Connection: 'close' };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${http.STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`;
}
