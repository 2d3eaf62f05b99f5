/** A user name and password in `Authorization: Basic` (RFC 7617). */

import type { CallerDeps } from '../caller-deps.ts';
import { unauthenticated } from '../errors.ts';
import { describePattern } from '../validation/validator.ts';
import type { Authenticator } from './authenticator.ts';
import { type SecretRefs, secretRefs } from './secret.ts';
import { matchesAny, timingSafeEqualString } from './timing-safe.ts';

/** RFC 7617, 2: a colon would end it early. */
const USERNAME = describePattern(
  '^[^:\\u0000-\\u001f\\u007f]+$',
  'a user name without colons and control characters',
);

export const basicSettings = {
  type: 'object',
  description: 'A user name and a password, by HTTP Basic.',
  required: ['username', 'password'],
  additionalProperties: false,
  properties: {
    username: {
      type: 'string',
      minLength: 1,
      pattern: USERNAME,
      description: 'The name that the sender is set up with; no secret.',
    },
    password: secretRefs,
  },
} as const;

/** Cloud Monitoring sends its password only after it has seen this. */
const CHALLENGE = 'Basic realm="cancel-hook", charset="UTF-8"';

export function basic(
  settings: { readonly username: string; readonly password: SecretRefs },
  deps: CallerDeps,
  at: readonly (string | number)[],
): Authenticator {
  const password = deps.secret([...at, 'password'], settings.password);
  return async ({ headers }) => {
    const [, encoded = ''] =
      /^Basic +([A-Za-z0-9+/]+=*) *$/i.exec(headers.authorization ?? '') ?? [];
    // Without a colon the password is empty, which no secret is.
    const [name = '', ...rest] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
    const sameName = timingSafeEqualString(name, settings.username);
    const samePassword = matchesAny(rest.join(':'), await password());
    if (!sameName || !samePassword) throw unauthenticated(CHALLENGE);
    return [];
  };
}
