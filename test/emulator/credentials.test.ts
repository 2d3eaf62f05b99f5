import assert from 'node:assert/strict';
import { createHmac, createPublicKey, verify } from 'node:crypto';
import { test } from 'node:test';
import { type Emulator, startEmulator } from './index.ts';
import { call } from './testing.ts';

const NAME = 'projects/p/locations/l/operations/o';
const ACCOUNT = '/computeMetadata/v1/instance/service-accounts/default';
const FLAVOR = { 'metadata-flavor': 'Google' };
const KEYS = '/oauth2/v3/certs';
const PEMS = '/oauth2/v1/certs';
const CHAT_KEYS = '/service_accounts/v1/jwk/chat@system.gserviceaccount.com';
const CHAT_PEMS = '/service_accounts/v1/metadata/x509/chat@system.gserviceaccount.com';

const metadata = (emulator: Emulator, path: string, headers: Record<string, string> = FLAVOR) =>
  call(emulator, 'GET', path, { headers, token: null });

const cancel = (emulator: Emulator, token: string | null) =>
  call(emulator, 'POST', `/v1/${NAME}:cancel`, { body: '', token });

test('a request without a token, or with a revoked or expired one, is UNAUTHENTICATED', async () => {
  let time = 0;
  await using emulator = await startEmulator({ now: () => time });
  emulator.addOperation({ name: NAME, duration: Infinity });
  const { access_token } = (await metadata(emulator, `${ACCOUNT}/token`)).json;
  assert.equal((await cancel(emulator, access_token)).status, 200);

  const missing = await cancel(emulator, null);
  assert.deepEqual([missing.status, missing.json.error.status], [401, 'UNAUTHENTICATED']);
  assert.equal(missing.json.error.details[0].reason, 'CREDENTIALS_MISSING');
  assert.match(missing.headers.get('www-authenticate') ?? '', /^Bearer realm=/);
  const basic = await call(emulator, 'POST', `/v1/${NAME}:cancel`, {
    body: '',
    headers: { authorization: 'Basic eDp5' },
    token: null,
  });
  assert.equal(basic.status, 401);

  emulator.tokens.revoke(access_token);
  const revoked = await cancel(emulator, access_token);
  assert.equal(revoked.status, 401);
  assert.match(revoked.headers.get('www-authenticate') ?? '', /invalid_token/);
  assert.doesNotMatch(revoked.text, new RegExp(access_token));

  const second = (await metadata(emulator, `${ACCOUNT}/token`)).json.access_token;
  time += 3_598_999;
  assert.equal((await call(emulator, 'GET', `/v1/${NAME}`, { token: second })).status, 200);
  time += 1;
  assert.equal((await call(emulator, 'GET', `/v1/${NAME}`, { token: second })).status, 401);
  assert.equal(emulator.tokens.issued, 2);
  assert.equal(emulator.tokens.last, second);
});

test('who must present a token is a choice; cancelling always needs one', async () => {
  await using strict = await startEmulator({ auth: 'issued' });
  await using open = await startEmulator({ auth: 'cancel' });
  for (const emulator of [strict, open]) emulator.addOperation({ name: NAME });
  assert.equal((await call(strict, 'GET', `/v1/${NAME}`, { token: 'made-up' })).status, 401);
  assert.equal((await cancel(strict, strict.tokens.issue(60))).status, 200);
  assert.equal((await call(open, 'GET', `/v1/${NAME}`, { token: null })).status, 200);
  assert.equal((await cancel(open, null)).status, 401);
  assert.equal((await cancel(open, 'made-up')).status, 200);
});

test('metadata server: only with Metadata-Flavor: Google, which its answers carry too', async () => {
  await using emulator = await startEmulator();
  const paths = ['/computeMetadata/v1/', '/computeMetadata/v1/instance', `${ACCOUNT}/token`];
  for (const path of paths) {
    assert.equal((await metadata(emulator, path, {})).status, 403, path);
    const proxied = { ...FLAVOR, 'x-forwarded-for': '1.2.3.4' };
    assert.equal((await metadata(emulator, path, proxied)).status, 403, path);
    const { status, headers } = await metadata(emulator, path);
    assert.deepEqual([status, headers.get('metadata-flavor')], [200, 'Google'], path);
  }
  assert.equal(emulator.tokens.issued, 1);
  const nothing = await metadata(emulator, '/computeMetadata/v1/nothing');
  assert.equal(nothing.status, 404);
});

test('metadata server: token, email, scopes, project, universe', async () => {
  await using emulator = await startEmulator();
  const { email } = emulator.metadata;
  const { json } = await metadata(emulator, `${ACCOUNT}/token?scopes=https://x`);
  assert.match(json.access_token, /^\S{20,}$/);
  assert.deepEqual([json.expires_in, json.token_type], [3599, 'Bearer']);
  const texts = {
    [`${ACCOUNT}/email`]: email,
    [`${ACCOUNT.replace('default', email)}/email`]: email,
    [`${ACCOUNT}/scopes`]: 'https://www.googleapis.com/auth/cloud-platform\n',
    '/computeMetadata/v1/instance/service-accounts/': `default/\n${email}/\n`,
    '/computeMetadata/v1/project/project-id': 'my-project',
    '/computeMetadata/v1/project/numeric-project-id': '123456789012',
    '/computeMetadata/v1/universe/universe-domain': 'googleapis.com',
  };
  for (const [path, text] of Object.entries(texts)) {
    assert.equal((await metadata(emulator, path)).text, text, path);
  }
  const account = await metadata(emulator, `${ACCOUNT}/?recursive=true`);
  assert.equal(account.json.email, email);
  emulator.metadata.projectId = 'other';
  const project = await metadata(emulator, '/computeMetadata/v1/project/project-id');
  assert.equal(project.text, 'other');
});

test('metadata server: it can fail, hang, and hand out short-lived tokens', async () => {
  await using emulator = await startEmulator();
  emulator.metadata.status = 503;
  assert.equal((await metadata(emulator, `${ACCOUNT}/token`)).status, 503);
  emulator.metadata.status = undefined;
  emulator.metadata.expiresIn = 7;
  assert.equal((await metadata(emulator, `${ACCOUNT}/token`)).json.expires_in, 7);
  emulator.metadata.hang = true;
  const signal = AbortSignal.timeout(50);
  await assert.rejects(fetch(`${emulator.url}${ACCOUNT}/token`, { headers: FLAVOR, signal }), {
    name: 'TimeoutError',
  });
  emulator.metadata.hang = false;
  assert.equal((await metadata(emulator, `${ACCOUNT}/token`)).status, 200);
  assert.equal(emulator.tokens.issued, 2);
});

/** Verifies as RFC 7515 says, with the published key of the token's key id. */
async function claims(emulator: Emulator, token: string, path: string) {
  const [head = '', body = '', signature = ''] = token.split('.');
  const header = JSON.parse(Buffer.from(head, 'base64url').toString());
  const { keys } = (await call(emulator, 'GET', path, { token: null })).json;
  const jwk = keys.find(({ kid }: { kid: string }) => kid === header.kid);
  const valid =
    jwk !== undefined &&
    verify(
      'sha256',
      Buffer.from(`${head}.${body}`),
      createPublicKey({ key: jwk, format: 'jwk' }),
      Buffer.from(signature, 'base64url'),
    );
  return { valid, header, claims: JSON.parse(Buffer.from(body, 'base64url').toString()) };
}

test('identity: an ID token that the published key verifies', async () => {
  const now = Date.UTC(2026, 0, 1);
  await using emulator = await startEmulator({ now: () => now });
  assert.equal((await metadata(emulator, `${ACCOUNT}/identity`)).status, 400);
  const path = `${ACCOUNT}/identity?audience=https://hook.example.com`;
  const full = await metadata(emulator, `${path}&format=full`);
  const { valid, header, claims: payload } = await claims(emulator, full.text, KEYS);
  assert.ok(valid);
  assert.deepEqual([header.alg, header.typ], ['RS256', 'JWT']);
  assert.deepEqual(payload, {
    iss: 'https://accounts.google.com',
    iat: now / 1000,
    exp: now / 1000 + 3600,
    aud: 'https://hook.example.com',
    azp: emulator.metadata.accountId,
    sub: emulator.metadata.accountId,
    email: emulator.metadata.email,
    email_verified: true,
  });
  const standard = await claims(emulator, (await metadata(emulator, path)).text, KEYS);
  assert.equal(standard.claims.email, undefined);
});

test('keys: a JWK set and PEM by key id hold the same keys, cacheable', async () => {
  await using emulator = await startEmulator();
  for (const [keys, pems] of [
    [KEYS, PEMS],
    [CHAT_KEYS, CHAT_PEMS],
  ] as const) {
    const set = await call(emulator, 'GET', keys, { token: null });
    const old = await call(emulator, 'GET', pems, { token: null });
    for (const { headers } of [set, old]) {
      assert.match(headers.get('cache-control') ?? '', /^public, max-age=\d+/);
    }
    const [jwk] = set.json.keys;
    const { n, e } = createPublicKey(old.json[jwk.kid]).export({ format: 'jwk' });
    assert.deepEqual(jwk, { kty: 'RSA', n, e, kid: jwk.kid, use: 'sig', alg: 'RS256' });
  }
});

test('mintIdToken: the chat key, other claims, a forged signature, other algorithms', async () => {
  await using emulator = await startEmulator();
  const chat = emulator.mintIdToken({ aud: '1234' }, { key: 'chat' });
  const verified = await claims(emulator, chat, CHAT_KEYS);
  assert.ok(verified.valid);
  assert.equal(verified.claims.iss, 'chat@system.gserviceaccount.com');
  assert.equal((await claims(emulator, chat, KEYS)).valid, false);

  const odd = await claims(emulator, emulator.mintIdToken({ exp: 1, iss: undefined }), KEYS);
  assert.ok(odd.valid);
  assert.deepEqual([odd.claims.exp, 'iss' in odd.claims], [1, false]);

  const forged = await claims(emulator, emulator.mintIdToken({}, { forged: true }), KEYS);
  assert.equal(forged.valid, false);
  assert.ok(forged.header.kid);

  const none = emulator.mintIdToken({}, { header: { alg: 'none' } });
  assert.equal(none.split('.')[2], '');

  const [head, body, signature] = emulator
    .mintIdToken({}, { header: { alg: 'HS256', kid: undefined } })
    .split('.');
  const { json } = await call(emulator, 'GET', PEMS, { token: null });
  const [secret] = Object.values<string>(json);
  const hmac = createHmac('sha256', secret ?? '').update(`${head}.${body}`);
  assert.equal(signature, hmac.digest('base64url'));
});

test('rotateKeys: the old key stays published once, and not at all when withdrawn', async () => {
  await using emulator = await startEmulator();
  const published = async (path: string) =>
    (await call(emulator, 'GET', path, { token: null })).json.keys.map(
      ({ kid }: { kid: string }) => kid,
    );
  const old = emulator.mintIdToken({});
  const [first] = await published(KEYS);
  const chat = await published(CHAT_KEYS);
  emulator.rotateKeys({ key: 'google' });
  const both = await published(KEYS);
  assert.deepEqual([both.length, both[1]], [2, first]);
  assert.ok((await claims(emulator, old, KEYS)).valid);
  const fresh = await claims(emulator, emulator.mintIdToken({}), KEYS);
  assert.deepEqual([fresh.valid, fresh.header.kid], [true, both[0]]);
  emulator.rotateKeys({ key: 'google', withdraw: true });
  assert.equal((await published(KEYS)).length, 1);
  assert.equal((await claims(emulator, old, KEYS)).valid, false);
  assert.deepEqual(await published(CHAT_KEYS), chat);
});
