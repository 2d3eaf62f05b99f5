import assert from 'node:assert/strict';
import { test } from 'node:test';
import { iam, iamSettings } from '../../src/auth/google.ts';
import {
  assertUnauthenticated,
  authenticate,
  BEARER_CHALLENGE,
  createSettingsValidator,
  createTestDeps,
  isAuthenticated,
  removeSignature,
  SECONDS,
  signToken,
} from '../support/auth.ts';

const { deps } = createTestDeps();
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

test('audience and emails, if configured, are checked', async () => {
  const both = iam({ audience: ['https://a', 'https://b'], emails: ['a@b.example'] }, deps, []);
  const one = iam({ audience: 'https://a' }, deps, []);
  const emails = iam({ emails: ['a@b.example'] }, deps, []);
  for (const [authenticator, claims, reason] of [
    [both, { aud: 'https://b' }, undefined],
    [both, { aud: 'https://c' }, 'audience'],
    [both, { aud: 'https://a', email: 'c@b.example' }, 'email'],
    [one, { aud: 'https://a', email: 'c@b.example' }, undefined],
    [one, { aud: undefined }, 'audience'],
    [one, { aud: ['https://a'] }, 'audience'],
    [one, { aud: 'https://a', email: undefined }, 'email-missing'],
    [emails, {}, undefined],
    [emails, { email: 'A@b.example' }, 'email'],
  ] as const) {
    const request = { headers: { authorization: token(claims) } };
    if (reason === undefined) assert.ok(await isAuthenticated(authenticator, request));
    else await assertUnauthenticated(authenticator, request, reason, BEARER_CHALLENGE);
  }
});

test('the start warns of both ways in which a service is public', () => {
  const { deps, warnings } = createTestDeps();
  iam(true, deps, ['auth', 'iam']);
  assert.deepEqual(warnings, [
    {
      at: ['auth', 'iam'],
      message:
        'relies on Cloud Run\'s IAM check: anybody can forge its tokens if "allUsers" may invoke the service, or if its invoker IAM check is disabled',
    },
  ]);
});

test('the setting is true, or an audience, emails, or both', () => {
  const check = createSettingsValidator(iamSettings);
  const emails = ['a@b.example'];
  for (const value of [true, { audience: 'a' }, { audience: ['a', 'b'] }, { emails }]) {
    assert.deepEqual(check(value), []);
  }
  assert.deepEqual(check({ audience: 'a', emails }), []);
  for (const value of [false, 'true', 1, [], null]) {
    assert.deepEqual(check(value), ['must be true'], JSON.stringify(value));
  }
  for (const [value, message] of [
    [{}, 'must have at least 1 key'],
    [{ audience: '' }, 'audience must have at least 1 character'],
    [{ audience: [] }, 'audience must have at least 1 item'],
    [{ audience: 5 }, 'audience must be a string or a list'],
    [{ emails: ['a@b.c d'] }, 'emails[0] must be an email address'],
    [{ emails: [] }, 'emails must have at least 1 item'],
    [{ audience: 'a', issuer: 'x' }, 'issuer is unknown'],
  ] as const) {
    assert.deepEqual(check(value), [message]);
  }
});
