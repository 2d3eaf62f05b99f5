/**
 * Fetches an access token by Application Default Credentials, in the order that Google documents:
 * https://cloud.google.com/docs/authentication/application-default-credentials#order
 *
 * This file looks for a credentials file itself, because the search of google-auth-library remembers one
 * failure of the metadata server for the life of the process. A client lives for one fetch;
 * access-token.ts decides what is kept and for how long.
 */

import { existsSync, readFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { isLoopback, isRecord, parseUrl } from '../validation/values.ts';
import type { Token } from './access-token.ts';
import { type MetadataServer, metadataToken } from './metadata-server.ts';

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
/** For a source that does not say when its token expires. */
const DEFAULT_LIFETIME_MS = 300_000;

type Env = Readonly<Record<string, string | undefined>>;

interface Client {
  getAccessToken(): Promise<{ token?: string | null }>;
  credentials: { expiry_date?: number | null };
}

/**
 * Fetches a new access token from the source that the environment names.
 *
 * @throws Error where there is none; its text may hold anything, so it is never shown
 */
export async function fetchToken(metadataServer: MetadataServer): Promise<Token> {
  const path = keyFile(metadataServer.env);
  const token = await (path === undefined ? metadataToken(metadataServer, SCOPE) : fileToken(path));
  if (!/^[\x21-\x7e]+$/.test(token.value)) throw new Error('no token');
  return token;
}

/** The metadata servers of other clouds, which workload identity federation may ask over plain HTTP. */
const LINK_LOCAL = ['169.254.169.254', '[fd00:ec2::254]'];

/**
 * Keeps plain HTTP requests to metadata servers and to this machine away from the proxy that the
 * environment names. The proxy could read the token, and Google's metadata server refuses requests that
 * come through one:
 * https://cloud.google.com/compute/docs/metadata/querying-metadata#x-forwarded-for_header
 *
 * @param env the environment of the process: the library reads it itself
 */
export function bypassProxy(env: Record<string, string | undefined>): void {
  const direct = [...LINK_LOCAL, 'localhost', '127.0.0.1', '[::1]'];
  env.NO_PROXY = [env.NO_PROXY ?? env.no_proxy, ...direct].filter(Boolean).join(',');
  // With NODE_USE_ENV_PROXY, Node has given the global agent a proxy before this file was loaded.
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

/** Lets the library read the file. With a `projectId` the library does not run `gcloud` to find one. */
async function fileToken(path: string): Promise<Token> {
  assertNoPlainHttp(JSON.parse(readFileSync(path, 'utf8')));
  const { GoogleAuth } = await import('google-auth-library');
  const auth = new GoogleAuth({ projectId: 'not-needed', scopes: [SCOPE] });
  const client = (await auth.getApplicationDefault()).credential as Client;
  const { token } = await client.getAccessToken();
  const expiresAt = client.credentials.expiry_date ?? Date.now() + DEFAULT_LIFETIME_MS;
  return { value: token ?? '', expiresAt };
}

/**
 * Refuses a credentials file that names a plain HTTP address: what is sent there is as good as a token.
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
