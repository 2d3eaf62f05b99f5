/** Returns the URL of a webhook. Secrets and signatures are sent only over TLS or within this machine. */

import { checkAddress } from '../../url.ts';
import { UsageError } from '../command.ts';

/**
 * @param caller a route to add to the URL, unless it ends with it
 * @throws UsageError; its text does not repeat the URL, which may hold a secret
 */
export function resolveUrl(text: string, caller: string | undefined): URL {
  const problem = checkAddress(text, false);
  if (problem !== undefined) throw new UsageError(`--url ${problem}`);
  const url = new URL(text);
  const path = url.pathname.replace(/\/$/, '');
  if (caller !== undefined) url.pathname = path.endsWith(`/${caller}`) ? path : `${path}/${caller}`;
  return url;
}
