import { json, type Surface } from './exchange.ts';
import { CHAT, type IdTokens } from './id-tokens.ts';

/** What a verifier may keep, in seconds; Google's own value varies between some five and seven hours. */
const MAX_AGE = 20_000;

/**
 * Google's public keys as PEM certificates by key id: `/oauth2/v1/certs` for ID tokens, and the
 * service account's own for Google Chat
 * (https://developers.google.com/workspace/chat/verify-requests-from-chat).
 */
export function certs(idTokens: IdTokens): Surface {
  const headers = {
    'cache-control': `public, max-age=${MAX_AGE}, must-revalidate, no-transform`,
  };
  return ({ method, path }) => {
    if (method !== 'GET') return undefined;
    if (path === '/oauth2/v1/certs') return json(idTokens.certificates('google'), 200, headers);
    const account = /^\/service_accounts\/v1\/metadata\/x509\/([^/]+)$/.exec(path)?.[1];
    return account?.replace('%40', '@') === CHAT
      ? json(idTokens.certificates('chat'), 200, headers)
      : undefined;
  };
}
