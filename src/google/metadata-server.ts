/**
 * Fetches the access token of the instance's service account from the metadata server:
 * https://cloud.google.com/compute/docs/access/authenticate-workloads#applications
 *
 * This GET needs no google-auth-library, whose client takes longer to load than everything else that a
 * first request needs.
 */

import type { Clock } from '../clock.ts';
import { isRecord, parseUrl } from '../validation/values.ts';
import type { Token } from './access-token.ts';
import type { HttpResponse, SendRequest } from './http-client.ts';
import { backoff, RETRY_POLICY } from './retry-policy.ts';

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
 * @param scope the OAuth scope; ignored where the instance's scopes are fixed
 * @throws Error where there is no token
 */
export async function metadataToken(server: MetadataServer, scope: string): Promise<Token> {
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
