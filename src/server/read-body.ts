/** Reads a request's body before the framework does: bounded, and refused in the hook's own form. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { StatusError } from '../errors.ts';

/** Bodies held at one time by one instance, in bytes: more would end it for want of memory. */
const MOST_HELD_BYTES = 67_108_864;
/**
 * Of bodies that are still on their way, and signed by nobody knows whom, there may be so much
 * beside. Where it is full, the one that has been coming for longest gives way: an honest body is
 * there in no time, so that strangers who dawdle cannot keep anybody out.
 */
const MOST_UNPROVEN_BYTES = 16_777_216;
/** What one of these costs before any of its body is there: Node's limit of a head. */
const HEAD_BYTES = 16_384;
/** What a chunk costs at least, however little it brings. */
const LEAST_CHUNK_BYTES = 256;

const held = { bytes: 0 };
const unproven = { bytes: 0 };
/** The oldest first; each is told so when it has to give way. */
const strangers = new Set<() => void>();

interface Limit {
  /** Of one body, in bytes. */
  readonly limit: number;
  /** What more than that is refused with. */
  readonly tooLarge: () => StatusError;
}

interface Reading extends Limit {
  /** Whether it is known who sends it. */
  readonly proven: boolean;
}

/**
 * @param request where a server that is not the hook's has read it: with its `rawBody`, as the
 *   framework leaves it
 * @param response the body counts among those held until this is closed
 * @throws StatusError OVERLOADED, MALFORMED_BODY (it ended early), and `tooLarge`
 */
export function receiveBody(
  request: IncomingMessage,
  response: ServerResponse,
  { limit, tooLarge, proven }: Reading,
): Promise<Buffer> {
  const before = (request as { rawBody?: Buffer }).rawBody ?? Buffer.alloc(0);
  if (request.readableEnded && before.length > limit) return Promise.reject(tooLarge());
  if (request.readableEnded) return Promise.resolve(before);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    let cost = proven ? 0 : HEAD_BYTES;
    let account = proven ? held : unproven;
    const move = (to: typeof account | undefined) => {
      account.bytes -= cost;
      if (to) to.bytes += cost;
      else cost = 0;
      account = to ?? account;
    };
    const settle = (error?: StatusError) => {
      request.off('data', take).off('end', ended).off('close', endedEarly).off('error', endedEarly);
      strangers.delete(giveWay);
      move(error ? undefined : held);
      if (error) reject(error);
      else resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks));
    };
    const giveWay = () => settle(overloaded());
    const take = (chunk: Buffer) => {
      const more = Math.max(chunk.length, LEAST_CHUNK_BYTES);
      bytes += chunk.length;
      cost += more;
      account.bytes += more;
      chunks.push(chunk);
      if (bytes > limit) settle(tooLarge());
      else if (held.bytes > MOST_HELD_BYTES && proven) giveWay();
      else if (!proven) makeRoom(limit);
    };
    const ended = () => {
      const full = !proven && held.bytes + cost > MOST_HELD_BYTES;
      settle(full ? overloaded() : undefined);
    };
    const endedEarly = () => settle(StatusError.create('MALFORMED_BODY', 'The body ended early.'));
    response.once('close', () => move(undefined));
    request.on('data', take).once('end', ended).once('close', endedEarly).once('error', endedEarly);
    if (proven) return;
    unproven.bytes += cost;
    strangers.add(giveWay);
    makeRoom(limit);
  });
}

function makeRoom(limit: number): void {
  const most = Math.max(MOST_UNPROVEN_BYTES, limit + HEAD_BYTES);
  for (const giveWay of strangers) {
    if (unproven.bytes <= most) return;
    giveWay();
  }
}

/** Refuses the body that its head already announces to be too large. */
export function checkLength({ headers }: IncomingMessage, { limit, tooLarge }: Limit): void {
  if (Number(headers['content-length'] ?? 0) > limit) throw tooLarge();
}

/** One error for all whom it meets: where it does, there is no time to lose. */
const OVERLOADED = StatusError.create('OVERLOADED', 'Too many requests at one time.', {
  headers: { 'Retry-After': '1' },
});

export function overloaded(): StatusError {
  return OVERLOADED;
}

export function bodyTooLarge(limit: number): StatusError {
  return StatusError.create('BODY_TOO_LARGE', `The body is larger than ${limit} bytes.`, {
    metadata: { limitBytes: String(limit) },
  });
}
