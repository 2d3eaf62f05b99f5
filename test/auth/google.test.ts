import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { google, googleSettings } from '../../src/auth/google.ts';
import {
  authenticate,
  createSettingsValidator,
  createTestDeps,
  getChallenge,
  googleKeys,
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
  exp: SECONDS + 60,
};
const { deps } = createTestDeps({}, { googleKeys });
const proof = google({ audience: AUDIENCE, emails: [EMAIL, OTHER] }, deps);
const bearer = (claims: object) => `Bearer ${signToken({ ...CLAIMS, ...claims })}`;
const stripped = bearer({}).replace(/[^.]+$/, 'SIGNATURE_REMOVED_BY_GOOGLE');
const SERVERLESS = 'x-serverless-authorization';

describe("Google's ID token", () => {
  test('names whose it is', async () => {
    for (const claims of [{}, { email: OTHER }, { iss: 'accounts.google.com' }]) {
      const found = await authenticate(proof, { headers: { authorization: bearer(claims) } });
      assert.deepEqual(found, ['email' in claims ? OTHER : EMAIL]);
    }
  });

  const wrong: Record<string, object> = {
    'another issuer': { iss: 'https://accounts.google.com.evil.example' },
    'no issuer': { iss: undefined },
    'another audience': { aud: `${AUDIENCE}/` },
    'a list of audiences': { aud: [AUDIENCE] },
    'another email': { email: 'c@b.example' },
    'a list of emails': { email: [EMAIL] },
    'an email that is not verified': { email_verified: false },
    'an email verified by a word': { email_verified: 'true' },
    'an email of which nothing is said': { email_verified: undefined },
    'an end in the past': { exp: SECONDS - 1 },
  };
  for (const [what, claims] of Object.entries(wrong)) {
    test(`with ${what} is refused, with a challenge`, async () => {
      const challenge = await getChallenge(proof, { headers: { authorization: bearer(claims) } });
      assert.equal(challenge, 'Bearer realm="cancel-hook"');
    });
  }

  test('may stand beside the one that Cloud Run checked and stripped, in either header', async () => {
    const good = bearer({});
    for (const headers of [
      { [SERVERLESS]: good },
      { [SERVERLESS]: stripped, authorization: good },
      { [SERVERLESS]: good, authorization: stripped },
      { [SERVERLESS]: good, authorization: bearer({ aud: 'other' }) },
      { [SERVERLESS]: good, authorization: 'Basic eDp5' },
    ]) {
      assert.deepEqual(await authenticate(proof, { headers }), [EMAIL]);
    }
    await getChallenge(proof, { headers: { [SERVERLESS]: stripped, authorization: stripped } });
    for (const many of [[good], [good, good]]) {
      await getChallenge(proof, { headers: { [SERVERLESS]: many } });
    }
    await getChallenge(proof, {});
  });

  test('that was stripped is not even looked at', async () => {
    const keys = { get: (): never => assert.fail('asked for a key') };
    const looking = google(
      { audience: AUDIENCE, emails: [EMAIL] },
      createTestDeps({}, { googleKeys: keys }).deps,
    );
    await getChallenge(looking, { headers: { authorization: stripped } });
  });
});

test('the settings are an audience, and emails', () => {
  const faults = createSettingsValidator(googleSettings);
  const good = { audience: 'a', emails: ['a@b'] };
  assert.deepEqual(faults(good), []);
  assert.deepEqual(faults({ emails: good.emails }), ['audience is required']);
  assert.deepEqual(faults({ audience: 'a' }), ['emails is required']);
  assert.deepEqual(faults({ ...good, issuer: 'x' }), ['issuer is unknown']);
  assert.deepEqual(faults([]), ['must be an object']);
  assert.deepEqual(faults({ ...good, emails: ['a@b.c d'] }), [
    'emails[0] must be an email address',
  ]);
  for (const over of [
    ...[{ audience: '' }, { audience: 1 }, { audience: ['a'] }, { emails: [] }, { emails: 'a@b' }],
    ...[{ emails: ['a'] }, { emails: ['a@'] }, { emails: ['@b'] }, { emails: ['a@b@c'] }],
    ...[{ emails: [' a@b'] }, { emails: ['a@b '] }, { emails: ['a b@c'] }, { emails: [1] }],
    ...[{ emails: ['a@b c'] }, { emails: ['a@b', ''] }],
  ]) {
    assert.notDeepEqual(faults({ ...good, ...over }), [], JSON.stringify(over));
  }
});
