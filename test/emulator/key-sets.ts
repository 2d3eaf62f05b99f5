import { json, type Surface } from './exchange.ts';
import { CHAT, type IdTokens, type Issuer } from './id-tokens.ts';

/** What a verifier may keep, in seconds; Google's own value varies between some five and seven hours. */
const MAX_AGE = 20_000;

/**
 * Google's public keys, as JWK sets (RFC 7517) and in the older form, PEM by key id: those for ID
 * tokens, and the service account's own for Google Chat
 * (https://developers.google.com/workspace/chat/verify-requests-from-chat).
 */
const PATHS: Readonly<Record<string, readonly [Issuer, 'jwks' | 'pems']>> = {
  '/oauth2/v3/certs': ['google', 'jwks'],
  '/oauth2/v1/certs': ['google', 'pems'],
  [`/service_accounts/v1/jwk/${CHAT}`]: ['chat', 'jwks'],
  [`/service_accounts/v1/metadata/x509/${CHAT}`]: ['chat', 'pems'],
};

export function keySets(idTokens: IdTokens): Surface {
  const headers = {
    'cache-control': `public, max-age=${MAX_AGE}, must-revalidate, no-transform`,
  };
  return ({ method, path }) => {
    const found = method === 'GET' ? PATHS[path.replace('%40', '@')] : undefined;
    if (!found) return undefined;
    const [issuer, form] = found;
    return json(idTokens[form](issuer), 200, headers);
  };
}
