import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { googleChat, isProjectNumber } from '../../src/auth/google.ts';
import {
  assertUnauthenticated,
  authenticate,
  BEARER_CHALLENGE,
  createTestDeps,
  googleKeys,
  isAuthenticated,
  removeSignature,
  SECONDS,
  signToken,
  UNUSED_KEYS,
} from '../support/auth.ts';

const CHAT = 'chat@system.gserviceaccount.com';
const ADD_ON = 'service-1@gcp-sa-gsuiteaddons.iam.gserviceaccount.com';
const [URL_, NUMBER] = ['https://hook.example/chat', '123456789012'];

const times = { iat: SECONDS, exp: SECONDS + 600 };
const byGoogle = { iss: 'https://accounts.google.com', email_verified: true, ...times };
/** Signed by Chat itself; by Google for the account that all Chat apps share; for an add-on's account. */
const byChat = { iss: CHAT, aud: NUMBER, ...times };
const shared = { ...byGoogle, aud: URL_, email: CHAT };
const addOn = { ...byGoogle, aud: URL_, email: ADD_ON };

const signed = (claims: object) => ({
  headers: { authorization: `Bearer ${signToken(claims)}` },
});
const keys = {
  chat: { chatKeys: googleKeys },
  google: { googleKeys },
  both: { chatKeys: googleKeys, googleKeys },
};

function createChat(settings: Parameters<typeof googleChat>[0], which: keyof typeof keys = 'both') {
  return googleChat(settings, createTestDeps({}, keys[which]).deps);
}

describe("Google Chat's token", () => {
  test('is accepted from the signer that the settings imply, and names nobody', async () => {
    const either = { audience: NUMBER, serviceAccount: ADD_ON };
    for (const [settings, claims] of [
      [{ audience: NUMBER }, byChat],
      [{ audience: URL_ }, shared],
      [{ audience: URL_, serviceAccount: ADD_ON }, addOn],
      [either, byChat],
      [either, { ...addOn, aud: NUMBER }],
    ] as const) {
      assert.deepEqual(await authenticate(createChat(settings), signed(claims)), []);
    }
  });

  test("is verified by Chat's keys for a number, and by Google's for a URL, never the other's", async () => {
    const number = { audience: NUMBER };
    const url = { audience: URL_ };
    assert.ok(await isAuthenticated(createChat(number, 'chat'), signed(byChat)));
    assert.ok(!(await isAuthenticated(createChat(number, 'google'), signed(byChat))));
    assert.ok(await isAuthenticated(createChat(url, 'google'), signed(shared)));
    assert.ok(!(await isAuthenticated(createChat(url, 'chat'), signed(shared))));
  });

  const url = { audience: URL_ };
  const number = { audience: NUMBER };
  const own = { audience: URL_, serviceAccount: ADD_ON };
  const either = { audience: NUMBER, serviceAccount: ADD_ON };
  for (const [what, settings, claims, reason] of [
    ['of another issuer', number, { ...byChat, iss: 'https://accounts.google.com' }, 'issuer'],
    ['for another project', number, { ...byChat, aud: '123456789013' }, 'audience'],
    ['for the number as a number', number, { ...byChat, aud: Number(NUMBER) }, 'audience'],
    ['that is an ID token for the number', number, { ...shared, aud: NUMBER }, 'issuer'],
    ['by Chat for the URL', url, { ...byChat, aud: URL_ }, 'issuer'],
    ['for another URL', url, { ...shared, aud: `${URL_}/` }, 'audience'],
    ['of another account', url, { ...shared, email: 'chat@evil.example' }, 'email'],
    ['of an unverified account', url, { ...shared, email_verified: false }, 'email'],
    ['of no account', url, { ...shared, email: undefined }, 'email-missing'],
    ['that has expired', url, { ...shared, exp: SECONDS - 60 }, 'expired'],
    ["of the shared account instead of the add-on's", own, shared, 'email'],
    ["by Chat instead of the add-on's", own, { ...byChat, aud: URL_ }, 'issuer'],
    ['by Chat for another project', either, { ...byChat, aud: '1' }, 'audience'],
    ['of the shared account for the number', either, { ...shared, aud: NUMBER }, 'email'],
    ['of neither issuer', either, { ...byChat, iss: 'x' }, 'issuer'],
  ] as const) {
    test(`${what} is refused as "${reason}", with a challenge`, () =>
      assertUnauthenticated(createChat(settings), signed(claims), reason, BEARER_CHALLENGE));
  }

  test('that is missing, or whose signature is removed, costs no key', async () => {
    const { deps } = createTestDeps({}, { googleKeys: UNUSED_KEYS, chatKeys: UNUSED_KEYS });
    const authenticator = googleChat(url, deps);
    const removed = `Bearer ${removeSignature(signToken(shared))}`;
    for (const [headers, reason] of [
      [{}, 'no-credentials'],
      [{ authorization: 'Bearer' }, 'malformed'],
      [{ authorization: 'Basic eDp5' }, 'scheme'],
      [{ authorization: removed }, 'signature'],
    ] as const) {
      await assertUnauthenticated(authenticator, { headers }, reason, BEARER_CHALLENGE);
    }
  });
});

test('a project number is digits alone', () => {
  assert.ok(isProjectNumber('1') && isProjectNumber(NUMBER));
  for (const text of ['', 'https://1', '1a', 'a1', '1 ', '-1', '1.0'])
    assert.ok(!isProjectNumber(text), text);
});
