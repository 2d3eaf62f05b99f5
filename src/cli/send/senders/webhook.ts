/** A webhook as its sender makes it, ready to be sent; for tests and the command line. */

export interface Webhook {
  readonly method: 'POST' | 'PUT';
  /** Without its question mark. */
  readonly query?: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Text is sent as UTF-8. */
  readonly body: string | Buffer;
}

export function withHeaders<W extends Webhook>(webhook: W, headers: Webhook['headers']): W {
  return { ...webhook, headers: { ...webhook.headers, ...headers } };
}
