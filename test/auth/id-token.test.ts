import assert from 'node:assert/strict';
import { constants, createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { describe, test } from 'node:test';
import { checkVerifiedToken, type ExpectedClaims, verifyIdToken } from '../../src/auth/id-token.ts';
import type { KeySet } from '../../src/auth/key-set.ts';
import { StatusError } from '../../src/errors.ts';
import {
  createKeySet,
  encodeBase64Url,
  googleKeys,
  KEY_ID,
  NOW,
  removeSignature,
  SECONDS,
  signToken,
  TOKEN_KEYS,
  UNUSED_KEYS,
} from '../support/auth.ts';

const HEADER = { alg: 'RS256', kid: KEY_ID };
const CLAIMS = { aud: 'hook', iat: SECONDS, exp: SECONDS + 600 };

function verify(token: string, keys: KeySet = googleKeys, expected: ExpectedClaims = {}) {
  return verifyIdToken(token, { expected, keys, now: NOW });
}

/** Signs a header and claims that are encoded already. */
function signParts(input: string, key = TOKEN_KEYS.privateKey): string {
  return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`;
}

describe('a signed token', () => {
  const good = signToken(CLAIMS);

  test('that Google signed yields its claims', async () => {
    assert.deepEqual(await verify(good), CLAIMS);
  });

  for (const [what, header, reason] of [
    ['no algorithm', { kid: KEY_ID }, 'signature'],
    ['alg: none', { ...HEADER, alg: 'none' }, 'signature'],
    ['alg: RS512', { ...HEADER, alg: 'RS512' }, 'signature'],
    ['alg: PS256', { ...HEADER, alg: 'PS256' }, 'signature'],
    ['a list of algorithms', { ...HEADER, alg: ['RS256'] }, 'signature'],
    ['no kid', { alg: 'RS256' }, 'unknown-key'],
    ['an unknown kid', { ...HEADER, kid: 'other' }, 'unknown-key'],
    ['a kid that is a number', { ...HEADER, kid: 1 }, 'unknown-key'],
    ['a kid that is a list', { ...HEADER, kid: [KEY_ID] }, 'unknown-key'],
    ['an unknown critical parameter', { ...HEADER, crit: ['exp'], exp: 1 }, 'signature'],
    ['an empty list of critical parameters', { ...HEADER, crit: [] }, 'signature'],
    ['a payload that is not encoded', { ...HEADER, crit: ['b64'], b64: false }, 'signature'],
    ['a header that is a list', [HEADER], 'malformed'],
    ['a header that is null', null, 'malformed'],
    ['a header that is text', 'RS256', 'malformed'],
    ['a header that is not JSON', '{', 'malformed'],
  ] as const) {
    test(`with ${what} is refused as "${reason}", although it is signed`, async () => {
      assert.equal(await verify(signToken(CLAIMS, header)), reason);
    });
  }

  test('with another algorithm is refused as "signature", although its key signed it so', async () => {
    const { privateKey: key } = TOKEN_KEYS;
    const pss = { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
    for (const [alg, hash, signer] of [
      ['RS384', 'sha384', key],
      ['RS512', 'sha512', key],
      ['PS256', 'sha256', pss],
    ] as const) {
      const input = `${encodeBase64Url({ ...HEADER, alg })}.${encodeBase64Url(CLAIMS)}`;
      const signature = sign(hash, Buffer.from(input), signer).toString('base64url');
      assert.equal(await verify(`${input}.${signature}`), 'signature', alg);
    }
  });

  test('with an HMAC under the public key is refused as "signature"', async () => {
    const pem = TOKEN_KEYS.publicKey.export({ type: 'spki', format: 'pem' });
    const input = `${encodeBase64Url({ ...HEADER, alg: 'HS256' })}.${encodeBase64Url(CLAIMS)}`;
    const hmac = createHmac('sha256', pem).update(input).digest('base64url');
    assert.equal(await verify(`${input}.${hmac}`), 'signature');
  });

  test('is judged by the clock that is handed in, at any time, with the leeway', async () => {
    for (const seconds of [1_000_000_000, 4_000_000_000]) {
      const claims = { iat: seconds + 30, nbf: seconds + 30, exp: seconds - 30 };
      const options = { expected: {}, keys: googleKeys, now: seconds * 1000 };
      assert.deepEqual(await verifyIdToken(signToken(claims), options), claims);
    }
  });

  test('names its key by text alone: another value is not looked up', async () => {
    const anyKey = { get: async () => TOKEN_KEYS.publicKey };
    for (const kid of [1, null, [KEY_ID], { id: KEY_ID }, true, undefined]) {
      const token = signToken(CLAIMS, { ...HEADER, kid });
      assert.equal(await verify(token, anyKey), 'unknown-key', JSON.stringify(kid));
    }
  });

  test('with a changed byte, header or claims is refused as "signature"', async () => {
    const [head = '', body = '', signature = ''] = good.split('.');
    const changed = `${signature[0] === 'A' ? 'B' : 'A'}${signature.slice(1)}`;
    for (const token of [
      `${head}.${body}.${changed}`,
      `${head}.${encodeBase64Url({ ...CLAIMS, sub: 'x' })}.${signature}`,
      `${encodeBase64Url({ ...HEADER, typ: 'x' })}.${body}.${signature}`,
    ]) {
      assert.equal(await verify(token), 'signature');
    }
  });

  test('is verified by the key with its id alone, which is an RSA key of 2,048 bits or more', async () => {
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;
    assert.equal(await verify(good, createKeySet({ [KEY_ID]: other })), 'signature');
    const { publicKey: ed25519 } = generateKeyPairSync('ed25519');
    assert.equal(await verify(good, createKeySet({ [KEY_ID]: ed25519 })), 'signature');
    const input = `${encodeBase64Url(HEADER)}.${encodeBase64Url(CLAIMS)}`;
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const byEc = signParts(input, ec.privateKey);
    assert.equal(await verify(byEc, createKeySet({ [KEY_ID]: ec.publicKey })), 'signature');
    const small = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const bySmall = signParts(input, small.privateKey);
    assert.equal(await verify(bySmall, createKeySet({ [KEY_ID]: small.publicKey })), 'signature');
  });

  test('whose key cannot be fetched is not refused: KEYS_UNAVAILABLE', async () => {
    const error = StatusError.create('KEYS_UNAVAILABLE', 'no keys');
    await assert.rejects(verify(good, { get: () => Promise.reject(error) }), error);
  });

  test('for another audience, or out of its time, costs no key', async () => {
    assert.equal(await verify(good, UNUSED_KEYS, { audiences: ['other'] }), 'audience');
    const expired = signToken({ ...CLAIMS, exp: SECONDS - 60 });
    assert.equal(await verify(expired, UNUSED_KEYS), 'expired');
  });

  test('whose signature Cloud Run has removed is refused as "signature", without a key', async () => {
    assert.equal(await verify(removeSignature(good), UNUSED_KEYS), 'signature');
  });

  test('with claims in another base64 is refused, although it is signed', async () => {
    const [head = '', body = ''] = good.split('.');
    for (const input of [`${head}.+${body.slice(1)}`, `${head}. ${body}`, `${head} .${body}`]) {
      assert.equal(await verify(signParts(input)), 'malformed');
    }
  });
});

describe('claims', () => {
  const check = (claims: object, expected: ExpectedClaims = {}) => {
    const token = removeSignature(signToken({ ...CLAIMS, ...claims }));
    const result = checkVerifiedToken(token, expected, NOW);
    return typeof result === 'string' ? result : 'accepted';
  };

  for (const [what, claims, expected] of [
    ['exp 60 s ago', { exp: SECONDS - 60 }, 'expired'],
    ['exp 59.999 s ago', { exp: SECONDS - 59.999 }, 'accepted'],
    ['no exp', { exp: undefined }, 'malformed'],
    ['an exp that is text', { exp: String(SECONDS + 600) }, 'malformed'],
    ['an exp that is a list', { exp: [SECONDS + 600] }, 'malformed'],
    ['an iat in 60 s', { iat: SECONDS + 60 }, 'accepted'],
    ['an iat in 60.001 s', { iat: SECONDS + 60.001 }, 'timestamp'],
    ['no iat', { iat: undefined }, 'malformed'],
    ['an iat that is text', { iat: String(SECONDS) }, 'malformed'],
    ['an iat that is null', { iat: null }, 'malformed'],
    ['an iat that is text beside an nbf', { iat: String(SECONDS), nbf: SECONDS }, 'malformed'],
    ['an nbf in 60 s', { nbf: SECONDS + 60 }, 'accepted'],
    ['an nbf in 61 s', { nbf: SECONDS + 61 }, 'timestamp'],
    ['an nbf that is text', { nbf: String(SECONDS) }, 'malformed'],
    ['an nbf that is null', { nbf: null }, 'malformed'],
  ] as const) {
    test(`with ${what} are ${expected === 'accepted' ? expected : `refused as "${expected}"`}`, () => {
      assert.equal(check(claims), expected);
    });
  }

  test('must name one of the issuers and one of the audiences, exactly and as text', () => {
    const expected = { issuers: ['i', 'j'], audiences: ['a', 'b'] };
    const good = { iss: 'i', aud: 'a' };
    assert.equal(check(good, expected), 'accepted');
    assert.equal(check({ iss: 'j', aud: 'b' }, expected), 'accepted');
    for (const iss of ['I', 'k', '', ['i'], undefined, null]) {
      assert.equal(check({ ...good, iss }, expected), 'issuer');
    }
    for (const aud of ['A', 'c', 'a/', '', ['a'], ['a', 'b'], undefined, 1]) {
      assert.equal(check({ ...good, aud }, expected), 'audience');
    }
    assert.equal(check({ iss: 'any', aud: ['any'] }), 'accepted', 'nothing is expected');
  });

  test('must hold an email that is verified, or is not known to be unverified, as expected', () => {
    const emails = ['a@b.example', 'c@b.example'];
    for (const [claims, verified, present] of [
      [{ email: emails[0], email_verified: true }, 'accepted', 'accepted'],
      [{ email: emails[1], email_verified: true }, 'accepted', 'accepted'],
      [{ email: emails[0] }, 'email', 'accepted'],
      [{ email: emails[0], email_verified: 'true' }, 'email', 'accepted'],
      [{ email: emails[0], email_verified: false }, 'email', 'email'],
      [{ email: 'A@b.example', email_verified: true }, 'email', 'email'],
      [{ email: [emails[0]], email_verified: true }, 'email-missing', 'email-missing'],
      [{ email: '', email_verified: true }, 'email-missing', 'email-missing'],
      [{ email_verified: true }, 'email-missing', 'email-missing'],
    ] as const) {
      assert.equal(check(claims, { email: 'verified', emails }), verified, JSON.stringify(claims));
      assert.equal(check(claims, { email: 'present', emails }), present, JSON.stringify(claims));
    }
    assert.equal(check({ email: 'any', email_verified: true }, { email: 'verified' }), 'accepted');
    assert.equal(check({}, {}), 'accepted', 'nothing is expected');
  });

  test('are those of a token in three parts of base64url, else it is refused as "malformed"', async () => {
    const good = signToken(CLAIMS);
    const [head, body, signature = ''] = good.split('.');
    for (const token of [
      ...['', 'token', `${head}.${body}`, `${head}.${body}.`, `.${body}.${signature}`],
      ...[`${head}..${signature}`, `x.${good}`, `~${good}`, `${good}.`, `${good}.x`, `${good}=`],
      ...[`${good}\n`, ` ${good}`, `${head}.${body}.+${signature.slice(1)}`],
      ...[signToken([CLAIMS]), signToken('{'), signToken('null'), signToken('"text"')],
    ]) {
      assert.equal(await verify(token, UNUSED_KEYS), 'malformed', token);
    }
    for (const token of [
      signToken([CLAIMS]),
      signToken('{'),
      signToken(CLAIMS, null),
      `x.${good}`,
    ]) {
      assert.equal(checkVerifiedToken(removeSignature(token), {}, NOW), 'malformed', token);
    }
  });

  test('of a token of more than 8,192 characters are not decoded', () => {
    const fill = (length: number) => {
      const REMOVED = removeSignature('x');
      for (let size = 5_900; size < 6_200; size++) {
        for (const typ of ['', 'a', 'aa', 'aaa']) {
          const header = encodeBase64Url({ ...HEADER, typ });
          const token = `${header}.${encodeBase64Url({ ...CLAIMS, fill: 'a'.repeat(size) })}.${REMOVED}`;
          if (token.length === length) return token;
        }
      }
      return assert.fail(`no token of ${length} characters`);
    };
    assert.equal(typeof checkVerifiedToken(fill(8_192), {}, NOW), 'object');
    assert.equal(checkVerifiedToken(fill(8_193), {}, NOW), 'malformed');
  });
});

describe('a token whose signature Cloud Run has removed', () => {
  test('yields its claims', () => {
    assert.deepEqual(checkVerifiedToken(removeSignature(signToken(CLAIMS)), {}, NOW), CLAIMS);
  });

  test('is recognized by its end alone; any other is refused as "signature"', () => {
    const REMOVED = 'SIGNATURE_REMOVED_BY_GOOGLE';
    const [head, body] = signToken(CLAIMS).split('.');
    for (const token of [
      signToken(CLAIMS),
      ...[REMOVED, `${head}.${body}.x${REMOVED}`, `${head}.${body}.${REMOVED}x`, ''],
      ...[`${head}.${body}.${REMOVED}.`, `${REMOVED}.${head}.${body}`],
    ]) {
      assert.equal(checkVerifiedToken(token, {}, NOW), 'signature', token);
    }
  });
});
