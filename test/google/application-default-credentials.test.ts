import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { type GoogleTls, startGoogleTls } from '../support/google-tls.ts';
import { getCancelRequests, startTestApp } from '../support/test-app.ts';

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
const ACCOUNT = 'cancel-hook@my-project.iam.gserviceaccount.com';
const IMPERSONATION = `v1/projects/-/serviceAccounts/${ACCOUNT}:generateAccessToken`;

const folder = mkdtempSync(join(tmpdir(), 'cancel-hook-adc-'));
let google: GoogleTls;
before(async () => {
  google = await startGoogleTls(({ host }) =>
    host.startsWith('iamcredentials')
      ? { accessToken: 'impersonated', expireTime: new Date(Date.now() + 3.6e6).toISOString() }
      : { access_token: `from-${host}`, expires_in: 3600, token_type: 'Bearer' },
  );
  writeFileSync(join(folder, 'ca.pem'), google.certificates);
  writeFileSync(join(folder, 'subject'), 'a-subject-token');
});
beforeEach(() => {
  google.requests.length = 0;
});
after(async () => {
  await google.close();
  rmSync(folder, { recursive: true });
});

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const serviceAccount = {
  type: 'service_account',
  project_id: 'my-project',
  private_key_id: 'key-1',
  private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
  client_email: ACCOUNT,
  token_uri: 'https://oauth2.googleapis.com/token',
};
const federation = {
  type: 'external_account',
  audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/x',
  subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
  token_url: 'https://sts.googleapis.com/v1/token',
  credential_source: { file: join(folder, 'subject') },
};
const user = { type: 'authorized_user', client_id: 'i', client_secret: 's', refresh_token: 'r' };

/** Cancels with these credentials; the token that upstream saw, and all that the process wrote. */
async function cancelWith(env: Record<string, string>): Promise<{ token: string; said: string }> {
  const app = await startTestApp({
    env: {
      GCE_METADATA_HOST: '127.0.0.1:1',
      HTTPS_PROXY: google.proxy,
      NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
      ...env,
    },
  });
  try {
    const name = app.createOperation();
    const answer = await app.post({ name });
    assert.equal(answer.status, 200, `${answer.text}${app.process.stderr()}`);
    await app.post({ name }).expect(200);
    const tokens = getCancelRequests(app.emulator).map(({ headers }) => headers.authorization);
    assert.equal(new Set(tokens).size, 1);
    return { token: String(tokens[0]).slice('Bearer '.length), said: app.process.stderr() };
  } finally {
    await app.stop();
  }
}

function keyFile(credentials: object): Record<string, string> {
  const path = join(folder, `${Math.random()}.json`);
  writeFileSync(path, JSON.stringify(credentials));
  return { GOOGLE_APPLICATION_CREDENTIALS: path };
}

describe('Application Default Credentials of any kind', () => {
  test('a service account’s key file', async () => {
    const { token } = await cancelWith(keyFile(serviceAccount));
    assert.equal(token, 'from-oauth2.googleapis.com');
    assert.equal(google.requests.length, 1, 'one token for all');
    const assertion = new URLSearchParams(google.requests[0]?.body).get('assertion') ?? '';
    const claims = JSON.parse(Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString());
    assert.deepEqual([claims.iss, claims.scope], [ACCOUNT, SCOPE]);
  });

  test('workload identity federation, from a file', async () => {
    const { token } = await cancelWith(keyFile(federation));
    assert.equal(token, 'from-sts.googleapis.com');
    const form = new URLSearchParams(google.requests[0]?.body);
    assert.equal(form.get('subject_token'), 'a-subject-token');
    assert.equal(form.get('scope'), SCOPE);
  });

  test('workload identity federation, with impersonation', async () => {
    const url = `https://iamcredentials.googleapis.com/${IMPERSONATION}`;
    const { token } = await cancelWith(
      keyFile({ ...federation, service_account_impersonation_url: url }),
    );
    assert.equal(token, 'impersonated');
    assert.deepEqual(
      google.requests.map(({ host }) => host),
      ['sts.googleapis.com', 'iamcredentials.googleapis.com'],
    );
    assert.deepEqual(JSON.parse(google.requests[1]?.body ?? '').scope, [SCOPE]);
  });

  test('impersonation by a user', async () => {
    const { token } = await cancelWith(
      keyFile({
        type: 'impersonated_service_account',
        service_account_impersonation_url: `https://iamcredentials.googleapis.com/${IMPERSONATION}`,
        source_credentials: user,
      }),
    );
    assert.equal(token, 'impersonated');
    assert.equal(google.requests.at(-1)?.path, `/${IMPERSONATION}`);
    assert.equal(google.requests.at(-1)?.authorization, 'Bearer from-oauth2.googleapis.com');
  });

  test('a user’s own, where gcloud keeps them', async () => {
    for (const [variable, home, place] of [
      ['HOME', 'home', join('home', '.config', 'gcloud')],
      ['CLOUDSDK_CONFIG', 'gcloud', 'gcloud'],
    ] as const) {
      mkdirSync(join(folder, place), { recursive: true });
      writeFileSync(
        join(folder, place, 'application_default_credentials.json'),
        JSON.stringify(user),
      );
      const { token } = await cancelWith({ [variable]: join(folder, home) });
      assert.equal(token, 'from-oauth2.googleapis.com');
    }
  });
});

test('a key file makes the library say nothing in between the log', async () => {
  assert.equal((await cancelWith(keyFile(federation))).said, '');
});

test('a key file that is missing or makes no sense is CREDENTIALS_UNAVAILABLE, and is not quoted', async () => {
  const spoiled = join(folder, 'spoiled.json');
  writeFileSync(spoiled, '{"type": "canary-kind", "private_key": "canary-key"');
  const sensible = keyFile({ ...serviceAccount, private_key: 'canary-key' });
  for (const env of [
    { GOOGLE_APPLICATION_CREDENTIALS: join(folder, 'missing.json') },
    { GOOGLE_APPLICATION_CREDENTIALS: spoiled },
    sensible,
  ]) {
    const app = await startTestApp({ env });
    try {
      const answer = await app.post({ name: app.createOperation() }).expect(503);
      assert.equal(answer.body.error.details[0].reason, 'CREDENTIALS_UNAVAILABLE');
      assert.doesNotMatch(answer.text + app.process.stdout() + app.process.stderr(), /canary/);
    } finally {
      await app.stop();
    }
  }
});
