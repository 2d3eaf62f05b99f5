/** What becomes of a body that nobody wants: its sender is to see the answer all the same. */

import type { ServerResponse } from 'node:http';

/** A refused body may come to its end, but takes no longer than this. */
const MOST_MS = 2_000;

/** A turn may be long: one connection may bring more requests in it than any memory holds. */
const MOST_EARLY = 1_024;

/** Answered while their bodies had not come yet, in this turn of the event loop. */
let early: ServerResponse[] = [];

/**
 * Answers at once, and ends the exchange when the request's body is over. A connection that is closed
 * while bytes come in is reset, and a sender who still writes may then never read what was answered
 * (RFC 9112, 9.6). Nothing of the body is kept.
 */
export function endAfterBody(response: ServerResponse, answer: string): void {
  const { complete, destroyed } = response.req;
  if (complete || destroyed) {
    response.end(answer);
    return;
  }
  // Where the connection stays open, Node throws away by itself what still comes.
  if (response.shouldKeepAlive) response.end(answer);
  else response.write(answer);
  const count = early.push(response);
  if (count === 1) setImmediate(lookAgain);
  if (count === MOST_EARLY) lookAgain();
}

/** Most bodies came with their heads: what is left of these needs no timer. */
function lookAgain(): void {
  const answered = early;
  early = [];
  for (const response of answered) {
    if (response.req.complete) response.end();
    else awaitEnd(response);
  }
}

function awaitEnd(response: ServerResponse): void {
  const { req: request } = response;
  const settle = () => {
    clearTimeout(timer);
    request.off('end', settle).off('close', settle).off('error', settle);
    if (request.complete) response.end();
    // Whoever has not stopped by now would go on for ever. Answers that go before have their time.
    else response.end(() => request.socket.destroySoon());
  };
  const timer = setTimeout(settle, MOST_MS);
  request.on('end', settle).on('close', settle).on('error', settle);
  request.resume();
}
