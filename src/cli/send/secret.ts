/** Reads the secret or token that signs a webhook. It is never shown. */

import { openSecret, secretRefs } from '../../auth/secret.ts';
import { systemClock } from '../../clock.ts';
import { type Io, UsageError } from '../command.ts';
import { fetchIdToken, TokenUnavailable } from './id-token.ts';
import type { Values } from './options.ts';
import type { Settings } from './settings.ts';
import type { Signer } from './signer.ts';

/** Standard input. */
export const STDIN = '-';

/** A reference to the secret; `undefined`: a token of Application Default Credentials. */
export type Source = string | undefined;

/**
 * Returns the first one of a list of references: in a rotation, that is the new secret.
 *
 * @throws UsageError
 */
export function resolveSource(values: Values, signer: Signer, { type }: Settings): Source {
  const option = signer.by === 'secret' ? 'secret' : 'id-token';
  const [ref = undefined] = [values[option] ?? signer.refs ?? []].flat();
  if (ref === undefined) {
    if (signer.by === 'secret') throw new UsageError('needs --secret, env:NAME or file:/path');
    if (type === 'google-chat') throw new UsageError(ONLY_CHAT);
    return undefined;
  }
  const isReference = new RegExp(secretRefs.pattern).test(ref);
  if (isReference || (ref === STDIN && signer.by === 'token')) return ref;
  const stdin = signer.by === 'token' ? ', or - for standard input' : '';
  throw new UsageError(`--${option} is a reference, env:NAME or file:/path${stdin}`);
}

const ONLY_CHAT =
  'google-chat needs --id-token: only Google Chat can sign its tokens, use one that it has sent. On a deployment for tests you can also set serviceAccount to an account of yours and send a token of it';

/** @throws UsageError, TokenUnavailable */
export async function openSource(
  source: Source,
  { by, check }: Signer,
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
  if (typeof open === 'string') {
    const option = by === 'secret' ? '--secret' : '--id-token';
    throw new UsageError(
      `${source} is not usable: ${open}; ${option} env:NAME or file:/path says where it is on this machine`,
    );
  }
  return open.value;
}
