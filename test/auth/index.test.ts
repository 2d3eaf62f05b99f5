import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { authSettings, createAuthenticator, toHeadAuthentication } from '../../src/auth/index.ts';
import { hmac, signStandardWebhook } from '../../src/cli/send/senders/hmac.ts';
import {
  createSettingsValidator,
  createTestDeps,
  googleKeys,
  isAuthenticated,
  NOW,
  removeSignature,
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
  iat: SECONDS,
  exp: SECONDS + 60,
};
const token = signToken(claims);

/** The settings of each scheme, and a request that it alone accepts. */
const schemes = {
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
        authorization: `Bearer ${removeSignature(token)}`,
      },
    },
  ],
  hmac: [
    { secret: 'env:S' },
    { headers: { 'x-grafana-alerting-signature': hmac('sesame', [''], 'hex') } },
  ],
  token: ['env:S', { query: 'auth_token=sesame' }],
} as const;
type Name = keyof typeof schemes;

test('an auth accepts what its scheme accepts, and nothing of another scheme', async () => {
  for (const [name, [settings]] of Object.entries(schemes)) {
    const authenticator = createAuthenticator({ [name]: settings }, deps, ['auth']);
    for (const [other, [, request]] of Object.entries(schemes)) {
      assert.equal(
        await isAuthenticated(authenticator, request),
        name === other,
        `${other} at ${name}`,
      );
    }
  }
  assert.deepEqual(errors, []);
});

test('an auth holds exactly one scheme of those that its caller offers', () => {
  const both = createSettingsValidator(authSettings('bearer', 'iam'));
  assert.deepEqual(both({ bearer: 'env:S' }), []);
  assert.deepEqual(both({ iam: true }), []);
  assert.deepEqual(both({}), ['must have at least 1 key']);
  assert.deepEqual(both({ bearer: 'env:S', iam: true }), ['must have at most 1 key']);
  assert.deepEqual(both({ token: 'env:S' }), ['token is unknown']);
  assert.deepEqual(both([]), ['must be an object']);
  for (const name of Object.keys(schemes) as Name[]) {
    const alone = createSettingsValidator(authSettings(name));
    assert.deepEqual(alone({ [name]: schemes[name][0] }), [], name);
    assert.notDeepEqual(alone({ [name]: 5 }), [], name);
  }
});

test('an error names the place of its setting', () => {
  const { deps, errors } = createTestDeps();
  createAuthenticator({ bearer: 'env:GONE' }, deps, ['callers', 'auth']);
  assert.deepEqual(errors, [{ at: ['callers', 'auth', 'bearer'], message: 'is missing' }]);
});

describe('the authentication of a head', () => {
  test('that identifies its sender yields a principal, whatever the body holds', () => {
    const authentication = toHeadAuthentication('ops', ['a@b.example', 'b']);
    assert.equal(authentication.authenticated, true);
    const { caller, identities } = authentication.authenticate(Buffer.from('anything'));
    assert.deepEqual([caller, identities], ['ops', ['a@b.example', 'b']]);
  });

  test('of a signed body yields a principal without identities, or a 401 as "signature"', () => {
    const authentication = toHeadAuthentication('ops', (body) => body.toString() === 'signed');
    assert.equal(authentication.authenticated, false);
    const { caller, identities } = authentication.authenticate(Buffer.from('signed'));
    assert.deepEqual([caller, identities], ['ops', []]);
    assert.throws(() => authentication.authenticate(Buffer.from('other')), {
      reason: 'UNAUTHENTICATED',
      unauthenticated: 'signature',
    });
  });
});
