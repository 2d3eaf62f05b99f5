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
  /** What is wrong with a secret; undefined where nothing is. */
  readonly check?: (secret: string) => string | undefined;
  /** @param at milliseconds since 1970 */
  readonly sign: (webhook: Webhook, secret: string, at: number) => Webhook;
  /**
   * Returns curl's arguments where the request has the secret itself.
   *
   * @param reference what a shell replaces by the secret, such as `$NAME`; safe between double quotes
   */
  readonly curlArgs?: (reference: string) => readonly string[];
  /** Whether the signature has a timestamp; the function accepts it for five minutes. */
  readonly hasTimestamp?: boolean;
}

export const inBearer = (reference: string) => ['-H', `"Authorization: Bearer ${reference}"`];

export const tokenSigner = (
  known: Pick<Signer, 'audiences' | 'emails' | 'requiresEmail'>,
): Signer => ({
  ...known,
  by: 'token',
  sign: (webhook, token) => withHeaders(webhook, bearer(token)),
  curlArgs: inBearer,
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
