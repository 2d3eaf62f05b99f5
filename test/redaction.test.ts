import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { sendRaw } from './support/socket.ts';
import { OPERATIONS, OPS_CALLER, startTestApp, type TestApp } from './support/test-app.ts';

/** Every canary begins like this; the configured secrets do, too. */
const CANARY = 'canary';
const SECRETS = {
  OPS_TOKEN: 'canary-bearer-secret',
  PASSWORD: 'canary-basic-password',
  SIGNING: `whsec_${Buffer.from('canary-signing-key').toString('base64')}`,
};
const HEADERS = {
  'X-Api-Key': 'canary-api-key',
  Cookie: 'session=canary-cookie',
  'Webhook-Id': 'canary-id',
  'Webhook-Timestamp': '1',
  'Webhook-Signature': 'v1,canary-signature',
  'X-Slack-Signature': 'v0=canary-signature',
  'X-Serverless-Authorization': 'Bearer canary-serverless',
  'X-Forwarded-For': 'canary-address',
  Referer: 'https://canary.example/',
  'User-Agent': 'canary-agent',
  Traceparent: 'canary-trace',
};

let app: TestApp;
before(async () => {
  app = await startTestApp({
    env: SECRETS,
    config: {
      callers: {
        ops: OPS_CALLER,
        basic: {
          type: 'json',
          auth: { basic: { username: 'alerts', password: ['env:PASSWORD', 'env:OPS_TOKEN'] } },
        },
        signed: { type: 'json', auth: { standardWebhooks: 'env:SIGNING' } },
        google: { type: 'json', auth: { google: { audience: 'hook', emails: ['a@b.c'] } } },
        iam: { type: 'json', auth: { iam: true } },
      },
      allow: [{ operations: [`${OPERATIONS}/*`] }],
      limits: { bodyBytes: 2_000, upstreamSeconds: 1 },
    },
  });
});
after(() => app.stop());

const bodies: Record<string, string | Buffer> = {
  malformed: '{"canary": "canary-body',
  oversize: JSON.stringify({ canary: 'canary-body'.repeat(400) }),
  compressed: gzipSync('canary-body'),
  mistyped: '<canary>canary-body</canary>',
  hostile: JSON.stringify({ name: 'projects/canary-body/../x', further: ['canary-body'] }),
  valid: JSON.stringify({ name: `${OPERATIONS}/operation-1` }),
  denied: JSON.stringify({ name: 'projects/p/locations/l/operations/o', reason: 'as agreed' }),
};
const special: Record<string, Record<string, string>> = {
  compressed: { 'Content-Encoding': 'gzip' },
  mistyped: { 'Content-Type': 'text/xml' },
};
const credentials = [
  `Bearer ${SECRETS.OPS_TOKEN}`,
  `Bearer ${SECRETS.OPS_TOKEN}x`,
  `Basic ${Buffer.from(`alerts:${SECRETS.PASSWORD}`).toString('base64')}`,
  'Bearer eyJhbGciOiJSUzI1NiIsImtpZCI6ImNhbmFyeSJ9.eyJjYW5hcnkiOjF9.canary-signature',
];

test('no body, query, header or secret comes back in an answer or gets into a log', async () => {
  const hidden = [
    CANARY,
    ...Object.values(SECRETS),
    ...credentials.map((one) => one.split(' ')[1] ?? ''),
  ];
  let requests = 0;
  for (const route of ['ops', 'basic', 'signed', 'google', 'iam', 'nobody']) {
    for (const [kind, body] of Object.entries(bodies)) {
      for (const credential of credentials) {
        const answer = await app.process.http
          .post(`/${route}?canary=canary-query&token=${SECRETS.OPS_TOKEN}`)
          .set({ 'Content-Type': 'application/json', ...HEADERS, ...special[kind] })
          .set('Authorization', credential)
          .serialize((value) => value as unknown as string)
          .send(body as never);
        requests += 1;
        const shown = JSON.stringify([answer.headers, answer.text]);
        for (const secret of hidden) {
          assert.ok(!shown.includes(secret), `${route} ${kind} ${credential}: ${shown}`);
        }
      }
    }
  }
  await sendRaw(app.process.url, 'CANARY canary-line\r\ncanary: canary\r\n\r\n');
  await app.process.http.get('/?canary=canary-query').set(HEADERS).expect(200);
  await app.process.log(({ httpRequest }) => Object(httpRequest).requestMethod === 'GET');
  const said = app.process.stdout() + app.process.stderr();
  for (const secret of hidden) assert.ok(!said.includes(secret), `${secret} in:\n${said}`);
  const lines = app.process.logs().filter(({ httpRequest }) => {
    const { requestMethod, status } = Object(httpRequest);
    return requestMethod === 'POST' && status > 0;
  });
  assert.equal(lines.length, requests, 'exactly one line each');
  assert.ok(lines.some(({ outcome, error }) => outcome || error === 'NOT_FOUND'));
});

const quoted: Record<string, (token: string) => string> = {
  plainly: (token) => `"${token}"`,
  'within other words': (token) => `"Refused: {\\"authorization\\": \\"Bearer ${token}\\"}"`,
  'as a key': (token) => `{"${token}": 1}`,
};
for (const [how, quote] of Object.entries(quoted)) {
  for (const status of [200, 400, 403, 503]) {
    test(`an access token that upstream echoes ${how} with ${status} is blanked`, async () => {
      const authorization = { Authorization: `Bearer ${SECRETS.OPS_TOKEN}` };
      const name = app.createOperation();
      await app.post({ name }, { headers: authorization }).expect(200);
      const token = app.emulator.tokens.last ?? assert.fail('no token was fetched');
      const raw = `{"error": {"code": ${status}, "status": "X", "message": ${quote(token)}}}`;
      app.emulator.script({ path: /cancel$/ }, Array(3).fill({ status, raw }));
      const answer = await app.post({ name }, { headers: authorization });
      app.emulator.clearScripts();
      assert.equal(answer.status, status);
      const body = JSON.stringify(JSON.parse(answer.text));
      assert.ok(!body.includes(token) && !answer.text.includes(token), answer.text);
      if (status !== 503) assert.ok(body.includes('[REDACTED]'), body);
      assert.ok(!(app.process.stdout() + app.process.stderr()).includes(token));
    });
  }
}

test('an access token that upstream echoes in a header stays there', async () => {
  const authorization = { Authorization: `Bearer ${SECRETS.OPS_TOKEN}` };
  const name = app.createOperation();
  await app.post({ name }, { headers: authorization }).expect(200);
  const token = app.emulator.tokens.last ?? assert.fail('no token was fetched');
  const headers = { 'retry-after': token, 'x-echo': token, 'www-authenticate': token };
  for (const status of [400, 429, 503]) {
    app.emulator.script({ path: /cancel$/ }, Array(3).fill({ status, headers }));
    const answer = await app.post({ name }, { headers: authorization });
    app.emulator.clearScripts();
    assert.equal(answer.status, status);
    assert.ok(!JSON.stringify(answer.headers).includes(token), JSON.stringify(answer.headers));
  }
});
