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
import type { Clock } from '../clock.ts';
import { isLoopback, isRecord, parseUrl } from '../validation/values.ts';
import type { Token } from './access-token.ts';
import type { HttpResponse, SendRequest } from './http-client.ts';
import { backoff, RETRY_POLICY } from './retry-policy.ts';

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

/** An address, so that no name has to be resolved. */
const HOST = '169.254.169.254';
const PATH = '/computeMetadata/v1/instance/service-accounts/default/token';
/** Sent and expected: a request without it, or a server that does not answer with it, is another one. */
const FLAVOR = { 'Metadata-Flavor': 'Google' };
/** For one attempt. Requests that wait for the token have deadlines of their own. */
const TIMEOUT_MS = 30_000;

export interface MetadataServer {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly request: SendRequest;
  readonly clock: Clock;
}

/**
 * Fetches the access token of the instance's service account from the metadata server:
 * https://cloud.google.com/compute/docs/access/authenticate-workloads#applications
 *
 * This GET needs no google-auth-library, whose client takes longer to load than everything else that a
 * first request needs.
 *
 * @param scope the OAuth scope; ignored where the instance's scopes are fixed
 * @throws Error where there is no token
 */
async function metadataToken(server: MetadataServer, scope: string): Promise<Token> {
  const { request, clock } = server;
  const origin = originOf(server.env);
  const path = `${PATH}?scopes=${encodeURIComponent(scope)}`;
  const ask = () =>
    request({ method: 'GET', origin, path, headers: FLAVOR, timeout: TIMEOUT_MS }).catch(
      () => undefined,
    );
  for (let attempt = 1; ; attempt++) {
    const received = await ask();
    if (received?.status === 200) return readToken(received, clock.now());
    // A server that has just started, or is overloaded, is asked again:
    // https://cloud.google.com/compute/docs/metadata/querying-metadata#transitions
    const passing = !received || received.status === 429 || received.status >= 500;
    if (!passing || attempt >= RETRY_POLICY.limit)
      throw new Error('no token from the metadata server');
    await clock.sleep(backoff(attempt, clock));
  }
}

/** Reads the variables that Google's own libraries know, for emulators and proxies on the machine. */
function originOf(env: MetadataServer['env']): URL {
  const given = env.GCE_METADATA_IP || env.GCE_METADATA_HOST || HOST;
  const origin = parseUrl(/^https?:\/\//.test(given) ? given : `http://${given}`);
  if (!origin) throw new Error('the metadata server has no readable address');
  return origin;
}

function readToken({ headers, body }: HttpResponse, now: number): Token {
  if (headers['metadata-flavor'] !== FLAVOR['Metadata-Flavor']) throw new Error('another server');
  const answer: unknown = JSON.parse(body);
  const { access_token: value, expires_in: seconds } = isRecord(answer) ? answer : {};
  if (typeof value !== 'string' || typeof seconds !== 'number') throw new Error('no token in it');
  return { value, expiresAt: now + seconds * 1000 };
}
