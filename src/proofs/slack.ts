/** Slack's signatures: https://docs.slack.dev/authentication/verifying-requests-from-slack */

import type { Setup } from '../setup.ts';
import { isFresh, verifyHmac } from './hmac.ts';
import { type SecretRefs, secretRefs } from './secret.ts';

export const signingSecretSettings = secretRefs;

const VERSION = 'v0';

/** @returns whether Slack signed a request, near enough to now */
export function slackSignature(
  settings: SecretRefs,
  setup: Setup,
  at: readonly (string | number)[],
): (signed: Pick<SlackSigned, 'headers' | 'body'>) => Promise<boolean> {
  const secret = setup.secret(at, settings);
  return async ({ headers, body }) => {
    const keys = await secret();
    return verifySlack({ headers, body, keys, now: setup.clock.now() });
  };
}

export interface SlackSigned {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The bytes as they came: a form that was parsed and written anew is another text. */
  readonly body: Buffer;
  readonly keys: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

export function verifySlack({ headers, body, keys, now }: SlackSigned): boolean {
  const timestamp = headers['x-slack-request-timestamp'];
  const signature = headers['x-slack-signature'];
  if (typeof timestamp !== 'string' || typeof signature !== 'string') return false;
  const prefix = `${VERSION}=`;
  if (!signature.startsWith(prefix)) return false;
  const signed = verifyHmac({
    keys,
    parts: [`${VERSION}:${timestamp}:`, body],
    signatures: [signature.slice(prefix.length)],
    encoding: 'hex',
  });
  return isFresh(timestamp, now) && signed;
}
