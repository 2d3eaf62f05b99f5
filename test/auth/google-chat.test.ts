import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { googleChat, isProjectNumber } from '../../src/auth/google-chat.ts';
import {
  authenticate,
  createTestDeps,
  getChallenge,
  googleKeys,
  isAuthenticated,
  SECONDS,
  signToken,
} from '../support/auth.ts';

const CHAT = 'chat@system.gserviceaccount.com';
const ADD_ON = 'service-1@gcp-sa-gsuiteaddons.iam.gserviceaccount.com';
const [URL_, NUMBER] = ['https://hook.example/chat', '123456789012'];

const exp = SECONDS + 60;
const ofGoogle = { iss: 'https://accounts.google.com', email_verified: true, exp };
/** By Chat itself; by Google for the account that all Chat apps share; by Google for an add-on's. */
const byChat = { iss: CHAT, aud: NUMBER, exp };
const shared = { ...ofGoogle, aud: URL_, email: CHAT };
const addOn = { ...ofGoogle, aud: URL_, email: ADD_ON };

const shown = (claims: object) => ({ headers: { authorization: `Bearer ${signToken(claims)}` } });
const keys = {
  chat: { chatKeys: googleKeys },
  google: { googleKeys },
  both: { chatKeys: googleKeys, googleKeys },
};

function proofOf(settings: Parameters<typeof googleChat>[0], which: keyof typeof keys = 'both') {
  return googleChat(settings, createTestDeps({}, keys[which]).deps);
}

describe("a token of Google Chat's", () => {
  test('is accepted where it is of the way that the settings tell, and names nobody', async () => {
    assert.deepEqual(await authenticate(proofOf({ audience: NUMBER }), shown(byChat)), []);
    assert.deepEqual(await authenticate(proofOf({ audience: URL_ }), shown(shared)), []);
    const own = proofOf({ audience: URL_, serviceAccount: ADD_ON });
    assert.deepEqual(await authenticate(own, shown(addOn)), []);
    const either = proofOf({ audience: NUMBER, serviceAccount: ADD_ON });
    assert.deepEqual(await authenticate(either, shown(byChat)), []);
    assert.deepEqual(await authenticate(either, shown({ ...addOn, aud: NUMBER })), []);
  });

  test("with an add-on's account configured, the one that all apps share is not enough", async () => {
    const own = proofOf({ audience: URL_, serviceAccount: ADD_ON });
    await getChallenge(own, shown(shared));
    await getChallenge(own, shown({ ...byChat, aud: URL_ }));
  });

  test("is by Chat's keys for a number, and by Google's for a URL, never the other's", async () => {
    assert.ok(await isAuthenticated(proofOf({ audience: NUMBER }, 'chat'), shown(byChat)));
    assert.ok(!(await isAuthenticated(proofOf({ audience: NUMBER }, 'google'), shown(byChat))));
    assert.ok(await isAuthenticated(proofOf({ audience: URL_ }, 'google'), shown(shared)));
    assert.ok(!(await isAuthenticated(proofOf({ audience: URL_ }, 'chat'), shown(shared))));
    const numbered = { ...shared, aud: NUMBER };
    assert.ok(
      !(await isAuthenticated(proofOf({ audience: NUMBER }), shown(numbered))),
      'not an ID token',
    );
    assert.ok(
      !(await isAuthenticated(proofOf({ audience: URL_ }), shown({ ...byChat, aud: URL_ }))),
    );
  });

  const wrong: [string, Parameters<typeof googleChat>[0], object][] = [
    ['of another issuer', { audience: NUMBER }, { ...byChat, iss: 'https://accounts.google.com' }],
    ['for another project', { audience: NUMBER }, { ...byChat, aud: '123456789013' }],
    ['for the number as a number', { audience: NUMBER }, { ...byChat, aud: Number(NUMBER) }],
    ['for another URL', { audience: URL_ }, { ...shared, aud: `${URL_}/` }],
    ['of another account', { audience: URL_ }, { ...shared, email: 'chat@evil.example' }],
    [
      'of an account that is not verified',
      { audience: URL_ },
      { ...shared, email_verified: false },
    ],
    ['of no issuer', { audience: URL_ }, { ...shared, iss: undefined }],
    ['that has ended', { audience: URL_ }, { ...shared, exp: SECONDS }],
  ];
  for (const [what, settings, claims] of wrong) {
    test(`${what} is refused, with a challenge`, async () => {
      const challenge = await getChallenge(proofOf(settings), shown(claims));
      assert.equal(challenge, 'Bearer realm="cancel-hook"');
    });
  }

  test('that is missing, or was stripped, costs no key', async () => {
    const asked = { get: (): never => assert.fail('asked for a key') };
    const { deps } = createTestDeps({}, { googleKeys: asked, chatKeys: asked });
    const token = signToken(shared).replace(/[^.]+$/, 'SIGNATURE_REMOVED_BY_GOOGLE');
    for (const headers of [{}, { authorization: `Bearer ${token}` }, { authorization: 'Bearer' }]) {
      const challenge = await getChallenge(googleChat({ audience: URL_ }, deps), { headers });
      assert.equal(challenge, 'Bearer realm="cancel-hook"');
    }
  });
});

test("a project's number is digits alone", () => {
  assert.ok(isProjectNumber('1') && isProjectNumber(NUMBER));
  for (const text of ['', 'https://1', '1a', 'a1', '1 ', '-1', '1.0'])
    assert.ok(!isProjectNumber(text), text);
});
