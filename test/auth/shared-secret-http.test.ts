import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { matchesAny, timingSafeEqualString } from '../../src/auth/timing-safe.ts';
import { assertAuthenticated, assertUnauthorized } from '../support/authenticate.ts';
import { startTestApp, type TestApp } from '../support/test-app.ts';

const env = { NEW: 'new-sesame-ü-1', OLD: 'old-sesame-2', FOREIGN: 'another-callers-secret' };

let app: TestApp;
before(async () => {
  const secrets = ['env:NEW', 'env:OLD'];
  app = await startTestApp({
    env,
    config: {
      callers: {
        bearer: { type: 'json', auth: { bearer: ['env:OLD', 'env:FOREIGN'] } },
        basic: { type: 'json', auth: { basic: { username: 'alerts', password: secrets } } },
        other: { type: 'json', auth: { bearer: 'env:FOREIGN' } },
      },
    },
  });
});
after(() => app.stop());

const basicOf = (pair: string) => `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`;

describe('bearer', () => {
  for (const secret of [env.OLD, env.FOREIGN]) {
    test(`each secret of a rotation is accepted: ${secret}`, () =>
      assertAuthenticated(app, 'bearer', { Authorization: `Bearer ${secret}` }));
  }

  test("the scheme's name has no case, and blanks around the token count for nothing", async () => {
    await assertAuthenticated(app, 'bearer', { Authorization: `bEARER   ${env.OLD} ` });
  });

  const wrong: Record<string, string | undefined> = {
    missing: undefined,
    empty: '',
    'without a token': 'Bearer',
    shorter: `Bearer ${env.OLD.slice(0, -1)}`,
    longer: `Bearer ${env.OLD}x`,
    'in other case': `Bearer ${env.OLD.toUpperCase()}`,
    twice: `Bearer ${env.OLD} ${env.OLD}`,
    'in a list': `Bearer ${env.OLD}, Bearer ${env.OLD}`,
    'of the wrong scheme': basicOf(env.OLD),
    'without a scheme': env.OLD,
    'of a scheme that only begins so': `Bearers ${env.OLD}`,
    'the reference, not the secret': 'Bearer env:OLD',
    'as JSON': `Bearer "${env.OLD}"`,
    undefined: 'Bearer undefined',
  };
  for (const [what, authorization] of Object.entries(wrong)) {
    test(`${what} is refused, with a challenge`, async () => {
      const headers = authorization === undefined ? {} : { Authorization: authorization };
      assert.match((await assertUnauthorized(app, 'bearer', headers)) ?? '', /^Bearer realm="/);
    });
  }

  test("one caller's secret opens no other caller's door", async () => {
    await assertUnauthorized(app, 'other', { Authorization: `Bearer ${env.OLD}` });
    await assertAuthenticated(app, 'other', { Authorization: `Bearer ${env.FOREIGN}` });
  });

  test('a token elsewhere is none: query, cookie, body', async () => {
    const answer = await app.process.http
      .post(`/bearer?access_token=${env.OLD}`)
      .set({ Cookie: `token=${env.OLD}`, 'X-Serverless-Authorization': `Bearer ${env.OLD}` })
      .send({ access_token: env.OLD });
    assert.equal(answer.status, 401);
  });
});

describe('basic', () => {
  for (const password of [env.NEW, env.OLD]) {
    test(`each password of a rotation is accepted: ${password}`, () =>
      assertAuthenticated(app, 'basic', { Authorization: basicOf(`alerts:${password}`) }));
  }

  const wrong: Record<string, string | undefined> = {
    missing: undefined,
    'without anything': 'Basic',
    empty: basicOf(''),
    'without a colon': basicOf(`alerts${env.OLD}`),
    'without a password': basicOf('alerts:'),
    'without a user': basicOf(`:${env.OLD}`),
    'of another user': basicOf(`alert:${env.OLD}`),
    'of a user in capitals': basicOf(`Alerts:${env.OLD}`),
    'with a shorter password': basicOf(`alerts:${env.OLD.slice(1)}`),
    'with a longer password': basicOf(`alerts:${env.OLD}x`),
    'with a line end': basicOf(`alerts:${env.OLD}\n`),
    'with a foreign password': basicOf(`alerts:${env.FOREIGN}`),
    'with password and user turned round': basicOf(`${env.OLD}:alerts`),
    'no base64': 'Basic alerts:old-sesame-2',
    'as Bearer': `Bearer ${Buffer.from(`alerts:${env.OLD}`).toString('base64')}`,
  };
  for (const [what, authorization] of Object.entries(wrong)) {
    test(`${what} is refused, with the challenge that Cloud Monitoring needs`, async () => {
      const headers = authorization === undefined ? {} : { Authorization: authorization };
      assert.match(
        (await assertUnauthorized(app, 'basic', headers)) ?? '',
        /^Basic realm="[^"]+"(, charset="UTF-8")?$/,
      );
    });
  }
});

test('secrets are the same only where every character is', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      assert.equal(timingSafeEqualString(a, b), a === b);
      assert.ok(timingSafeEqualString(a, a));
      assert.equal(matchesAny(a, [b]), a === b);
      assert.ok(matchesAny(a, [b, a, b]));
      assert.ok(!matchesAny(a, []));
    }),
  );
});
