/** Reads a request's body before the framework does: bounded, and refused in the hook's own form. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { StatusError } from '../status.ts';

/** Bodies held at one time by one instance, in bytes: more would end it for want of memory. */
const MOST_BUFFERED_BYTES = 67_108_864;
/** A refused body is read to its end, so that its sender gets to see the answer; within reason. */
const MOST_DISCARDED_BYTES = 33_554_432;
const DISCARD_MS = 2_000;

let buffered = 0;

/**
 * @param response the body counts among those held until this is closed
 * @throws StatusError BODY_TOO_LARGE, OVERLOADED, MALFORMED_BODY (it ended early)
 */
export function receiveBody(
  request: IncomingMessage,
  response: ServerResponse,
  limit: number,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const settle = (error?: StatusError) => {
      request.off('data', take).off('end', ended).off('close', endedEarly).off('error', endedEarly);
      if (error) reject(error);
      else resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks));
    };
    const take = (chunk: Buffer) => {
      bytes += chunk.length;
      buffered += chunk.length;
      if (bytes > limit) settle(tooLarge(limit));
      else if (buffered > MOST_BUFFERED_BYTES) settle(overloaded());
      else chunks.push(chunk);
    };
    response.once('close', () => {
      buffered -= bytes;
      bytes = 0;
    });
    const ended = () => settle();
    const endedEarly = () => settle(StatusError.of('MALFORMED_BODY', 'The body ended early.'));
    if (Number(request.headers['content-length'] ?? 0) > limit) return reject(tooLarge(limit));
    request.on('data', take).once('end', ended).once('close', endedEarly).once('error', endedEarly);
  });
}

/** @returns whether the rest of the body is gone, so that the connection may be used again */
export async function discardBody(request: IncomingMessage): Promise<boolean> {
  if (request.complete) {
    request.resume();
    return true;
  }
  if (request.destroyed) return false;
  return new Promise((resolve) => {
    let bytes = 0;
    const settle = (gone: boolean) => {
      clearTimeout(timer);
      request.removeAllListeners('data');
      resolve(gone);
    };
    const timer = setTimeout(settle, DISCARD_MS, false);
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MOST_DISCARDED_BYTES) settle(false);
    });
    request.once('end', () => settle(true));
    request.once('close', () => settle(false));
    request.once('error', () => settle(false));
    request.resume();
  });
}

export function overloaded(): StatusError {
  return StatusError.of('OVERLOADED', 'Too many requests at one time.', {
    headers: { 'Retry-After': '1' },
  });
}

function tooLarge(limit: number): StatusError {
  return StatusError.of('BODY_TOO_LARGE', `The body is larger than ${limit} bytes.`, {
    metadata: { limitBytes: String(limit) },
  });
}
