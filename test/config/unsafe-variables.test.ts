import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { unsafeVariables } from '../../src/config/config.ts';

describe('a variable that makes Node or a library disclose a token is refused', () => {
  for (const [variable, value] of [
    ['NODE_DEBUG', 'net'],
    ['NODE_DEBUG', 'http'],
    ['GOOGLE_SDK_NODE_LOGGING', 'all'],
    ['NODE_TLS_REJECT_UNAUTHORIZED', '0'],
    ['NODE_OPTIONS', '--tls-keylog=/tmp/keys'],
    ['NODE_OPTIONS', '--no-warnings --tls-keylog /tmp/keys'],
    ['NODE_OPTIONS', '--tls_keylog=/tmp/keys'],
    ['NODE_OPTIONS', '--inspect'],
    ['NODE_OPTIONS', '--inspect-brk=0.0.0.0:9229'],
    ['NODE_OPTIONS', '--inspect_wait'],
    ['NODE_OPTIONS', '"--inspect"'],
    ['NODE_OPTIONS', '-"-ins"pect'],
  ] as const) {
    test(`${variable}=${value}`, () => {
      const [reason = '', ...more] = unsafeVariables({ [variable]: value });
      assert.deepEqual(more, []);
      assert.match(
        reason,
        new RegExp(`^cannot be used while .* ${variable} has this value: it would`),
      );
    });
  }
});

test('a variable without this effect is accepted', () => {
  assert.deepEqual(
    unsafeVariables({
      NODE_DEBUG: '',
      NODE_TLS_REJECT_UNAUTHORIZED: '1',
      NODE_OPTIONS: '--max-old-space-size=256 --insecure-http-parser --require ./inspect.js',
    }),
    [],
  );
});
