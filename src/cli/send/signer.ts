/** What proves a webhook: a secret that both sides know, or a token that only Google can sign. */

import type { SecretRefs } from '../../auth/secret.ts';
import { bearer } from './senders/authorization.ts';
import { type Webhook, withHeaders } from './senders/webhook.ts';

export interface Signer {
  readonly by: 'secret' | 'token';
  /** Where the configuration has the secret. */
  readonly refs?: SecretRefs | undefined;
  /** What the hook asks of a token, as far as that is known here. */
  readonly audiences?: readonly string[] | undefined;
  readonly emails?: readonly string[] | undefined;
  /** Whether the hook asks whose the token is. */
  readonly requiresEmail?: boolean;
  /** What is wrong with a secret; undefined where nothing is. */
  readonly check?: (secret: string) => string | undefined;
  /** @param at milliseconds since 1970 */
  readonly sign: (webhook: Webhook, secret: string, at: number) => Webhook;
  /**
   * curl's arguments where the request carries the secret itself.
   *
   * @param reference what a shell puts the secret for, such as `$NAME`; safe between double quotes
   */
  readonly curlArgs?: (reference: string) => readonly string[];
  /** Whether a signature says when it was made; the hook takes it for five minutes. */
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
