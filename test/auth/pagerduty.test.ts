import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pagerdutySignature } from '../../src/auth/pagerduty.ts';
import { hmac } from '../../src/cli/send/senders/hmac.ts';
import { authenticate, createTestDeps, getChallenge, isAuthenticated } from '../support/auth.ts';

const { deps } = createTestDeps({ 'env:NEW': 'c2VjcmV0', 'env:OLD': 'old' });
const proof = pagerdutySignature(['env:NEW', 'env:OLD'], deps, ['secrets']);
const BODY = '{"event":{}}';
const of = (secret: string | Buffer, body = BODY) => `v1=${hmac(secret, [body], 'hex')}`;
const shown = (signature: string) => ({
  headers: { 'x-pagerduty-signature': signature },
  body: BODY,
});
const NONE = `v1=${'0'.repeat(64)}`;

for (const [what, signature] of Object.entries({
  alone: of('c2VjcmV0'),
  'with an old secret': of('old'),
  'behind another': `${NONE},${of('old')}`,
  'with a blank after the comma': `${NONE}, ${of('old')} `,
  'beside a version that nobody knows': `v2=x,,${of('old')}`,
  'as the eighth': [...Array(7).fill(NONE), of('old')].join(),
  'as the eighth of its version': [
    ...Array(20).fill('v2=x'),
    ...Array(7).fill(NONE),
    of('old'),
  ].join(),
})) {
  test(`a signature ${what} is accepted, and tells no person`, async () => {
    assert.deepEqual(await authenticate(proof, shown(signature)), []);
  });
}

for (const [what, signature] of Object.entries({
  'under the bytes that the secret looks like': of(Buffer.from('c2VjcmV0', 'base64')),
  'of another body': of('old', `${BODY} `),
  'without its version': of('old').slice(3),
  'of another version': of('old').replace('v1', 'v2'),
  'in capitals': of('old').toUpperCase(),
  'as the ninth': [...Array(8).fill(NONE), of('old')].join(),
  'that is empty': '',
  'of which there is the version alone': 'v1=',
})) {
  test(`a signature ${what} is refused, without a challenge`, async () => {
    assert.equal(await getChallenge(proof, shown(signature)), undefined);
  });
}

test('a header that came twice, or not at all, is refused', async () => {
  const twice = { 'x-pagerduty-signature': [of('old'), of('old')] };
  assert.ok(!(await isAuthenticated(proof, { headers: twice, body: BODY })));
  assert.ok(!(await isAuthenticated(proof, { body: BODY })));
});
