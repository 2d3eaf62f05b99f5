import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { toHeadAuthentication } from '../../src/auth/authenticator.ts';
import { authSettings, createAuthenticator } from '../../src/auth/index.ts';
import { hmac, signStandardWebhook } from '../../src/cli/send/senders/hmac.ts';
import {
  createSettingsValidator,
  createTestDeps,
  googleKeys,
  isAuthenticated,
  NOW,
  SECONDS,
  signToken,
} from '../support/auth.ts';

const KEY = 'whsec_c29tZS1rZXktb2Ytc29tZS1ieXRlcw==';
const { deps, errors } = createTestDeps({ 'env:S': 'sesame', 'env:W': KEY }, { googleKeys });
const email = 'a@b.example';
const claims = {
  iss: 'accounts.google.com',
  aud: 'hook',
  email,
  email_verified: true,
  exp: SECONDS + 60,
};
const token = signToken(claims);

/** Each proof's settings, and what it alone accepts. */
const ways = {
  bearer: ['env:S', { headers: { authorization: 'Bearer sesame' } }],
  basic: [
    { username: 'ops', password: 'env:S' },
    { headers: { authorization: `Basic ${Buffer.from('ops:sesame').toString('base64')}` } },
  ],
  google: [
    { audience: 'hook', emails: [email] },
    { headers: { authorization: `Bearer ${token}` } },
  ],
  standardWebhooks: ['env:W', { headers: signStandardWebhook('', KEY, NOW, 'msg_1') }],
  iam: [
    true,
    {
      headers: {
        authorization: `Bearer ${token.replace(/[^.]+$/, 'SIGNATURE_REMOVED_BY_GOOGLE')}`,
      },
    },
  ],
  hmac: [
    { secret: 'env:S' },
    { headers: { 'x-grafana-alerting-signature': hmac('sesame', [''], 'hex') } },
  ],
  token: ['env:S', { query: 'auth_token=sesame' }],
} as const;
type Name = keyof typeof ways;

test('an auth accepts by the one proof that it names, and by no other', async () => {
  for (const [name, [settings]] of Object.entries(ways)) {
    const proof = createAuthenticator({ [name]: settings }, deps, ['auth']);
    for (const [other, [, shown]] of Object.entries(ways)) {
      assert.equal(await isAuthenticated(proof, shown), name === other, `${other} at ${name}`);
    }
  }
  assert.deepEqual(errors, []);
});

test('an auth offers what its caller offers, exactly one of them', () => {
  const both = createSettingsValidator(authSettings('bearer', 'iam'));
  assert.deepEqual(both({ bearer: 'env:S' }), []);
  assert.deepEqual(both({ iam: true }), []);
  assert.deepEqual(both({}), ['must have at least 1 key']);
  assert.deepEqual(both({ bearer: 'env:S', iam: true }), ['must have at most 1 key']);
  assert.deepEqual(both({ token: 'env:S' }), ['token is unknown']);
  assert.deepEqual(both([]), ['must be an object']);
  for (const name of Object.keys(ways) as Name[]) {
    const alone = createSettingsValidator(authSettings(name));
    assert.deepEqual(alone({ [name]: ways[name][0] }), [], name);
    assert.notDeepEqual(alone({ [name]: 5 }), [], name);
  }
});

test('a fault is told where its setting is', () => {
  const { deps, errors } = createTestDeps();
  createAuthenticator({ bearer: 'env:GONE' }, deps, ['callers', 'auth']);
  assert.deepEqual(errors, [{ at: ['callers', 'auth', 'bearer'], message: 'is missing' }]);
});

describe('what a proof makes of a head', () => {
  test('where the head proves who sent it, is whom the body is from, whatever it holds', () => {
    const shown = toHeadAuthentication('ops', ['a@b.example', 'b']);
    assert.equal(shown.authenticated, true);
    const { caller, identities } = shown.authenticate(Buffer.from('anything'));
    assert.deepEqual([caller, identities], ['ops', ['a@b.example', 'b']]);
  });

  test('where the body is signed, is nobody until the body is there, and none by name', () => {
    const shown = toHeadAuthentication('ops', (body) => body.toString() === 'signed');
    assert.equal(shown.authenticated, false);
    const { caller, identities } = shown.authenticate(Buffer.from('signed'));
    assert.deepEqual([caller, identities], ['ops', []]);
    assert.throws(() => shown.authenticate(Buffer.from('other')), { reason: 'UNAUTHENTICATED' });
  });
});
