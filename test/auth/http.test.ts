/** Each scheme once over HTTP: what is accepted, and how a refusal looks to the sender and in the log. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import type { Response } from 'supertest';
import { hmac, signSlack } from '../../src/cli/send/senders/hmac.ts';
import { removeSignature } from '../support/auth.ts';
import { assertError } from '../support/error-form.ts';
import { parseResponse, sendRaw } from '../support/socket.ts';
import { startTestApp, type TestApp } from '../support/test-app.ts';

const AUDIENCE = 'https://hook.example.com';
const EMAIL = 'sweeper@my-project.iam.gserviceaccount.com';
const CHAT = 'chat@system.gserviceaccount.com';
const SECRET = 'a-secret-of-these-tests';
const WHSEC = `whsec_${Buffer.from('a key of two dozen bytes').toString('base64')}`;

const json = (auth: object) => ({ type: 'json', auth });
const callers = {
  bearer: json({ bearer: 'env:SECRET' }),
  basic: json({ basic: { username: 'ops', password: 'env:SECRET' } }),
  google: json({ google: { audience: AUDIENCE, emails: [EMAIL] } }),
  iam: json({ iam: true }),
  webhooks: json({ standardWebhooks: 'env:WHSEC' }),
  grafana: { type: 'grafana', auth: { hmac: { secret: 'env:SECRET' } } },
  monitoring: { type: 'cloud-monitoring', auth: { token: 'env:SECRET' } },
  pagerduty: { type: 'pagerduty', secrets: 'env:SECRET' },
  slack: { type: 'slack', signingSecret: 'env:SECRET' },
  chat: { type: 'google-chat', audience: AUDIENCE },
  other: json({ bearer: 'env:OTHER' }),
};
type Route = keyof typeof callers;

let app: TestApp;
before(async () => {
  const env = { SECRET, WHSEC, OTHER: 'a-secret-of-another-caller' };
  app = await startTestApp({ env, config: { callers } });
});
after(() => app.stop());

interface Sent {
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: string;
  readonly body?: string;
}

const mint = (claims: object = {}) =>
  app.emulator.mintIdToken({ aud: AUDIENCE, email: EMAIL, email_verified: true, ...claims });
const authorization = (text: string) => ({ headers: { Authorization: text } });
const bearer = (token: string) => authorization(`Bearer ${token}`);
const basic = (pair: string) => authorization(`Basic ${Buffer.from(pair).toString('base64')}`);
const signed = (body = '{}') => ({
  headers: {
    'svix-id': 'msg_1',
    'svix-timestamp': String(Math.floor(Date.now() / 1000)),
    'svix-signature': new Webhook(WHSEC).sign('msg_1', new Date(), body),
  },
});

async function send(route: Route, { headers = {}, query = '', body = '{}' }: Sent) {
  const type = route === 'slack' ? 'application/x-www-form-urlencoded' : 'application/json';
  return app.process.http
    .post(`/${route}${query}`)
    .set({ 'Content-Type': type, ...headers })
    .send(body);
}

/** Accepted credentials: the body `{}` is refused by its form alone, or asks for nothing. */
const ACCEPTED: Readonly<Record<Route, () => Sent>> = {
  bearer: () => bearer(SECRET),
  basic: () => basic(`ops:${SECRET}`),
  google: () => bearer(mint()),
  iam: () => bearer(removeSignature(mint())),
  webhooks: () => signed(),
  grafana: () => ({
    headers: { 'X-Grafana-Alerting-Signature': hmac(SECRET, ['{}'], 'hex') },
  }),
  monitoring: () => ({ query: `?auth_token=${SECRET}` }),
  pagerduty: () => ({ headers: { 'X-PagerDuty-Signature': `v1=${hmac(SECRET, ['{}'], 'hex')}` } }),
  slack: () => ({ headers: signSlack('token=x', SECRET, Date.now()), body: 'token=x' }),
  chat: () => bearer(mint({ email: CHAT })),
  other: () => bearer('a-secret-of-another-caller'),
};

/** Refused credentials: the reason in the log, and the challenge. */
const REFUSED: readonly (readonly [Route, string, () => Sent, string | undefined])[] = [
  ['bearer', 'secret', () => bearer('another'), 'Bearer realm="cancel-hook"'],
  ['basic', 'no-credentials', () => ({}), 'Basic realm="cancel-hook", charset="UTF-8"'],
  ['google', 'audience', () => bearer(mint({ aud: 'other' })), 'Bearer realm="cancel-hook"'],
  ['iam', 'signature', () => bearer(mint()), 'Bearer realm="cancel-hook"'],
  ['webhooks', 'signature', () => signed('{ }'), undefined],
  ['grafana', 'no-credentials', () => ({}), undefined],
  ['monitoring', 'secret', () => ({ query: '?auth_token=another' }), undefined],
  ['pagerduty', 'malformed', () => ({ headers: { 'X-PagerDuty-Signature': 'x' } }), undefined],
  ['slack', 'timestamp', () => ({ headers: signSlack('', SECRET, 0), body: '' }), undefined],
  ['chat', 'email', () => bearer(mint()), 'Bearer realm="cancel-hook"'],
  // The secret of another caller.
  ['other', 'secret', () => bearer(SECRET), 'Bearer realm="cancel-hook"'],
];

for (const [route, accepted] of Object.entries(ACCEPTED) as [Route, () => Sent][]) {
  test(`${route}: valid credentials are accepted`, async () => {
    const { status, text } = await send(route, accepted());
    assert.ok(status === 200 || status === 400, `${status} ${text}`);
  });
}

const bodies = new Set<string>();
for (const [route, reason, refused, challenge] of REFUSED) {
  test(`${route}: a 401 has the same body as every other, and "${reason}" in the log alone`, async () => {
    const response: Response = await send(route, refused());
    const { message, metadata } = assertError(response, 'UNAUTHENTICATED');
    assert.equal(message, 'Missing or invalid credentials.');
    assert.deepEqual(metadata, {});
    bodies.add(response.text);
    assert.equal(bodies.size, 1);
    assert.equal(response.headers['www-authenticate'], challenge);
    const line = await app.process.log(
      ({ caller, error }) => caller === route && error === 'UNAUTHENTICATED',
    );
    assert.deepEqual(
      [line.severity, line.unauthenticated, line.principal],
      ['WARNING', reason, undefined],
    );
  });
}

test('two Authorization headers are a 401, "malformed", even if one is valid', async () => {
  const line = `Authorization: Bearer ${SECRET}\r\n`;
  const head = `POST /bearer HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 2\r\n`;
  const raw = await sendRaw(app.process.url, `${head}${line}${line}\r\n{}`);
  const { status, headers } = parseResponse(raw);
  assert.equal(status, 401);
  assert.match(String(headers['www-authenticate']), /^Bearer /);
  await app.process.log(({ unauthenticated }) => unauthenticated === 'malformed');
});

test('the email of a token is the principal in the log', async () => {
  const name = app.createOperation();
  for (const [route, token] of [
    ['google', mint()],
    ['iam', removeSignature(mint())],
  ] as const) {
    const body = JSON.stringify({ name });
    assert.equal((await send(route, { ...bearer(token), body })).status, 200);
    const { principal } = await app.process.log(
      ({ caller, operation }) => caller === route && operation === name,
    );
    assert.equal(principal, EMAIL);
  }
});

test('a mounted secret rotates within 10 s; one that turns empty keeps its value, with an ERROR', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cancel-hook-secret-'));
  const [rotating, emptied] = [join(folder, 'rotating'), join(folder, 'emptied')];
  writeFileSync(rotating, 'first-value\n');
  writeFileSync(emptied, 'kept-value');
  const app = await startTestApp({
    config: {
      callers: {
        rotating: json({ bearer: [`file:${rotating}`] }),
        emptied: json({ bearer: [`file:${emptied}`] }),
      },
    },
  });
  const statusOf = async (route: string, token: string) =>
    (await app.process.http.post(`/${route}`).set('Authorization', `Bearer ${token}`).send({}))
      .status;
  const [ACCEPTED, REFUSED] = [400, 401];
  try {
    assert.equal(await statusOf('rotating', 'first-value'), ACCEPTED);
    assert.equal(await statusOf('emptied', 'kept-value'), ACCEPTED);
    writeFileSync(rotating, 'second-value\n');
    truncateSync(emptied);
    const changedAt = Date.now();
    while ((await statusOf('rotating', 'second-value')) !== ACCEPTED) {
      assert.ok(Date.now() - changedAt < 10_000, 'not seen within 10 s');
      assert.equal(await statusOf('emptied', 'kept-value'), ACCEPTED);
      await sleep(200);
    }
    assert.equal(await statusOf('rotating', 'first-value'), REFUSED);
    assert.equal(await statusOf('emptied', 'kept-value'), ACCEPTED);
    const line = await app.process.log(({ severity, message }) => {
      return severity === 'ERROR' && message.includes(emptied);
    });
    assert.doesNotMatch(line.message, /kept-value/);
  } finally {
    await app.stop();
    rmSync(folder, { recursive: true });
  }
});

describe("Google's keys", () => {
  const KEYS = '/oauth2/v3/certs';
  let other: TestApp;
  before(async () => {
    other = await startTestApp({ config: { callers: { google: callers.google } } });
  });
  after(() => other.stop());

  const post = (claims: object = {}) => {
    const token = other.emulator.mintIdToken({
      aud: AUDIENCE,
      email: EMAIL,
      email_verified: true,
      ...claims,
    });
    return other.process.http.post('/google').set('Authorization', `Bearer ${token}`).send({});
  };

  test('that cannot be fetched are a 503 and an ERROR without detail, until they can', async () => {
    assertError(await post({ aud: 'other' }), 'UNAUTHENTICATED');
    assert.deepEqual(other.emulator.requests, [], 'a token for another audience costs no fetch');
    other.emulator.script({ path: KEYS }, { status: 500, json: 'canary' });
    const response = await post();
    assertError(response, 'KEYS_UNAVAILABLE');
    assert.equal(response.headers['retry-after'], '5');
    assert.doesNotMatch(response.text, /canary|127\.0\.0\.1/);
    const line = await other.process.log(({ error }) => error === 'KEYS_UNAVAILABLE');
    assert.equal(line.severity, 'ERROR');
    assertError(await post(), 'INVALID_REQUEST');
    assert.doesNotMatch(other.process.stdout() + other.process.stderr(), /canary/);
  });

  test('may be served as PEM by key id, as Google did before', async () => {
    other.emulator.rotateKeys();
    const pems = await fetch(`${other.emulator.url}/oauth2/v1/certs`);
    const script = other.emulator.script({ path: KEYS }, { json: await pems.json() });
    // A new key is fetched for once in 10 s; the response tells whether it was.
    const deadline = Date.now() + 15_000;
    while ((await post()).status === 401) {
      assert.ok(Date.now() < deadline);
      await sleep(500);
    }
    assert.equal(script.hits, 1);
  });
});
