/** Slack's signatures: https://docs.slack.dev/authentication/verifying-requests-from-slack */

import type { CallerDeps } from '../caller-deps.ts';
import { unauthenticated } from '../errors.ts';
import type { VerifyBody } from './authenticator.ts';
import { createSignatureVerifier, isWithinTolerance } from './hmac.ts';
import { type SecretRefs, secretRefs } from './secret.ts';

export const signingSecretSettings = secretRefs;

const VERSION = 'v0';
const TIMESTAMP = 'x-slack-request-timestamp';
const SIGNATURE = 'x-slack-signature';

/**
 * @returns the check of the body; undefined for a head without any signature, as `ssl_check` comes
 * @throws StatusError UNAUTHENTICATED where no body could go with the head's signature
 */
export function slackSignature(
  settings: SecretRefs,
  deps: CallerDeps,
  at: readonly (string | number)[],
): (head: Pick<SlackSigned, 'headers'>) => Promise<VerifyBody | undefined> {
  const secret = deps.secret(at, settings);
  return async ({ headers }) => {
    if (headers[TIMESTAMP] === undefined && headers[SIGNATURE] === undefined) return undefined;
    const check = checkSlack({ headers, keys: await secret(), now: deps.clock.now() });
    if (!check) throw unauthenticated();
    return check;
  };
}

interface SlackSigned {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly keys: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** @returns undefined where no body could go with these headers */
export function checkSlack({ headers, keys, now }: SlackSigned): VerifyBody | undefined {
  const timestamp = headers[TIMESTAMP];
  const signature = headers[SIGNATURE];
  if (typeof timestamp !== 'string' || typeof signature !== 'string') return undefined;
  const prefix = `${VERSION}=`;
  if (!signature.startsWith(prefix) || !isWithinTolerance(timestamp, now)) return undefined;
  return createSignatureVerifier({
    keys,
    // The body's bytes as they came: a form that was parsed and written anew is another text.
    signed: `${VERSION}:${timestamp}:`,
    signatures: [signature.slice(prefix.length)],
    encoding: 'hex',
  });
}
