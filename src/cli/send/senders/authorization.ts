/** Headers that carry the secret itself, or a token. */

import type { Webhook } from './webhook.ts';

/** RFC 6750, 2.1; also how Google's ID tokens travel. */
export function bearer(token: string): Webhook['headers'] {
  return { authorization: `Bearer ${token}` };
}

/** RFC 7617, in UTF-8. */
export function basic(username: string, password: string): Webhook['headers'] {
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
}

/** As in the address of one of Cloud Monitoring's channels. @returns a query */
export function authToken(token: string): string {
  return `auth_token=${encodeURIComponent(token)}`;
}
