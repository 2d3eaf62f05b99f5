import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import type { MintOptions } from '../emulator/index.ts';
import { assertAuthenticated, assertUnauthorized } from '../support/authenticate.ts';
import { getCancelRequests, startTestApp, type TestApp } from '../support/test-app.ts';

const AUDIENCE = 'https://hook.example.com';
const EMAIL = 'sweeper@my-project.iam.gserviceaccount.com';
const STRIPPED = 'SIGNATURE_REMOVED_BY_GOOGLE';

let app: TestApp;
before(async () => {
  const google = { audience: AUDIENCE, emails: [EMAIL, 'second@example.com'] };
  app = await startTestApp({
    config: {
      callers: {
        google: { type: 'json', auth: { google } },
        bearer: { type: 'json', auth: { bearer: 'env:OPS_TOKEN' } },
      },
    },
  });
});
after(() => app.stop());

type Claims = Record<string, unknown>;

const mint = (claims: Claims = {}, options?: MintOptions) =>
  app.emulator.mintIdToken(
    { aud: AUDIENCE, email: EMAIL, email_verified: true, ...claims },
    options,
  );
const strip = (token: string) => `${token.split('.').slice(0, 2).join('.')}.${STRIPPED}`;
const authorization = (token: string) => ({ Authorization: `Bearer ${token}` });
const serverless = (token: string) => ({ 'X-Serverless-Authorization': `Bearer ${token}` });

describe('google: an ID token that Google signed for this hook', () => {
  test('is accepted, from each of its emails, and by both names of the issuer', async () => {
    await assertAuthenticated(app, 'google', authorization(mint()));
    await assertAuthenticated(app, 'google', authorization(mint({ email: 'second@example.com' })));
    await assertAuthenticated(app, 'google', authorization(mint({ iss: 'accounts.google.com' })));
  });

  test('names its email in the log and to upstream', async () => {
    const name = app.createOperation();
    const ask = app.process.http.post('/google').set(authorization(mint()));
    await ask.send({ name }).expect(200);
    const line = await app.process.log(({ operation }) => operation === name);
    assert.equal(line.principal, EMAIL);
    const reason = getCancelRequests(app.emulator).at(-1)?.headers['x-goog-request-reason'];
    assert.match(String(reason), new RegExp(`caller=google principal=${EMAIL}`));
  });

  const wrongClaims: Record<string, Claims> = {
    'another audience': { aud: 'https://other.example.com' },
    'an audience with a slash more': { aud: `${AUDIENCE}/` },
    'an audience in capitals': { aud: AUDIENCE.toUpperCase() },
    'a list of audiences': { aud: [AUDIENCE] },
    'no audience': { aud: undefined },
    'another issuer': { iss: 'https://accounts.google.com.example.com' },
    'no issuer': { iss: undefined },
    'another email': { email: 'other@my-project.iam.gserviceaccount.com' },
    'an email in capitals': { email: EMAIL.toUpperCase() },
    'a list of emails': { email: [EMAIL] },
    'no email': { email: undefined },
    'an email that is not verified': { email_verified: false },
    'an email of which nothing is said': { email_verified: undefined },
    'an email verified by a word': { email_verified: 'true' },
    'no expiry': { exp: undefined },
    'an expiry that is a word': { exp: '9999999999' },
    'an expiry in the past': { exp: 1 },
    'an expiry one second ago': { exp: Math.floor(Date.now() / 1000) - 1 },
    'a start in an hour': { nbf: Math.floor(Date.now() / 1000) + 3600 },
    'a making in an hour': { iat: Math.floor(Date.now() / 1000) + 3600 },
  };
  for (const [what, claims] of Object.entries(wrongClaims)) {
    test(`with ${what} is refused`, async () => {
      await assertUnauthorized(app, 'google', authorization(mint(claims)));
    });
  }

  const wrongSigning: Record<string, MintOptions> = {
    'a foreign key under a published id': { forged: true },
    'alg: none': { header: { alg: 'none' } },
    'alg: None': { header: { alg: 'None' } },
    'alg: HS256, keyed with the certificate': { header: { alg: 'HS256' } },
    'no alg': { header: { alg: undefined } },
    'alg: RS512': { header: { alg: 'RS512' } },
    'an unknown kid': { header: { kid: 'unknown' } },
    'a kid of Object': { header: { kid: 'constructor' } },
    'no kid': { header: { kid: undefined } },
    'a kid that is a list': { header: { kid: ['x'] } },
    'a key of its own': { header: { jwk: { kty: 'RSA' }, kid: undefined } },
    'something critical': { header: { crit: ['exp'] } },
    "Google Chat's key": { key: 'chat' },
  };
  for (const [what, options] of Object.entries(wrongSigning)) {
    test(`signed with ${what} is refused`, async () => {
      await assertUnauthorized(
        app,
        'google',
        authorization(mint({ iss: 'https://accounts.google.com' }, options)),
      );
    });
  }

  const wrongWriting: Record<string, (token: string) => Record<string, string>> = {
    'that is missing': () => ({}),
    'that is empty': () => authorization(''),
    'of another scheme': (token) => ({ Authorization: `Basic ${token}` }),
    'without a scheme': (token) => ({ Authorization: token }),
    'without its signature': (token) => authorization(token.split('.').slice(0, 2).join('.')),
    'with an empty signature': (token) =>
      authorization(`${token.split('.').slice(0, 2).join('.')}.`),
    'with a part more': (token) => authorization(`${token}.x`),
    'that is too long': (token) => authorization(`${token}${'A'.repeat(9000)}`),
    'whose signature was stripped': (token) => authorization(strip(token)),
    'whose signature was stripped, beside': (token) => serverless(strip(token)),
    'in a cookie': (token) => ({ Cookie: `token=${token}` }),
    'that is no token': () => authorization('a.b.c'),
  };
  for (const [what, headers] of Object.entries(wrongWriting)) {
    test(`${what} is refused, with a challenge`, async () => {
      assert.match((await assertUnauthorized(app, 'google', headers(mint()))) ?? '', /^Bearer /);
    });
  }

  test('with one bit changed anywhere is refused', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 2 }), fc.nat(), fc.nat({ max: 7 }), async (which, at, bit) => {
        const parts = mint()
          .split('.')
          .map((part) => Buffer.from(part, 'base64url'));
        const part = parts[which] ?? assert.fail();
        const place = at % part.length;
        part[place] = (part[place] ?? 0) ^ (1 << bit);
        const token = parts.map((each) => each.toString('base64url')).join('.');
        await assertUnauthorized(app, 'google', authorization(token));
      }),
      { numRuns: 60 },
    );
  });

  test('is taken from beside Cloud Run’s own, whichever of the two is intact', async () => {
    const good = mint();
    await assertAuthenticated(app, 'google', serverless(good));
    await assertAuthenticated(app, 'google', {
      ...authorization(good),
      ...serverless(strip(good)),
    });
    await assertAuthenticated(app, 'google', {
      ...authorization(strip(good)),
      ...serverless(good),
    });
    await assertUnauthorized(app, 'google', {
      ...authorization(strip(good)),
      ...serverless(strip(good)),
    });
  });

  test('does nothing for a caller with another proof', async () => {
    await assertUnauthorized(app, 'bearer', authorization(mint()));
  });
});
