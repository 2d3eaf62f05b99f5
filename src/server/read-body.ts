/** Reads the body of a request, bounded in bytes and in time. */

import type { IncomingMessage } from 'node:http';
import type { HeadAuthentication } from '../caller.ts';
import { StatusError, unauthenticated } from '../errors.ts';
import type { RequestContext } from './request-context.ts';

const BODY_TIMEOUT_MS = 10_000;

export interface BodyLimit {
  readonly maxBytes: number;
  /** Creates the error for a larger body. */
  readonly tooLarge: () => StatusError;
}

/**
 * @returns the bytes, or the `rawBody` that the framework leaves where it has read the body
 * @throws StatusError MALFORMED_BODY where the body does not arrive whole, and `tooLarge`
 */
export function readBody(
  request: IncomingMessage & { rawBody?: Buffer },
  ctx: RequestContext,
  { maxBytes, tooLarge }: BodyLimit,
): Promise<Buffer> {
  const { rawBody } = request;
  if (Number(request.headers['content-length'] ?? rawBody?.length ?? 0) > maxBytes) {
    return Promise.reject(tooLarge());
  }
  if (rawBody) return Promise.resolve(rawBody);
  if (ctx.clientError) return Promise.reject(ctx.clientError);
  if (request.destroyed) return Promise.reject(incomplete());
  return new Promise((resolve, reject) => {
    // One buffer that grows: a list of chunks of one byte each takes a hundred times their size.
    let buffer = Buffer.alloc(0);
    let bytes = 0;
    const settle = (error?: StatusError) => {
      clearTimeout(timer);
      delete ctx.failBody;
      request.off('data', onData).off('end', onEnd).off('close', onClose);
      if (error) reject(error);
      else resolve(buffer.subarray(0, bytes));
    };
    const onData = (chunk: Buffer) => {
      const total = bytes + chunk.length;
      if (total > maxBytes) return settle(tooLarge());
      if (total > buffer.length) {
        const grown = Buffer.allocUnsafe(Math.min(Math.max(total, 2 * buffer.length), maxBytes));
        buffer.copy(grown, 0, 0, bytes);
        buffer = grown;
      }
      chunk.copy(buffer, bytes);
      bytes = total;
    };
    const onEnd = () => settle();
    const onClose = () => settle(incomplete());
    const timer = setTimeout(() => {
      ctx.keepAlive = false;
      settle(incomplete());
    }, BODY_TIMEOUT_MS);
    ctx.failBody = settle;
    // Without a listener an aborted request would be an uncaught exception; `close` follows it.
    request.on('error', () => {});
    request.on('data', onData).once('end', onEnd).once('close', onClose);
  });
}

function incomplete(): StatusError {
  return StatusError.create('MALFORMED_BODY', 'The body did not arrive completely.', {
    retryable: true,
  });
}

/** Creates the limit of one request: that of all bodies, or of the largest that can be authentic. */
export function createBodyLimit(
  bodyBytes: number,
  { maxBodyBytes }: HeadAuthentication,
): BodyLimit {
  if (maxBodyBytes !== undefined && maxBodyBytes < bodyBytes) {
    return { maxBytes: maxBodyBytes, tooLarge: () => unauthenticated('no-credentials') };
  }
  const tooLarge = () =>
    StatusError.create('BODY_TOO_LARGE', `The body is larger than ${bodyBytes} bytes.`, {
      metadata: { limitBytes: String(bodyBytes) },
    });
  return { maxBytes: bodyBytes, tooLarge };
}
