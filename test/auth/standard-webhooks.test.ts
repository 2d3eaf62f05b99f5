import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { isWithinTolerance } from '../../src/auth/hmac.ts';
import { checkStandardWebhook, keyOf, standardWebhooks } from '../../src/auth/standard-webhooks.ts';
import { hmac, signStandardWebhook } from '../../src/cli/send/senders/hmac.ts';
import {
  authenticate,
  createTestDeps,
  getChallenge,
  isAuthenticated,
  NOW,
} from '../support/auth.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const BODY = '{}';

describe('a Standard Webhook', () => {
  const now = 1_800_000_000_000;
  const key = Buffer.from('a key of some two dozen bytes');
  const verify = (body: Buffer, headers: Record<string, string | string[]>, at = now) =>
    checkStandardWebhook({ headers, keys: [key], now: at })?.(body) ?? false;
  const secret = `whsec_${key.toString('base64')}`;
  const headersOf = (body: Buffer) => signStandardWebhook(body, secret, now, 'msg_1');

  test('no byte of a body can be flipped, whatever bytes they are', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (bytes, at, flip) => {
          const body = Buffer.from(bytes);
          const headers = headersOf(body);
          assert.ok(verify(body, headers));
          const other = Buffer.from(body);
          const place = at % body.length;
          other[place] = (other[place] ?? 0) ^ flip;
          assert.ok(!verify(other, headers));
          assert.ok(!verify(Buffer.concat([body, Buffer.from(' ')]), headers));
        },
      ),
    );
  });

  test('exactly 5 minutes on either side are the limit', () => {
    const body = Buffer.from(BODY);
    for (const [seconds, good] of [
      [-301, false],
      [-300, true],
      [0, true],
      [300, true],
      [301, false],
    ] as const) {
      assert.equal(verify(body, headersOf(body), now + seconds * 1000), good, `${seconds} s`);
    }
  });

  test('a timestamp that is no plain number is refused, even where it is signed', () => {
    for (const timestamp of [
      '1800000000.0',
      '18e8',
      '-1',
      ' 1800000000',
      '0x6B49D200',
      'NaN',
      '',
    ]) {
      const body = Buffer.from(BODY);
      const signature = `v1,${hmac(key, [`msg_1.${timestamp}.`, body], 'base64')}`;
      const headers = { 'webhook-timestamp': timestamp, 'webhook-signature': signature };
      assert.ok(!verify(body, { ...headersOf(body), ...headers }), timestamp);
    }
    assert.ok(!isWithinTolerance(undefined, now));
  });

  test('a header that came twice is refused', () => {
    const body = Buffer.from(BODY);
    const headers = headersOf(body);
    for (const [name, value] of Object.entries(headers)) {
      assert.ok(!verify(body, { ...headers, [name]: [value, value] }), name);
      assert.ok(!verify(body, { ...headers, [name]: [value] }), name);
    }
  });

  test('a secret is whsec_ and base64, nothing else', () => {
    assert.deepEqual(keyOf('whsec_AAAA'), Buffer.alloc(3));
    for (const text of [
      '',
      'whsec_',
      'AAAA',
      'whsec_A',
      'whsec_AAA',
      'whsec_AA=A',
      'WHSEC_AAAA',
      'whsec_AAAA ',
      'whsec_----',
    ]) {
      assert.equal(keyOf(text), undefined, text);
    }
  });

  const vector = `${root}/../shared/callers/standard-webhooks.signed-vector.json`;
  const skip = existsSync(vector)
    ? false
    : `the published vector is not here (${'../shared/callers'})`;
  test('the published vector is accepted at its time, and with no byte changed', { skip }, () => {
    const body = readFileSync(vector);
    const sources = readFileSync(`${root}/../shared/callers/SOURCES.md`, 'utf8');
    const line =
      sources.split('\n').find((text) => text.includes('standard-webhooks.signed-vector')) ?? '';
    const value = (name: string) => line.match(new RegExp(`${name}: ([^\`]+)\``))?.[1] ?? '';
    const keys = [
      keyOf(line.match(/whsec_[A-Za-z0-9+/=]+/)?.[0] ?? '') ?? assert.fail('no secret'),
    ];
    const headers = {
      'webhook-id': value('webhook-id'),
      'webhook-timestamp': value('webhook-timestamp'),
      'webhook-signature': value('webhook-signature'),
    };
    const at = Number(headers['webhook-timestamp']) * 1000;
    const check = checkStandardWebhook({ headers, keys, now: at });
    assert.equal(check?.(body), true);
    assert.equal(check(body.subarray(1)), false);
    assert.equal(checkStandardWebhook({ headers, keys, now: at + 301_000 }), undefined);
  });
});

describe('as a proof', () => {
  const [newKey, oldKey] = [
    'whsec_bmV3LWtleS1vZi1zb21lLWJ5dGVz',
    'whsec_b2xkLWtleS1vZi1zb21lLWJ5dGVz',
  ];
  let now = NOW;
  const { deps, errors } = createTestDeps({ 'env:NEW': newKey, 'env:OLD': oldKey }, {}, () => now);
  const proof = standardWebhooks(['env:NEW', 'env:OLD'], deps, ['auth', 'standardWebhooks']);
  const sent = (secret: string) => signStandardWebhook(BODY, secret, NOW, 'msg_1');
  const signature = sent(newKey)['webhook-signature'] ?? '';
  const shown = (header: string) => ({
    headers: { ...sent(newKey), 'webhook-signature': header },
    body: BODY,
  });
  const none = `v1,${'A'.repeat(43)}=`;

  test('each secret of a rotation is accepted, and tells no person', async () => {
    for (const secret of [newKey, oldKey]) {
      assert.deepEqual(await authenticate(proof, { headers: sent(secret), body: BODY }), []);
    }
    assert.deepEqual(errors, []);
  });

  for (const [what, header] of Object.entries({
    'behind others': `v1a,x v2,x ${none} ${signature}`,
    'as the eighth': `${`${none} `.repeat(7)}${signature}`,
    'as the eighth of its version': `${'v2,x '.repeat(20)}${`${none} `.repeat(7)}${signature}`,
  })) {
    test(`a signature ${what} is accepted`, async () => {
      assert.ok(await isAuthenticated(proof, shown(header)));
    });
  }

  for (const [what, header] of Object.entries({
    'as the ninth': `${`${none} `.repeat(8)}${signature}`,
    'without a version': signature.slice(3),
    'of another version': signature.replace('v1', 'v2'),
    'in a list by commas': `${none},${signature}`,
    'that is empty': '',
  })) {
    test(`a signature ${what} is refused, without a challenge`, async () => {
      assert.equal(await getChallenge(proof, shown(header)), undefined);
    });
  }

  test('a message without an id is refused, though it is signed', async () => {
    const headers = signStandardWebhook(BODY, newKey, NOW, '');
    assert.ok(!(await isAuthenticated(proof, { headers, body: BODY })));
    const { 'webhook-id': _, ...rest } = headers;
    assert.ok(!(await isAuthenticated(proof, { headers: rest, body: BODY })));
  });

  test("is judged by the hook's clock", async () => {
    now = NOW + 301_000;
    assert.ok(!(await isAuthenticated(proof, { headers: sent(newKey), body: BODY })));
    now = NOW;
  });

  test('a secret that is none is a fault of the configuration, and never a key', async () => {
    const { deps, errors } = createTestDeps({ 'env:X': 'a-plain-secret' });
    const other = standardWebhooks('env:X', deps, ['auth', 'standardWebhooks']);
    const message = 'must be whsec_ followed by base64';
    assert.deepEqual(errors, [{ at: ['auth', 'standardWebhooks'], message }]);
    assert.ok(!(await isAuthenticated(other, { headers: sent('whsec_'), body: BODY })));
  });

  test('a secret is read as its bytes, padded or not', () => {
    assert.deepEqual(keyOf('whsec_YWJjZA=='), Buffer.from('abcd'));
    assert.deepEqual(keyOf('whsec_YWJjZGU='), Buffer.from('abcde'));
    assert.deepEqual(keyOf('whsec_YWJjZGVm'), Buffer.from('abcdef'));
    for (const text of [
      ...[
        'xwhsec_YWJj',
        'whsec_=',
        'whsec_YWJj=',
        'whsec_YWJjZA=',
        'whsec_YWJjZ===',
        'whsec_YWJj\n',
      ],
      ...['whsec_YWJj====', 'YWJjYWJj', 'whsec_ YWJj', 'whsec_YWJj==', 'whsec_AA==', 'whsec_-_-_'],
    ]) {
      assert.equal(keyOf(text), undefined, text);
    }
  });
});
