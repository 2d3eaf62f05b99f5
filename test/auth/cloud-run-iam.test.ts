import assert from 'node:assert/strict';
import { test } from 'node:test';
import { iam, iamSettings } from '../../src/auth/cloud-run-iam.ts';
import {
  assertUnauthenticated,
  authenticate,
  BEARER_CHALLENGE,
  createSettingsValidator,
  createTestDeps,
  removeSignature,
  SECONDS,
  signToken,
} from '../support/auth.ts';

const { deps, warnings } = createTestDeps();
const authenticator = iam(true, deps, ['auth', 'iam']);

const CLAIMS = { email: 'a@b.example', iat: SECONDS, exp: SECONDS + 600 };
const token = (claims: object) => `Bearer ${removeSignature(signToken({ ...CLAIMS, ...claims }))}`;
const both = (authorization: string, serverless: string | string[]) => ({
  headers: { authorization, 'x-serverless-authorization': serverless },
});

test('a token that Cloud Run has checked names its email, verified or not stated', async () => {
  for (const claims of [{}, { email_verified: true }, { email_verified: undefined }]) {
    const found = await authenticate(authenticator, { headers: { authorization: token(claims) } });
    assert.deepEqual(found, ['a@b.example']);
  }
});

test('if both headers are there, X-Serverless-Authorization alone counts', async () => {
  const [made, checked] = [token({ email: 'made@b.example' }), token({})];
  assert.deepEqual(await authenticate(authenticator, both(made, checked)), ['a@b.example']);
  for (const [other, reason] of [
    ['', 'no-credentials'],
    ['x', 'scheme'],
    [[checked], 'malformed'],
    [[checked, checked], 'malformed'],
    [`${checked}, ${checked}`, 'malformed'],
    ['Basic eDp5', 'scheme'],
    [`Bearer ${signToken(CLAIMS)}`, 'signature'],
  ] as const) {
    const request = both(made, other as string | string[]);
    await assertUnauthenticated(authenticator, request, reason, BEARER_CHALLENGE);
  }
});

for (const [claims, reason] of [
  [{ email: '' }, 'email-missing'],
  [{ email: undefined }, 'email-missing'],
  [{ email: ['a@b.example'] }, 'email-missing'],
  [{ email_verified: false }, 'email'],
  [{ exp: SECONDS - 60 }, 'expired'],
  [{ iat: SECONDS + 61 }, 'timestamp'],
  [{ exp: undefined }, 'malformed'],
] as const) {
  test(`a token with ${JSON.stringify(claims)} is refused as "${reason}", with a challenge`, () => {
    const request = { headers: { authorization: token(claims) } };
    return assertUnauthenticated(authenticator, request, reason, BEARER_CHALLENGE);
  });
}

test('no token, one in another form, and one that is still signed are refused', async () => {
  const signed = `Bearer ${signToken(CLAIMS)}`;
  for (const [headers, reason] of [
    [{}, 'no-credentials'],
    [{ authorization: token({}).replace('Bearer', 'Basic') }, 'scheme'],
    [{ authorization: signed }, 'signature'],
    [{ authorization: `${token({})}x` }, 'signature'],
    [{ authorization: 'Bearer SIGNATURE_REMOVED_BY_GOOGLE' }, 'signature'],
    [{ authorization: 'Bearer a.SIGNATURE_REMOVED_BY_GOOGLE' }, 'malformed'],
  ] as const) {
    await assertUnauthenticated(authenticator, { headers }, reason, BEARER_CHALLENGE);
  }
});

test('the start warns of what it relies on', () => {
  assert.deepEqual(warnings, [
    {
      at: ['auth', 'iam'],
      message: 'relies on Cloud Run\'s IAM check: keep the service private, without "allUsers"',
    },
  ]);
});

test('the setting is true, or not there', () => {
  const check = createSettingsValidator(iamSettings);
  assert.deepEqual(check(true), []);
  for (const value of [false, 'true', 1, {}, null]) {
    assert.deepEqual(check(value), ['must be true']);
  }
});
