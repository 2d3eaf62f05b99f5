/**
 * Application Default Credentials, by google-auth-library, in the order that Google documents:
 * https://cloud.google.com/docs/authentication/application-default-credentials#order
 *
 * The order is kept here, since the library's own search runs `gcloud` to learn a project that
 * nobody needs (600 ms), and remembers one failure of the metadata server for ever. A client lives
 * for one fetch: what is kept, and for how long, is access-token.ts's to say.
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
  const file = keyFile(env);
  const client = file === undefined ? await computeClient() : await fileClient(file);
  const { token } = await client.getAccessToken();
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) throw new Error('no token');
  const expiresAt = client.credentials.expiry_date ?? Date.now() + ASSUMED_LIFE_MS;
  return { value: token, expiresAt };
}

function keyFile(env: Readonly<Record<string, string | undefined>>): string | undefined {
  if (env.GOOGLE_APPLICATION_CREDENTIALS) return env.GOOGLE_APPLICATION_CREDENTIALS;
  const folder =
    env.CLOUDSDK_CONFIG ||
    (env.APPDATA && join(env.APPDATA, 'gcloud')) ||
    (env.HOME && join(env.HOME, '.config', 'gcloud'));
  const file = folder && join(folder, 'application_default_credentials.json');
  return file && existsSync(file) ? file : undefined;
}

/** The metadata server. The one class is loaded, not the library: it is what production uses. */
async function computeClient(): Promise<Client> {
  const { Compute } = await import('google-auth-library/build/src/auth/computeclient.js');
  return new Compute({ scopes: [SCOPE] });
}

async function fileClient(keyFilename: string): Promise<Client> {
  const { GoogleAuth } = await import('google-auth-library');
  return (await new GoogleAuth({ keyFilename, scopes: [SCOPE] }).getClient()) as Client;
}
