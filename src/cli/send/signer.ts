/** Signs a webhook: with a secret that both sides know, or with a token that only Google can sign. */

import type { SecretRefs } from '../../auth/secret.ts';
import { bearer } from './senders/authorization.ts';
import { type Webhook, withHeaders } from './senders/webhook.ts';

export interface Signer {
  readonly by: 'secret' | 'token';
  /** Where the configuration has the secret. */
  readonly refs?: SecretRefs | undefined;
  /** What the function requires of a token, as far as that is known here. */
  readonly audiences?: readonly string[] | undefined;
  readonly emails?: readonly string[] | undefined;
  /** Whether the function requires an email in the token. */
  readonly requiresEmail?: boolean;
  /** What is wrong with a secret; undefined if nothing is. */
  readonly check?: (secret: string) => string | undefined;
  /** @param at milliseconds since 1970 */
  readonly sign: (webhook: Webhook, secret: string, at: number) => Webhook;
  /**
   * Returns how a shell hands the secret to curl where the request has the secret itself. It goes through
   * standard input: everybody on a machine can read the arguments of its processes.
   *
   * @param reference what a shell replaces by the secret, such as `$NAME`; safe between double quotes
   */
  readonly fromStdin?: (reference: string) => StdinSecret;
  /** Whether the signature has a timestamp; the function accepts it for five minutes. */
  readonly hasTimestamp?: boolean;
}

export interface StdinSecret {
  /** The command that writes it. `printf` is part of the shell, so that it is no process. */
  readonly print: string;
  /** The argument that makes curl read it. */
  readonly curl: string;
}

export const inBearer = (reference: string): StdinSecret => ({
  print: `printf 'Authorization: Bearer %s\\n' "${reference}"`,
  curl: '-H @-',
});

export const tokenSigner = (
  known: Pick<Signer, 'audiences' | 'emails' | 'requiresEmail'>,
): Signer => ({
  ...known,
  by: 'token',
  sign: (webhook, token) => withHeaders(webhook, bearer(token)),
  fromStdin: inBearer,
});

export const hmacSigner = (
  refs: SecretRefs | undefined,
  sign: (body: Webhook['body'], secret: string, at: number) => Webhook['headers'],
  more: Partial<Signer> = {},
): Signer => ({
  by: 'secret',
  refs,
  sign: (webhook, secret, at) => withHeaders(webhook, sign(webhook.body, secret, at)),
  ...more,
});
