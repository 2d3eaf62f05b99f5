import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, test } from 'node:test';
import { isSignatureRemoved, unverifiedClaims, verifyIdToken } from '../../src/auth/id-token.ts';
import {
  createKeySet,
  encodeBase64Url,
  googleKeys,
  KEY_ID,
  NOW,
  SECONDS,
  signToken,
  TOKEN_KEYS,
} from '../support/auth.ts';

const HEADER = { alg: 'RS256', kid: KEY_ID };
const CLAIMS = { aud: 'hook', exp: SECONDS + 60 };
const STRIPPED = 'SIGNATURE_REMOVED_BY_GOOGLE';
const strip = (token: string) => `${token.split('.').slice(0, 2).join('.')}.${STRIPPED}`;

type Given = Partial<Parameters<typeof verifyIdToken>[0]>;

const verify = (token: string, given: Given = {}) =>
  verifyIdToken({ token, keys: googleKeys, now: NOW, validateClaims: () => true, ...given });

describe('an ID token', () => {
  test('that Google signed tells its claims', async () => {
    assert.deepEqual(await verify(signToken(CLAIMS)), CLAIMS);
  });

  const headers: Record<string, unknown> = {
    'no algorithm': { kid: KEY_ID },
    'alg: none': { ...HEADER, alg: 'none' },
    'alg: RS512': { ...HEADER, alg: 'RS512' },
    'a list of algorithms': { ...HEADER, alg: ['RS256'] },
    'no kid': { alg: 'RS256' },
    'an unknown kid': { ...HEADER, kid: 'other' },
    'a kid that is a number': { ...HEADER, kid: 1 },
    'a kid that is a list': { ...HEADER, kid: [KEY_ID] },
    'something critical': { ...HEADER, crit: [] },
    'nothing critical, but said': { ...HEADER, crit: null },
    'a header that is a list': [HEADER],
    'a header that is null': null,
    'a header that is text': 'RS256',
    'a header that is no JSON': '{',
  };
  for (const [what, header] of Object.entries(headers)) {
    test(`with ${what} is none, however well it is signed`, async () => {
      assert.equal(await verify(signToken(CLAIMS, header)), undefined);
    });
  }

  test('names a key by text alone: what could pass for a key when looked up is not looked up', async () => {
    const [key] = [TOKEN_KEYS.publicKey];
    const anyKey = { get: async () => key };
    for (const kid of [1, null, [KEY_ID], { id: KEY_ID }, true, undefined]) {
      const token = signToken(CLAIMS, { ...HEADER, kid });
      assert.equal(await verify(token, { keys: anyKey }), undefined, JSON.stringify(kid));
    }
  });

  const times: [string, Record<string, unknown>, boolean][] = [
    ['ends in a millisecond', { exp: SECONDS + 0.001 }, true],
    ['ends now', { exp: SECONDS }, false],
    ['ended', { exp: SECONDS - 1 }, false],
    ['never ends', { exp: undefined }, false],
    ['ends at a word', { exp: String(SECONDS + 60) }, false],
    ['ends in a list', { exp: [SECONDS + 60] }, false],
    ['was made five minutes from now', { iat: SECONDS + 300 }, true],
    ['was made later than that', { iat: SECONDS + 301 }, false],
    ['was made at a word', { iat: String(SECONDS) }, false],
    ['was made at null', { iat: null }, false],
    ['begins five minutes from now', { nbf: SECONDS + 300 }, true],
    ['begins later than that', { nbf: SECONDS + 301 }, false],
    ['begins at a word', { nbf: String(SECONDS) }, false],
  ];
  for (const [what, claims, good] of times) {
    test(`that ${what} is ${good ? 'good' : 'none'}`, async () => {
      const token = signToken({ ...CLAIMS, ...claims });
      assert.equal((await verify(token)) !== undefined, good);
      assert.equal(unverifiedClaims(strip(token), NOW) !== undefined, good);
    });
  }

  const good = signToken(CLAIMS);
  const [head = '', body = '', signature = ''] = good.split('.');
  for (const [what, token] of Object.entries({
    'without a signature': `${head}.${body}`,
    'with an empty signature': `${head}.${body}.`,
    'with an empty header': `.${body}.${signature}`,
    'with empty claims': `${head}..${signature}`,
    'behind another part': `x.${good}`,
    'behind a tilde': `~${good}`,
    'with a part more': `${good}.`,
    'with a part of its own': `${good}.x`,
    'signed in another base64': `${head}.${body}.+${signature.slice(1)}`,
    'signed with padding': `${good}=`,
    'with a blank in its signature': `${head}.${body}. ${signature}`,
    'with a line end': `${good}\n`,
    'with claims of another base64': signed(`${head}.+${body.slice(1)}`),
    'with claims that have a blank': signed(`${head}. ${body}`),
    'with a header that has a blank': signed(`${head} .${body}`),
    'with claims that are a list': signToken([CLAIMS]),
    'with claims that are no JSON': signToken('{'),
    'that is a word': 'token',
    'that is empty': '',
  })) {
    test(`${what} is none`, async () => {
      assert.equal(await verify(token), undefined);
      assert.equal(unverifiedClaims(token, NOW), undefined);
    });
  }

  function signed(input: string): string {
    return `${input}.${sign('sha256', Buffer.from(input), TOKEN_KEYS.privateKey).toString('base64url')}`;
  }

  test('is 8,192 characters at most', async () => {
    // Lengths of base64 come in steps, so both parts are filled.
    const filled = (length: number) => {
      for (const typ of ['', 'a', 'aa', 'aaa']) {
        for (let size = 5_800; size < 6_100; size++) {
          const parts = [
            { ...CLAIMS, fill: 'a'.repeat(size) },
            { ...HEADER, typ },
          ] as const;
          const signed = parts.reduce((sum, part) => sum + encodeBase64Url(part).length, 2 + 171);
          if (signed === length) return signToken(...parts);
        }
      }
      return assert.fail('no such length');
    };
    assert.equal(filled(8_192).length, 8_192);
    assert.ok(await verify(filled(8_192)));
    assert.equal(await verify(filled(8_193)), undefined);
  });

  test('is held against a key of RSA alone, and against that key', async () => {
    const { publicKey } = generateKeyPairSync('ed25519');
    assert.equal(await verify(good, { keys: createKeySet({ [KEY_ID]: publicKey }) }), undefined);
    const other = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey;
    assert.equal(await verify(good, { keys: createKeySet({ [KEY_ID]: other }) }), undefined);
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const input = `${encodeBase64Url(HEADER)}.${encodeBase64Url(CLAIMS)}`;
    const token = `${input}.${sign('sha256', Buffer.from(input), ec.privateKey).toString('base64url')}`;
    assert.equal(
      await verify(token, { keys: createKeySet({ [KEY_ID]: ec.publicKey }) }),
      undefined,
    );
  });

  test('for someone else, or out of its time, costs no key', async () => {
    const keys = {
      get: (): never => assert.fail('asked for a key'),
    };
    assert.equal(await verify(good, { keys, validateClaims: () => false }), undefined);
    const late = signToken({ ...CLAIMS, exp: SECONDS - 1 });
    assert.equal(await verify(late, { keys }), undefined);
  });

  test('is expected by what it claims', async () => {
    const seen: unknown[] = [];
    const validateClaims = (claims: unknown) => {
      seen.push(claims);
      return true;
    };
    await verify(good, { validateClaims });
    assert.deepEqual(seen, [CLAIMS]);
  });
});

describe('a token whose signature Cloud Run removed', () => {
  test('tells its claims as they stand', () => {
    assert.deepEqual(unverifiedClaims(strip(signToken(CLAIMS)), NOW), CLAIMS);
    assert.equal(unverifiedClaims(signToken(CLAIMS), NOW), undefined);
    assert.equal(unverifiedClaims(`${strip(signToken(CLAIMS))}x`, NOW), undefined);
  });

  test('is told by its end', () => {
    assert.ok(isSignatureRemoved(`a.b.${STRIPPED}`));
    for (const token of [STRIPPED, `a.b.x${STRIPPED}`, `a.b.${STRIPPED}.`, `a.${STRIPPED}.b`, '']) {
      assert.ok(!isSignatureRemoved(token), token);
    }
  });

  test('never verifies as a signed one', async () => {
    assert.equal(await verify(strip(signToken(CLAIMS))), undefined);
  });
});
