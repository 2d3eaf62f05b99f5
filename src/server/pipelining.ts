/** Requests that a connection sends ahead of the answers to those before them: RFC 9112, 9.3.2. */

import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * So many may one connection bring in one turn of the event loop. Front ends send one after the other.
 * Of whoever does not, Node takes in up to 2 MiB in a turn, some ten thousand requests, and with a few
 * such connections nobody else would have a turn for half a minute.
 */
const MOST_IN_TURN = 32;

/** So many may all connections together, beside the first of each. */
const MOST_AHEAD = 256;

type Socket = IncomingMessage['socket'];

interface Line {
  newest?: ServerResponse;
  /** In which turn it brought its newest, and how many so far. */
  turn: number;
  brought: number;
  /** What comes after the answer that closes a connection is not processed: RFC 9112, 9.6. */
  over: boolean;
}

export interface Pipelining {
  /** @returns whether it may be served; undefined where it comes after the last */
  enter(response: ServerResponse): boolean | undefined;
  /** Whether a connection that is to be closed is so with this answer: others may come after it. */
  endsWith(response: ServerResponse): boolean;
}

export function createPipelining(): Pipelining {
  const lines = new WeakMap<Socket, Line>();
  let turn = 0;
  let began = false;
  let ahead = 0;
  const end = () => {
    turn += 1;
    began = false;
    ahead = 0;
  };
  const lineOf = ({ req: { socket } }: ServerResponse): Line => {
    const known = lines.get(socket);
    if (known) return known;
    const line = { turn, brought: 0, over: false };
    lines.set(socket, line);
    return line;
  };
  return {
    enter(response) {
      const line = lineOf(response);
      if (line.over) return undefined;
      if (!began) setImmediate(end);
      began = true;
      line.newest = response;
      line.brought = line.turn === turn ? line.brought + 1 : 1;
      line.turn = turn;
      if (line.brought === 1) return true;
      ahead += 1;
      if (line.brought <= MOST_IN_TURN && ahead <= MOST_AHEAD) return true;
      line.over = true;
      readNoMore(response.req.socket);
      return false;
    },
    endsWith(response) {
      const line = lineOf(response);
      const ends = line.newest === response;
      if (ends) line.over = true;
      return ends;
    },
  };
}

/** Asked by Node's parser what to do with the bytes after a request's head. */
interface Parser {
  onIncoming?: () => number;
}

/** As for a connection that another protocol takes over: what follows is no HTTP. */
const STOP = 2;

/** Node would make a request of all that it has read already, however many there are. */
function readNoMore(socket: Socket): void {
  const { parser } = socket as { parser?: Parser | null };
  if (parser) parser.onIncoming = () => STOP;
}
