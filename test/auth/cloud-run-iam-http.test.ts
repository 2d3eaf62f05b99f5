import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { assertUnauthorized } from '../support/authenticate.ts';
import { parseResponse, sendRaw } from '../support/socket.ts';
import { startTestApp, type TestApp } from '../support/test-app.ts';

const EMAIL = 'sweeper@my-project.iam.gserviceaccount.com';
const STRIPPED = 'SIGNATURE_REMOVED_BY_GOOGLE';

let app: TestApp;
before(async () => {
  app = await startTestApp({
    config: { callers: { iam: { type: 'json', auth: { iam: true } } } },
  });
});
after(() => app.stop());

const mint = (claims: Record<string, unknown> = {}) =>
  app.emulator.mintIdToken({ aud: 'hook', email: EMAIL, email_verified: true, ...claims });
const strip = (token: string) => `${token.split('.').slice(0, 2).join('.')}.${STRIPPED}`;
const authorization = (token: string) => ({ Authorization: `Bearer ${token}` });
const serverless = (token: string) => ({ 'X-Serverless-Authorization': `Bearer ${token}` });
const seconds = () => Math.floor(Date.now() / 1000);

describe('iam: a token that Cloud Run has checked and stripped', () => {
  test('is accepted, and names its email', async () => {
    const name = app.createOperation();
    const ask = app.process.http.post('/iam').set(authorization(strip(mint({ email: 'who@x.y' }))));
    await ask.send({ name }).expect(200);
    assert.equal(
      (await app.process.log(({ operation }) => operation === name)).principal,
      'who@x.y',
    );
  });

  test('is X-Serverless-Authorization’s where there is one', async () => {
    const [real, made] = [strip(mint({ email: 'real@x.y' })), strip(mint({ email: 'made@x.y' }))];
    const name = app.createOperation();
    const ask = app.process.http.post('/iam').set({ ...authorization(made), ...serverless(real) });
    await ask.send({ name }).expect(200);
    assert.equal(
      (await app.process.log(({ operation }) => operation === name)).principal,
      'real@x.y',
    );
    await assertUnauthorized(app, 'iam', { ...authorization(made), ...serverless(mint()) });
    await assertUnauthorized(app, 'iam', {
      ...authorization(made),
      'X-Serverless-Authorization': 'x',
    });
  });

  test('that came twice is refused', async () => {
    const token = strip(mint());
    const line = `X-Serverless-Authorization: Bearer ${token}\r\n`;
    const head = `POST /iam HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 2\r\n`;
    const answer = parseResponse(await sendRaw(app.process.url, `${head}${line}${line}\r\n{}`));
    assert.equal(answer.status, 401);
  });

  const wrong: Record<string, () => Record<string, string>> = {
    'that is missing': () => ({}),
    'that was not stripped': () => authorization(mint()),
    'that is expired': () => authorization(strip(mint({ exp: seconds() - 1 }))),
    'without an expiry': () => authorization(strip(mint({ exp: undefined }))),
    'without an email': () => authorization(strip(mint({ email: undefined }))),
    'with an empty email': () => authorization(strip(mint({ email: '' }))),
    'with a list of emails': () => authorization(strip(mint({ email: [EMAIL] }))),
    'with an email that is not verified': () =>
      authorization(strip(mint({ email_verified: false }))),
    'stripped in another place': () => authorization(`${STRIPPED}.${strip(mint())}`),
    'stripped to more than that': () => authorization(`${strip(mint())}x`),
    'of another scheme': () => ({ Authorization: `Basic ${strip(mint())}` }),
    'that is the mark alone': () => authorization(STRIPPED),
  };
  for (const [what, headers] of Object.entries(wrong)) {
    test(`${what} is refused, with a challenge`, async () => {
      assert.match((await assertUnauthorized(app, 'iam', headers())) ?? '', /^Bearer /);
    });
  }

  test('is what the start warns of', () => {
    const line = app.process.logs().find(({ message }) => message.includes('callers.iam.auth.iam'));
    assert.equal(line?.severity, 'WARNING');
    assert.match(line?.message ?? '', /allUsers|public/);
  });
});
