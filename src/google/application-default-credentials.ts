/**
 * Application Default Credentials, by google-auth-library, in the order that Google documents:
 * https://cloud.google.com/docs/authentication/application-default-credentials#order
 *
 * Whether there is a file is looked up here, since the library's own search remembers one failure of
 * the metadata server for ever. A client lives for one fetch: what is kept, and for how long, is
 * access-token.ts's to say.
 */

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import { join } from 'node:path';
import { isLoopback, parseUrl } from '../url.ts';
import { isRecord } from '../validation/json.ts';
import type { Token } from './access-token.ts';
import { type MetadataServer, metadataToken } from './metadata-server.ts';

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
/** Where a source does not tell a token's life. */
const DEFAULT_LIFETIME_MS = 300_000;

type Env = Readonly<Record<string, string | undefined>>;

interface Client {
  getAccessToken(): Promise<{ token?: string | null }>;
  credentials: { expiry_date?: number | null };
}

/**
 * Asks the source of credentials that the environment points at for a new access token.
 *
 * @throws Error where there is none; its text may hold anything, so it is shown to nobody
 */
export async function fetchToken(metadataServer: MetadataServer): Promise<Token> {
  const path = keyFile(metadataServer.env);
  const token = await (path === undefined ? metadataToken(metadataServer, SCOPE) : fileToken(path));
  if (!/^[\x21-\x7e]+$/.test(token.value)) throw new Error('no token');
  return token;
}

/** Other clouds' metadata servers, of which one can be told to get a token: they speak in the clear. */
const LINK_LOCAL = ['169.254.169.254', '[fd00:ec2::254]'];

/**
 * What is asked in the clear is asked without the proxy that the environment names: it would read
 * the answer, and Google's metadata server refuses whoever comes through one:
 * https://cloud.google.com/compute/docs/metadata/querying-metadata#x-forwarded-for_header
 *
 * @param env the process's own: the library reads it by itself
 */
export function bypassProxy(env: Record<string, string | undefined>): void {
  const direct = [...LINK_LOCAL, 'localhost', '127.0.0.1', '[::1]'];
  env.NO_PROXY = [env.NO_PROXY ?? env.no_proxy, ...direct].filter(Boolean).join(',');
  // Where NODE_USE_ENV_PROXY is set, Node has given a proxy to this one before anything was loaded.
  http.globalAgent = new http.Agent({ keepAlive: true });
}

function keyFile(env: Env): string | undefined {
  if (env.GOOGLE_APPLICATION_CREDENTIALS) return env.GOOGLE_APPLICATION_CREDENTIALS;
  const folder =
    env.CLOUDSDK_CONFIG ||
    (env.APPDATA && join(env.APPDATA, 'gcloud')) ||
    (env.HOME && join(env.HOME, '.config', 'gcloud'));
  const path = folder ? join(folder, 'application_default_credentials.json') : '';
  return existsSync(path) ? path : undefined;
}

/** The library reads the file itself; a project that it need not look for saves it running `gcloud`. */
async function fileToken(path: string): Promise<Token> {
  assertNoPlainHttp(JSON.parse(await readFile(path, 'utf8')));
  const { GoogleAuth } = await import('./google-auth-library.ts');
  const auth = new GoogleAuth({ projectId: 'not-needed', scopes: [SCOPE] });
  const client = (await auth.getApplicationDefault()).credential as Client;
  const { token } = await client.getAccessToken();
  const expiresAt = client.credentials.expiry_date ?? Date.now() + DEFAULT_LIFETIME_MS;
  return { value: token ?? '', expiresAt };
}

/**
 * What goes to such a file's addresses is as good as a token, so not in the clear.
 *
 * @throws Error
 */
export function assertNoPlainHttp(value: unknown): void {
  if (isRecord(value) || Array.isArray(value)) Object.values(value).forEach(assertNoPlainHttp);
  const url = typeof value === 'string' ? parseUrl(value) : undefined;
  if (url?.protocol !== 'http:') return;
  if (!isLoopback(url.hostname) && !LINK_LOCAL.includes(url.hostname))
    throw new Error('not https:');
}
