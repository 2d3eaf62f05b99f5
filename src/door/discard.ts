/** What becomes of a body that nobody wants: its sender is to see the answer all the same. */

import type { ServerResponse } from 'node:http';

/** A refused body is read to its end, but no further than this … */
const MOST_BYTES = 33_554_432;
/** … and for no longer. */
const MOST_MS = 2_000;

/**
 * Sends an answer's body at once, and ends the exchange when the request's body is over. A connection that is closed
 * while bytes come in is reset, and a sender who still writes may then never read what was answered
 * (RFC 9112, 9.6). Nothing of the body is kept.
 */
export function endAfterBody(response: ServerResponse, answer: string): void {
  const request = response.req;
  if (request.complete || request.destroyed) {
    response.end(answer);
    return;
  }
  response.write(answer);
  let bytes = 0;
  const settle = () => {
    clearTimeout(timer);
    request.off('data', count).off('end', settle).off('close', settle).off('error', settle);
    response.end();
    // Whoever has not stopped by now would go on for ever.
    if (!request.complete) request.socket.destroySoon();
  };
  const timer = setTimeout(settle, MOST_MS);
  const count = (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) settle();
  };
  request.on('data', count).on('end', settle).on('close', settle).on('error', settle);
}
