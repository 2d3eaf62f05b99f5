import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { assertAuthenticated, assertUnauthorized } from '../support/authenticate.ts';
import { startTestApp, type TestApp } from '../support/test-app.ts';

const secretOf = (text: string) => `whsec_${Buffer.from(text).toString('base64')}`;
const NEW = secretOf('a new key of two dozen bytes');
const OLD = secretOf('an old key of two dozen bytes');
const FOREIGN = secretOf('a key that nobody has agreed on');

let app: TestApp;
before(async () => {
  app = await startTestApp({
    env: { NEW, OLD },
    config: {
      callers: { hook: { type: 'json', auth: { standardWebhooks: ['env:NEW', 'env:OLD'] } } },
    },
  });
});
after(() => app.stop());

const BODY = '{}';

/** As the reference library signs, by default now. */
function signed(secret: string, { id = 'msg_1', ago = 0, body = BODY } = {}) {
  const at = new Date(Date.now() - ago * 1000);
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': new Webhook(secret).sign(id, at, body),
  };
}

describe('standardWebhooks, signed by the reference library', () => {
  for (const secret of [NEW, OLD]) {
    test(`each secret of a rotation is accepted: ${secret}`, () =>
      assertAuthenticated(app, 'hook', signed(secret)));
  }

  test('one good signature among others is enough', async () => {
    const good = signed(NEW);
    const bad = signed(FOREIGN)['webhook-signature'];
    const all = `v1a,${'A'.repeat(86)}== ${bad} ${good['webhook-signature']} v2,x`;
    await assertAuthenticated(app, 'hook', { ...good, 'webhook-signature': all });
  });

  test('a signature 4:50 old or ahead is accepted', async () => {
    await assertAuthenticated(app, 'hook', signed(NEW, { ago: 290 }));
    await assertAuthenticated(app, 'hook', signed(NEW, { ago: -290 }));
  });

  const good = () => signed(NEW);
  const signature = (change: (text: string) => string) => () => ({
    ...good(),
    'webhook-signature': change(good()['webhook-signature']),
  });
  const wrong: Record<string, () => Record<string, string>> = {
    'no signature at all': () => ({}),
    'no id': () => ({ ...good(), 'webhook-id': '' }),
    'another id': () => ({ ...good(), 'webhook-id': 'msg_2' }),
    'no timestamp': () => ({ ...good(), 'webhook-timestamp': '' }),
    'another timestamp': () => ({
      ...good(),
      'webhook-timestamp': String(Math.floor(Date.now() / 1000) - 1),
    }),
    'a stale one': () => signed(NEW, { ago: 310 }),
    'one from the future': () => signed(NEW, { ago: -310 }),
    'a foreign one': () => signed(FOREIGN),
    'one of another body': () => signed(NEW, { body: '{ }' }),
    'an empty one': signature(() => ''),
    'one without its version': signature((text) => text.slice(3)),
    'one of another version': signature((text) => text.replace('v1,', 'v2,')),
    'a shorter one': signature((text) => text.slice(0, -1)),
    'a longer one': signature((text) => `${text}A`),
    'one in hex': signature((text) => `v1,${Buffer.from(text.slice(3), 'base64').toString('hex')}`),
  };
  for (const [what, headers] of Object.entries(wrong)) {
    test(`${what} is refused`, async () => {
      assert.equal(await assertUnauthorized(app, 'hook', headers()), undefined);
    });
  }

  test('a body with one byte changed is refused', async () => {
    const headers = signed(NEW, { body: '{"name":"a"}' });
    await assertUnauthorized(app, 'hook', headers, '{"name":"b"}');
  });
});
