/** Standard Webhooks, symmetric signatures: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */

import type { CallerDeps } from '../caller-deps.ts';
import { unauthenticated } from '../errors.ts';
import type { Authenticator, VerifyBody } from './authenticator.ts';
import { createSignatureVerifier, isWithinTolerance } from './hmac.ts';
import { type SecretRefs, secretRefs } from './secret.ts';

export const standardWebhooksSettings = secretRefs;

/** Padded base64 (RFC 4648, 4) behind its prefix. */
const SECRET_FORMAT = /^whsec_((?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)$/;

export function standardWebhooks(
  settings: SecretRefs,
  deps: CallerDeps,
  at: readonly (string | number)[],
): Authenticator {
  const secret = deps.secret(at, settings, (value) =>
    keyOf(value) ? undefined : 'must be whsec_ followed by base64',
  );
  return async ({ headers }) => {
    const keys = (await secret()).map(keyOf).filter((key) => key !== undefined);
    const check = checkStandardWebhook({ headers, keys, now: deps.clock.now() });
    if (!check) throw unauthenticated();
    return check;
  };
}

/**
 * @param input `now` in milliseconds since 1970; headers with lower-case names
 * @returns undefined where no body could go with these headers
 */
export function checkStandardWebhook(input: {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly keys: readonly Buffer[];
  readonly now: number;
}): VerifyBody | undefined {
  const id = input.headers['webhook-id'];
  const timestamp = input.headers['webhook-timestamp'];
  const header = input.headers['webhook-signature'];
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof header !== 'string') {
    return undefined;
  }
  if (id === '' || !isWithinTolerance(timestamp, input.now)) return undefined;
  const signatures = header
    .split(' ')
    .filter((signature) => signature.startsWith('v1,'))
    .map((signature) => signature.slice('v1,'.length));
  const signed = `${id}.${timestamp}.`;
  return createSignatureVerifier({ keys: input.keys, signed, signatures, encoding: 'base64' });
}

/** The key in a `whsec_…` secret; undefined where it is none. */
export function keyOf(secret: string): Buffer | undefined {
  const [, encoded] = SECRET_FORMAT.exec(secret) ?? [];
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64');
}
