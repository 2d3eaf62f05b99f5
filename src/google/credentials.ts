/**
 * Application Default Credentials, by google-auth-library, in the order that Google documents:
 * https://cloud.google.com/docs/authentication/application-default-credentials#order
 *
 * Whether there is a file is looked up here, since the library's own search remembers one failure of
 * the metadata server for ever. A client lives for one fetch: what is kept, and for how long, is
 * access-token.ts's to say.
 */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Token } from './access-token.ts';

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
/** Where a source does not tell a token's life. */
const ASSUMED_LIFE_MS = 300_000;

interface Client {
  getAccessToken(): Promise<{ token?: string | null }>;
  credentials: { expiry_date?: number | null };
}

/**
 * Asks the source of credentials that `env` points at for a new access token.
 *
 * @throws Error where there is none; its text may hold anything, so it is shown to nobody
 */
export async function fetchToken(
  env: Readonly<Record<string, string | undefined>>,
): Promise<Token> {
  const client = hasKeyFile(env) ? await fileClient() : await computeClient();
  const { token } = await client.getAccessToken();
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) throw new Error('no token');
  const expiresAt = client.credentials.expiry_date ?? Date.now() + ASSUMED_LIFE_MS;
  return { value: token, expiresAt };
}

function hasKeyFile(env: Readonly<Record<string, string | undefined>>): boolean {
  if (env.GOOGLE_APPLICATION_CREDENTIALS) return true;
  const folder =
    env.CLOUDSDK_CONFIG ||
    (env.APPDATA && join(env.APPDATA, 'gcloud')) ||
    (env.HOME && join(env.HOME, '.config', 'gcloud'));
  return Boolean(folder) && existsSync(join(folder ?? '', 'application_default_credentials.json'));
}

/** The metadata server. The one class is loaded, not the library: it is what production uses. */
async function computeClient(): Promise<Client> {
  const { Compute } = await import('google-auth-library/build/src/auth/computeclient.js');
  return new Compute({ scopes: [SCOPE] });
}

/** The library reads the file itself; a project that it need not look for saves it running `gcloud`. */
async function fileClient(): Promise<Client> {
  const { GoogleAuth } = await import('google-auth-library');
  const auth = new GoogleAuth({ projectId: 'not-needed', scopes: [SCOPE] });
  return (await auth.getApplicationDefault()).credential as Client;
}
