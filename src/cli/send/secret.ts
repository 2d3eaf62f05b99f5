/** The secret or token that proves a webhook: read where it is, told to nobody. */

import { openSecret, secretRefs } from '../../auth/secret.ts';
import { systemClock } from '../../clock.ts';
import { type Io, UsageError } from '../command.ts';
import { fetchIdToken, TokenUnavailable } from './id-token.ts';
import type { Values } from './options.ts';
import type { Settings } from './settings.ts';
import type { Signer } from './signer.ts';

/** Standard input. */
export const STDIN = '-';

/** Whence the secret is to come; `undefined`: from Application Default Credentials. */
export type Source = string | undefined;

/**
 * Of a list of references the first one: in a rotation, that is the new secret.
 *
 * @throws UsageError
 */
export function resolveSource(values: Values, proof: Signer, { type }: Settings): Source {
  const option = proof.by === 'secret' ? 'secret' : 'id-token';
  const [ref = undefined] = [values[option] ?? proof.refs ?? []].flat();
  if (ref === undefined) {
    if (proof.by === 'secret') throw new UsageError('needs --secret, env:NAME or file:/path');
    if (type === 'google-chat') throw new UsageError(ONLY_CHAT);
    return undefined;
  }
  const isReference = new RegExp(secretRefs.pattern).test(ref);
  if (isReference || (ref === STDIN && proof.by === 'token')) return ref;
  const stdin = proof.by === 'token' ? ', or - for standard input' : '';
  throw new UsageError(`--${option} is a reference, env:NAME or file:/path${stdin}`);
}

const ONLY_CHAT =
  'google-chat needs --id-token: only Google Chat can sign its tokens, so take one that it has sent; or, on a deployment to try things with, set serviceAccount to an account of yours, and send a token of that account';

/** @throws UsageError, NoToken */
export async function openSource(
  source: Source,
  { check }: Signer,
  audience: string,
  { env, readFile }: Io,
): Promise<string> {
  if (source === undefined) return fetchIdToken(audience);
  if (source === STDIN) {
    const token = readFile(STDIN).trim();
    if (token === '') throw new TokenUnavailable('standard input holds no token');
    return token;
  }
  const open = openSecret(source, { env, now: systemClock.now, onError: () => {} }, check);
  if (typeof open === 'string') throw new UsageError(`${source} is of no use: ${open}`);
  return open.value;
}
