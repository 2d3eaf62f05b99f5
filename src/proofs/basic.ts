/** A user name and password in `Authorization: Basic` (RFC 7617). */

import { meaning } from '../schema/schema.ts';
import type { Setup } from '../setup.ts';
import { unauthenticated } from '../status.ts';
import { anySecret, sameSecret } from './compare.ts';
import type { Proof } from './proof.ts';
import { type SecretRefs, secretRefs } from './secret.ts';

/** RFC 7617, 2: a colon would end it early. */
const USERNAME = meaning(
  '^[^:\\u0000-\\u001f\\u007f]+$',
  'a user name without colons and control characters',
);

export const basicSettings = {
  type: 'object',
  required: ['username', 'password'],
  additionalProperties: false,
  properties: {
    username: { type: 'string', minLength: 1, pattern: USERNAME },
    password: secretRefs,
  },
} as const;

/** Cloud Monitoring sends its password only after it has seen this. */
const CHALLENGE = 'Basic realm="cancel-hook", charset="UTF-8"';

export function basic(
  settings: { readonly username: string; readonly password: SecretRefs },
  setup: Setup,
  at: readonly (string | number)[],
): Proof {
  const password = setup.secret([...at, 'password'], settings.password);
  return async ({ headers }) => {
    const [, encoded = ''] =
      /^Basic +([A-Za-z0-9+/]+=*) *$/i.exec(headers.authorization ?? '') ?? [];
    const given = Buffer.from(encoded, 'base64').toString('utf8');
    const colon = given.indexOf(':');
    const sameName = sameSecret(given.slice(0, Math.max(colon, 0)), settings.username);
    const samePassword = anySecret(given.slice(colon + 1), await password());
    if (colon < 0 || !sameName || !samePassword) throw unauthenticated(CHALLENGE);
    return [];
  };
}
