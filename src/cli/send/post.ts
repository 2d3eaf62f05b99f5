/** Sends a webhook and returns the response; an error is one line. */

import type { Io } from '../command.ts';
import type { Webhook } from './senders/webhook.ts';

export interface SenderResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Milliseconds since 1970, when it came. */
  readonly at: number;
}

/** There is no response; the message says why in one line, without anything that was sent. */
export class RequestFailed extends Error {}

/** Marks tests in Cloud Run's request log. */
const USER_AGENT = 'cancel-hook send';

const MAX_BYTES = 1_048_576;

/**
 * Redirects are not followed: a signature goes where it was sent, and nowhere else.
 *
 * @param timeout in milliseconds, for all of it
 * @throws RequestFailed
 */
export async function post(
  url: URL,
  { method, query, headers, body }: Webhook,
  timeout: number,
  io: Io,
): Promise<SenderResponse> {
  // The message of fetch for an invalid header holds the header's value.
  if (Object.values(headers).some((value) => !/^[\x20-\x7e]+$/.test(value))) {
    throw new RequestFailed('the secret holds characters that no HTTP header can carry');
  }
  const target = new URL(url);
  if (query !== undefined) target.search = query;
  try {
    const response = await io.fetch(target, {
      method,
      headers: { 'user-agent': USER_AGENT, ...headers },
      body: typeof body === 'string' ? body : new Uint8Array(body),
      redirect: 'manual',
      signal: AbortSignal.timeout(timeout),
    });
    const text = await textOf(response);
    return { status: response.status, headers: response.headers, text, at: Date.now() };
  } catch (error) {
    throw new RequestFailed(`no response from ${url.host}: ${reasonOf(error, timeout)}`);
  }
}

async function textOf({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    chunks.push(chunk);
    bytes += chunk.byteLength;
    if (bytes > MAX_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, MAX_BYTES).toString('utf8');
}

const REASONS: readonly (readonly [RegExp, string])[] = [
  [/^ENOTFOUND$|^EAI_/, 'its name does not resolve'],
  [/^ECONNREFUSED$/, 'it refuses the connection'],
  [/^ECONNRESET$|^EPIPE$|^UND_ERR_SOCKET$/, 'it closed the connection'],
  [/^E(NET|HOST)UNREACH$|^ETIMEDOUT$|^UND_ERR_CONNECT_TIMEOUT$/, 'it cannot be reached'],
  [/^ERR_SSL_|^EPROTO$/, 'it does not speak TLS there'],
  [/CERT|SIGNATURE|ISSUER/, 'its TLS certificate is not trusted'],
];

/** Uses only the code of an error: its message may quote what was sent. */
function reasonOf(error: unknown, timeout: number): string {
  const { name, code } = rootOf(error);
  // https://fetch.spec.whatwg.org/#port-blocking
  if (name === 'bad port') return 'fetch does not allow its port';
  if (name === 'TimeoutError') return `none within ${timeout / 1000} s (--timeout)`;
  const words = REASONS.find(([pattern]) => pattern.test(code))?.[1] ?? 'the exchange failed';
  return code === '' ? words : `${words} (${code})`;
}

function rootOf(error: unknown): { name: string; code: string } {
  if (!(error instanceof Error)) return { name: '', code: '' };
  const { code } = error as NodeJS.ErrnoException;
  // A host with several addresses fails for each of them.
  const [first] = error instanceof AggregateError ? error.errors : [];
  const deeper = first ?? error.cause;
  if (deeper instanceof Error && typeof code !== 'string') return rootOf(deeper);
  if (error.message === 'bad port') return { name: error.message, code: '' };
  return { name: error.name, code: typeof code === 'string' ? code : '' };
}
