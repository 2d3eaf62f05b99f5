/**
 * `ssl_check`: now and then Slack looks at a URL's certificate so, without a signature. It asks for
 * nothing: https://docs.slack.dev/interactivity/implementing-slash-commands
 */

import { createPrincipal, type HeadAuthentication } from '../../caller.ts';
import { unauthenticated } from '../../errors.ts';

const MAX_BYTES = 1_000;

/** Of what comes unsigned no other body is let in, and not much of it is read. */
export function createSslCheck(route: string): HeadAuthentication {
  return {
    authenticated: false,
    maxBodyBytes: MAX_BYTES,
    authenticate(body) {
      if (!isSslCheck(body)) throw unauthenticated('no-credentials');
      return createPrincipal(route, []);
    },
  };
}

export function isSslCheck(body: Buffer): boolean {
  if (body.length > MAX_BYTES) return false;
  const form = new URLSearchParams(body.toString('utf8'));
  const keys = [...form.keys()];
  return (
    form.get('ssl_check') === '1' &&
    new Set(keys).size === keys.length &&
    keys.every((key) => key === 'ssl_check' || key === 'token')
  );
}
