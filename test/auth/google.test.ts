import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { google, googleSettings } from '../../src/auth/google.ts';
import { StatusError } from '../../src/errors.ts';
import {
  assertUnauthenticated,
  authenticate,
  BEARER_CHALLENGE,
  createSettingsValidator,
  createTestDeps,
  googleKeys,
  removeSignature,
  SECONDS,
  signToken,
} from '../support/auth.ts';

const AUDIENCE = 'https://hook.example';
const [EMAIL, OTHER] = ['a@b.example', 'second@b.example'];
const CLAIMS = {
  iss: 'https://accounts.google.com',
  aud: AUDIENCE,
  email: EMAIL,
  email_verified: true,
  iat: SECONDS,
  exp: SECONDS + 600,
};
const { deps } = createTestDeps({}, { googleKeys });
const authenticator = google({ audience: AUDIENCE, emails: [EMAIL, OTHER] }, deps);
const bearer = (claims: object) => `Bearer ${signToken({ ...CLAIMS, ...claims })}`;
const good = bearer({});
const stripped = removeSignature(good);
const SERVERLESS = 'x-serverless-authorization';

describe("Google's ID token", () => {
  test('is accepted from each email and both names of the issuer, and names its email', async () => {
    for (const claims of [{}, { email: OTHER }, { iss: 'accounts.google.com' }]) {
      const found = await authenticate(authenticator, {
        headers: { authorization: bearer(claims) },
      });
      assert.deepEqual(found, ['email' in claims ? OTHER : EMAIL]);
    }
  });

  for (const [claims, reason] of [
    [{ iss: 'https://accounts.google.com.evil.example' }, 'issuer'],
    [{ iss: 'chat@system.gserviceaccount.com' }, 'issuer'],
    [{ aud: `${AUDIENCE}/` }, 'audience'],
    [{ email: 'c@b.example' }, 'email'],
    [{ email_verified: undefined }, 'email'],
    [{ email: undefined }, 'email-missing'],
    [{ exp: SECONDS - 60 }, 'expired'],
    [{ iat: SECONDS + 61 }, 'timestamp'],
  ] as const) {
    test(`with ${JSON.stringify(claims)} is refused as "${reason}", with a challenge`, async () => {
      const request = { headers: { authorization: bearer(claims) } };
      await assertUnauthenticated(authenticator, request, reason, BEARER_CHALLENGE);
    });
  }

  test('is accepted for each audience of a list, and for no other', async () => {
    const audience = [AUDIENCE, 'https://other.example'];
    const listed = google({ audience, emails: [EMAIL] }, deps);
    for (const aud of audience) {
      const found = await authenticate(listed, { headers: { authorization: bearer({ aud }) } });
      assert.deepEqual(found, [EMAIL]);
    }
    for (const aud of ['https://third.example', audience, [AUDIENCE]]) {
      const request = { headers: { authorization: bearer({ aud }) } };
      await assertUnauthenticated(listed, request, 'audience', BEARER_CHALLENGE);
    }
  });

  test('may stand in X-Serverless-Authorization, beside anything in Authorization', async () => {
    for (const headers of [
      { [SERVERLESS]: good },
      { [SERVERLESS]: stripped, authorization: good },
      { [SERVERLESS]: good, authorization: stripped },
      { [SERVERLESS]: good, authorization: bearer({ aud: 'other' }) },
      { [SERVERLESS]: good, authorization: 'Basic eDp5' },
    ]) {
      assert.deepEqual(await authenticate(authenticator, { headers }), [EMAIL]);
    }
  });

  test('is refused with the reason of the first header that holds something', async () => {
    for (const [headers, reason] of [
      [{}, 'no-credentials'],
      [{ authorization: 'Basic eDp5' }, 'scheme'],
      [{ authorization: 'Bearer a.b.c' }, 'malformed'],
      [{ authorization: stripped, [SERVERLESS]: stripped }, 'signature'],
      [{ [SERVERLESS]: stripped }, 'signature'],
      [{ [SERVERLESS]: Array(1).fill(good) as string[] }, 'malformed'],
      [{ [SERVERLESS]: Array(2).fill(good) as string[] }, 'malformed'],
      [{ authorization: bearer({ aud: 'other' }), [SERVERLESS]: stripped }, 'audience'],
      [{ authorization: `Bearer ${signToken(CLAIMS, { alg: 'RS256', kid: 'x' })}` }, 'unknown-key'],
    ] as const) {
      await assertUnauthenticated(authenticator, { headers }, reason, BEARER_CHALLENGE);
    }
  });

  test('that cannot be verified now is KEYS_UNAVAILABLE', async () => {
    const keys = {
      get: () => Promise.reject(StatusError.create('KEYS_UNAVAILABLE', 'no keys')),
    };
    const other = google(
      { audience: AUDIENCE, emails: [EMAIL] },
      createTestDeps({}, { googleKeys: keys }).deps,
    );
    const result = await authenticate(other, { headers: { authorization: good } });
    assert.ok(result instanceof StatusError && result.reason === 'KEYS_UNAVAILABLE');
  });
});

test('the settings are an audience or a list of them, and emails', () => {
  const check = createSettingsValidator(googleSettings);
  const settings = { audience: 'a', emails: ['a@b'] };
  assert.deepEqual(check(settings), []);
  assert.deepEqual(check({ ...settings, audience: ['a', 'b'] }), []);
  assert.deepEqual(check({ emails: settings.emails }), ['audience is required']);
  assert.deepEqual(check({ audience: 'a' }), ['emails is required']);
  assert.deepEqual(check({ ...settings, issuer: 'x' }), ['issuer is unknown']);
  assert.deepEqual(check([]), ['must be an object']);
  assert.deepEqual(check({ ...settings, emails: ['a@b.c d'] }), [
    'emails[0] must be an email address',
  ]);
  for (const over of [
    ...[
      { audience: '' },
      { audience: 1 },
      { audience: [] },
      { audience: [''] },
      { emails: [] },
      { emails: 'a@b' },
    ],
    ...[{ emails: ['a'] }, { emails: ['a@'] }, { emails: ['@b'] }, { emails: ['a@b@c'] }],
    ...[{ emails: [' a@b'] }, { emails: ['a@b '] }, { emails: ['a b@c'] }, { emails: [1] }],
    ...[{ emails: ['a@b c'] }, { emails: ['a@b', ''] }],
  ]) {
    assert.notDeepEqual(check({ ...settings, ...over }), [], JSON.stringify(over));
  }
});
