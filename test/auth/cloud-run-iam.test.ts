import assert from 'node:assert/strict';
import { test } from 'node:test';
import { iam, iamSettings } from '../../src/auth/cloud-run-iam.ts';
import {
  authenticate,
  createSettingsValidator,
  createTestDeps,
  getChallenge,
  SECONDS,
  signToken,
} from '../support/auth.ts';

const STRIPPED = 'SIGNATURE_REMOVED_BY_GOOGLE';
const { deps, warnings } = createTestDeps();
const proof = iam(true, deps, ['auth', 'iam']);

const token = (claims: object) =>
  `Bearer ${signToken({ email: 'a@b.example', exp: SECONDS + 60, ...claims }).replace(/[^.]+$/, STRIPPED)}`;
const both = (authorization: string, serverless: string | string[]) => ({
  headers: { authorization, 'x-serverless-authorization': serverless },
});

test('a token that Cloud Run checked names its email, verified or not said', async () => {
  for (const claims of [{}, { email_verified: true }, { email_verified: undefined }]) {
    const found = await authenticate(proof, { headers: { authorization: token(claims) } });
    assert.deepEqual(found, ['a@b.example']);
  }
});

test('of two, the one in X-Serverless-Authorization was checked, and that one alone counts', async () => {
  const [made, checked] = [token({ email: 'made@b.example' }), token({})];
  assert.deepEqual(await authenticate(proof, both(made, checked)), ['a@b.example']);
  for (const other of ['', 'x', [checked], [checked, checked], 'Basic eDp5']) {
    assert.equal(await getChallenge(proof, both(made, other)), 'Bearer realm="cancel-hook"');
  }
});

for (const claims of [
  { email: '' },
  { email: undefined },
  { email: ['a@b.example'] },
  { email_verified: false },
  { exp: SECONDS },
]) {
  test(`a token with ${JSON.stringify(claims)} is refused, with a challenge`, async () => {
    const shown = { headers: { authorization: token(claims) } };
    assert.equal(await getChallenge(proof, shown), 'Bearer realm="cancel-hook"');
  });
}

test('no token, and one that is still signed, are refused', async () => {
  await getChallenge(proof, {});
  const signed = `Bearer ${signToken({ email: 'a@b.example', exp: SECONDS + 60 })}`;
  await getChallenge(proof, { headers: { authorization: signed } });
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
  const faults = createSettingsValidator(iamSettings);
  assert.deepEqual(faults(true), []);
  for (const value of [false, 'true', 1, {}, null])
    assert.deepEqual(faults(value), ['must be true']);
});
