/** What proves a webhook: a secret that both sides know, or a token that only Google can sign. */

import type { SecretRefs } from '../../auth/secret.ts';
import { bearer } from './senders/authorization.ts';
import { type Webhook, withHeaders } from './senders/webhook.ts';

export interface Proof {
  readonly by: 'secret' | 'token';
  /** Where the configuration has the secret. */
  readonly refs?: SecretRefs | undefined;
  /** What the hook asks of a token, as far as that is known here. */
  readonly audience?: string | undefined;
  readonly emails?: readonly string[] | undefined;
  /** Whether the hook asks whose the token is. */
  readonly personal?: boolean;
  /** What is wrong with a secret; undefined where nothing is. */
  readonly check?: (secret: string) => string | undefined;
  /** @param at milliseconds since 1970 */
  readonly prove: (webhook: Webhook, secret: string, at: number) => Webhook;
  /**
   * curl's arguments where the request carries the secret itself.
   *
   * @param reference what a shell puts the secret for, such as `$NAME`; safe between double quotes
   */
  readonly carried?: (reference: string) => readonly string[];
  /** Whether a signature says when it was made; the hook takes it for five minutes. */
  readonly timed?: boolean;
}

export const inBearer = (reference: string) => ['-H', `"Authorization: Bearer ${reference}"`];

export const byToken = (known: Pick<Proof, 'audience' | 'emails' | 'personal'>): Proof => ({
  ...known,
  by: 'token',
  prove: (webhook, token) => withHeaders(webhook, bearer(token)),
  carried: inBearer,
});

export const bySecret = (
  refs: SecretRefs | undefined,
  sign: (body: Webhook['body'], secret: string, at: number) => Webhook['headers'],
  more: Partial<Proof> = {},
): Proof => ({
  by: 'secret',
  refs,
  prove: (webhook, secret, at) => withHeaders(webhook, sign(webhook.body, secret, at)),
  ...more,
});
