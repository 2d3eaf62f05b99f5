import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { checkSignedHead } from '../../src/auth/hmac.ts';
import {
  decodeKey,
  grafanaHmac,
  grafanaHmacSettings,
  pagerdutySignature,
  STANDARD_WEBHOOKS,
  slackSignature,
  standardWebhooks,
} from '../../src/auth/hmac-schemes.ts';
import { hmac, signSlack, signStandardWebhook } from '../../src/cli/send/senders/hmac.ts';
import {
  assertUnauthenticated,
  authenticate,
  createSettingsValidator,
  createTestDeps,
  isAuthenticated,
  NOW,
  SECONDS,
} from '../support/auth.ts';

describe("Slack's signature", () => {
  const BODY = Buffer.from('token=x&text=a%20b');
  const { deps, errors } = createTestDeps({ 'env:NEW': 'new-secret', 'env:OLD': 'old-secret' });
  const verify = slackSignature(['env:NEW', 'env:OLD', 'env:GONE'], deps, ['signingSecret']);
  const good = signSlack(BODY, 'new-secret', NOW);

  test('is accepted under each secret of a rotation, for the bytes of the body', async () => {
    for (const secret of ['new-secret', 'old-secret']) {
      const check = await verify({ headers: signSlack(BODY, secret, NOW) });
      assert.equal(check?.(BODY), true);
      assert.equal(check(Buffer.from('token=x&text=a+b')), false);
    }
    const check = await verify({ headers: signSlack(BODY, 'another', NOW) });
    assert.equal(check?.(BODY), false);
    assert.deepEqual(errors, [{ at: ['signingSecret'], message: 'is missing' }]);
  });

  test('is of version v0, in the header and in what is signed', async () => {
    const signature = good['x-slack-signature'] ?? '';
    for (const text of [signature.slice(3), signature.replace('v0', 'v1'), 'v0=']) {
      const headers = { ...good, 'x-slack-signature': text };
      await assert.rejects(verify({ headers }), { unauthenticated: 'malformed' });
    }
    const headers = {
      ...good,
      'x-slack-signature': `v0=${hmac('new-secret', [`v1:${SECONDS}:`, BODY], 'hex')}`,
    };
    assert.equal((await verify({ headers }))?.(BODY), false);
  });

  test('is judged by the clock that is handed in', async () => {
    let now = NOW;
    const other = createTestDeps({ 'env:S': 'new-secret' }, {}, () => now);
    const timed = slackSignature('env:S', other.deps, []);
    assert.ok((await timed({ headers: good }))?.(BODY));
    now += 301_000;
    await assert.rejects(timed({ headers: good }), {
      reason: 'UNAUTHENTICATED',
      unauthenticated: 'timestamp',
    });
  });

  test('is not needed by a head without any of its headers, and by no other', async () => {
    assert.equal(await verify({ headers: { 'content-type': 'x' } }), undefined);
    for (const [name, value] of Object.entries(good)) {
      const reason = name === 'x-slack-signature' ? 'timestamp' : 'no-credentials';
      await assert.rejects(verify({ headers: { [name]: value } }), { unauthenticated: reason });
    }
  });
});

describe("PagerDuty's signature", () => {
  const { deps } = createTestDeps({ 'env:NEW': 'c2VjcmV0', 'env:OLD': 'old' });
  const authenticator = pagerdutySignature(['env:NEW', 'env:OLD'], deps, ['secrets']);
  const BODY = '{"event":{}}';
  const sign = (secret: string | Buffer) => `v1=${hmac(secret, [BODY], 'hex')}`;
  const signed = (signature: string) => ({
    headers: { 'x-pagerduty-signature': signature },
    body: BODY,
  });

  test('is one of a list by commas, under each secret as its text', async () => {
    for (const secret of ['c2VjcmV0', 'old']) {
      const request = signed(`${sign('another')},${sign(secret)}`);
      assert.deepEqual(await authenticate(authenticator, request), []);
    }
  });

  test('is refused with the reason, without a challenge', async () => {
    const decoded = sign(Buffer.from('c2VjcmV0', 'base64'));
    await assertUnauthenticated(authenticator, signed(decoded), 'signature');
    await assertUnauthenticated(
      authenticator,
      { ...signed(sign('old')), body: `${BODY} ` },
      'signature',
    );
    await assertUnauthenticated(authenticator, signed(sign('old').slice(3)), 'malformed');
    await assertUnauthenticated(authenticator, { body: BODY }, 'no-credentials');
  });
});

describe("Grafana's signature", () => {
  /** Published by Grafana: the key `secret`, the body `test message`, and the time 0 if there is one. */
  const PLAIN = '3bcebf43c85d20bba6e3b6ba278af1d2ba3ab0d57de271b0ad30b833e851c5a6';
  const TIMED = 'ac18a483a582b60a883e974541afe25aa1026136163e94665649743324183ef1';
  const SIGNATURE = 'x-grafana-alerting-signature';
  const body = 'test message';

  function createGrafana(names: { header?: string; timestampHeader?: string }, now = 0) {
    const secrets = { 'env:OLD': 'secret', 'env:NEW': 'new' };
    const { deps, errors } = createTestDeps(secrets, {}, () => now);
    const settings = { secret: ['env:NEW', 'env:OLD'], ...names };
    return { authenticator: grafanaHmac(settings, deps, ['auth', 'hmac']), errors };
  }
  const timed = { timestampHeader: 'X-Time' };

  test('is accepted as in the published vectors, in the configured header', async () => {
    for (const [names, headers] of [
      [{}, { [SIGNATURE]: PLAIN }],
      [timed, { [SIGNATURE]: TIMED, 'x-time': '0' }],
      [{ header: 'X-Signature' }, { 'x-signature': PLAIN }],
    ] as const) {
      const { authenticator, errors } = createGrafana(names);
      assert.deepEqual(await authenticate(authenticator, { headers, body }), []);
      assert.deepEqual(errors, []);
    }
  });

  test('needs a timestamp if a header is configured for it, and ignores one if none is', async () => {
    const { authenticator } = createGrafana(timed);
    const without = { headers: { [SIGNATURE]: TIMED }, body };
    await assertUnauthenticated(authenticator, without, 'timestamp');
    const unsigned = { headers: { [SIGNATURE]: PLAIN, 'x-time': '0' }, body };
    await assertUnauthenticated(authenticator, unsigned, 'signature');
    assert.ok(await isAuthenticated(createGrafana({}, 1e12).authenticator, unsigned));
    const late = createGrafana(timed, 300_001).authenticator;
    const headers = { [SIGNATURE]: TIMED, 'x-time': '0' };
    await assertUnauthenticated(late, { headers, body }, 'timestamp');
  });

  test('is refused in another header, with a prefix, and with another body', async () => {
    const { authenticator } = createGrafana({});
    const elsewhere = { headers: { 'x-signature': PLAIN }, body };
    await assertUnauthenticated(authenticator, elsewhere, 'no-credentials');
    const prefixed = { headers: { [SIGNATURE]: `sha256=${PLAIN}` }, body };
    await assertUnauthenticated(authenticator, prefixed, 'malformed');
    const changed = { headers: { [SIGNATURE]: PLAIN }, body: 'test message ' };
    await assertUnauthenticated(authenticator, changed, 'signature');
  });

  test('cannot share its header with the timestamp, also not by default', () => {
    const message = 'must be another header than the signature';
    const expected = [{ at: ['auth', 'hmac', 'timestampHeader'], message }];
    const header = 'X-Grafana-Alerting-Signature';
    for (const names of [
      { header: 'X-Both', timestampHeader: 'x-both' },
      { timestampHeader: header.toLowerCase() },
    ]) {
      assert.deepEqual(createGrafana(names).errors, expected);
    }
  });

  test('whose secret is missing is an error at its place in the configuration', () => {
    const { deps, errors } = createTestDeps();
    grafanaHmac({ secret: 'env:GONE' }, deps, ['auth', 'hmac']);
    assert.deepEqual(errors, [{ at: ['auth', 'hmac', 'secret'], message: 'is missing' }]);
  });

  test('is configured by a secret, and names of headers', () => {
    const check = createSettingsValidator(grafanaHmacSettings);
    const secret = 'env:S';
    assert.deepEqual(check({ secret }), []);
    assert.deepEqual(check({ secret, header: "X-a!#$%&'*+.^_`|~1", timestampHeader: 'T' }), []);
    assert.deepEqual(check({}), ['secret is required']);
    assert.deepEqual(check({ secret, algorithm: 'md5' }), ['algorithm is unknown']);
    assert.deepEqual(check([]), ['must be an object']);
    assert.deepEqual(check({ secret, header: 'a b' }), ["header must be a header's name"]);
    for (const key of ['header', 'timestampHeader']) {
      for (const name of ['', 'a b', 'a:', 'é', 'a\n', '(a)', 'a,b', 1, ['a']]) {
        assert.equal(check({ secret, [key]: name }).length, 1, `${key} ${name}`);
      }
    }
    assert.notDeepEqual(check({ secret: 'secret' }), []);
  });
});

describe('a Standard Webhook', () => {
  const BODY = '{}';
  const NEW = 'whsec_bmV3LWtleS1vZi1zb21lLWJ5dGVz';
  const OLD = 'whsec_b2xkLWtleS1vZi1zb21lLWJ5dGVz';
  const { deps, errors } = createTestDeps({ 'env:NEW': NEW, 'env:OLD': OLD });
  const authenticator = standardWebhooks(['env:NEW', 'env:OLD'], deps, ['auth']);
  const sign = (secret = NEW, id = 'msg_1') => signStandardWebhook(BODY, secret, NOW, id);
  const asSvix = (headers: Record<string, string>) =>
    Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.replace('webhook', 'svix'), value]),
    );

  test('is accepted under each secret of a rotation, in webhook-* and in svix-* headers', async () => {
    for (const secret of [NEW, OLD]) {
      for (const headers of [sign(secret), asSvix(sign(secret))]) {
        assert.deepEqual(await authenticate(authenticator, { headers, body: BODY }), []);
      }
    }
    assert.deepEqual(errors, []);
  });

  test('takes its three headers from one set: webhook-* if its signature is there', async () => {
    const [good, svix] = [sign(), asSvix(sign())];
    for (const headers of [
      { ...good, 'svix-id': 'x' },
      { ...good, 'svix-signature': 'x' },
      { ...svix, 'webhook-id': 'x' },
    ]) {
      assert.ok(await isAuthenticated(authenticator, { headers, body: BODY }));
    }
    const bad = { ...svix, 'webhook-signature': 'x', 'webhook-id': 'x' };
    await assertUnauthenticated(authenticator, { headers: bad, body: BODY }, 'timestamp');
    const { 'svix-id': id, ...rest } = svix;
    const mixed = { ...rest, 'webhook-id': id ?? '' };
    await assertUnauthenticated(authenticator, { headers: mixed, body: BODY }, 'malformed');
    await assertUnauthenticated(authenticator, { body: BODY }, 'no-credentials');
  });

  test('signs id, timestamp and body; its signatures are a list by spaces', async () => {
    const signature = sign()['webhook-signature'] ?? '';
    const none = `v1,${'A'.repeat(43)}=`;
    const listed = { ...sign(), 'webhook-signature': `v1a,x v2,x ${none} ${signature}` };
    assert.ok(await isAuthenticated(authenticator, { headers: listed, body: BODY }));
    for (const [headers, body, reason] of [
      [{ ...sign(), 'webhook-signature': `${none},${signature}` }, BODY, 'malformed'],
      [{ ...sign(), 'webhook-signature': signature.slice(3) }, BODY, 'malformed'],
      [sign(NEW, ''), BODY, 'malformed'],
      [{ ...sign(), 'webhook-id': 'msg_2' }, BODY, 'signature'],
      [{ ...sign(), 'webhook-timestamp': `${SECONDS + 1}` }, BODY, 'signature'],
      [{ ...sign(), 'webhook-timestamp': `${SECONDS + 301}` }, BODY, 'timestamp'],
      [sign(), '{ }', 'signature'],
    ] as const) {
      await assertUnauthenticated(authenticator, { headers, body }, reason);
    }
  });

  test('whose secret is not whsec_ and base64 is an error of the configuration, and never a key', async () => {
    const { deps, errors } = createTestDeps({ 'env:X': 'a-plain-secret' });
    const other = standardWebhooks('env:X', deps, ['auth', 'standardWebhooks']);
    const message = 'must be whsec_ followed by base64';
    assert.deepEqual(errors, [{ at: ['auth', 'standardWebhooks'], message }]);
    assert.ok(!(await isAuthenticated(other, { headers: sign('whsec_'), body: BODY })));
  });

  test('has a secret that is read as its bytes', () => {
    assert.deepEqual(decodeKey('whsec_AAAA'), Buffer.alloc(3));
    assert.deepEqual(decodeKey('whsec_YWJjZA=='), Buffer.from('abcd'));
    assert.deepEqual(decodeKey('whsec_YWJjZGU='), Buffer.from('abcde'));
    assert.deepEqual(decodeKey('whsec_YWJjZGVm'), Buffer.from('abcdef'));
    for (const text of [
      ...['', 'whsec_', 'AAAA', 'whsec_A', 'whsec_AAA', 'whsec_AA=A', 'WHSEC_AAAA', 'whsec_AAAA '],
      ...['xwhsec_YWJj', 'whsec_=', 'whsec_YWJj=', 'whsec_YWJjZA=', 'whsec_YWJjZ===', 'whsec_----'],
      ...[
        'whsec_YWJj\n',
        'whsec_YWJj====',
        'whsec_ YWJj',
        'whsec_YWJj==',
        'whsec_AA==',
        'YWJjYWJj',
      ],
    ]) {
      assert.equal(decodeKey(text), undefined, text);
    }
  });

  const folder = new URL('../../../shared/callers/', import.meta.url);
  const vector = new URL('standard-webhooks.signed-vector.json', folder);
  const skip = existsSync(vector) ? false : 'no published vector at ../shared/callers';
  test('is accepted as in the published vector, at its time', { skip }, () => {
    const sources = readFileSync(new URL('SOURCES.md', folder), 'utf8');
    const line =
      sources.split('\n').find((text) => text.includes('standard-webhooks.signed-vector')) ?? '';
    const value = (name: string) => line.match(new RegExp(`${name}: ([^\`]+)\``))?.[1] ?? '';
    const key = decodeKey(line.match(/whsec_[A-Za-z0-9+/=]+/)?.[0] ?? '');
    const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature'];
    const headers = Object.fromEntries(names.map((name) => [name, value(name)]));
    const now = Number(headers['webhook-timestamp']) * 1000;
    const check = checkSignedHead(STANDARD_WEBHOOKS, { headers, keys: [key ?? ''], now });
    if (typeof check === 'string') assert.fail(check);
    const body = readFileSync(vector);
    assert.equal(check(body), true);
    assert.equal(check(body.subarray(1)), false);
  });
});
