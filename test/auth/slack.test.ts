import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkSlack, slackSignature } from '../../src/auth/slack.ts';
import { hmac, signSlack } from '../../src/cli/send/senders/hmac.ts';
import { createTestDeps, NOW, SECONDS } from '../support/auth.ts';

const BODY = Buffer.from('token=x&text=a%20b');
const [NEW, OLD] = ['new-secret', 'old-secret'];

function verifies(headers: Record<string, string | string[]>, body = BODY, now = NOW): boolean {
  return checkSlack({ headers, keys: [NEW, OLD], now })?.(body) ?? false;
}

describe("Slack's signature", () => {
  const good = signSlack(BODY, NEW, NOW);
  const signature = good['x-slack-signature'] ?? '';

  test('is accepted under each secret of a rotation', () => {
    assert.ok(verifies(good));
    assert.ok(verifies(signSlack(BODY, OLD, NOW)));
    assert.ok(!verifies(signSlack(BODY, 'another', NOW)));
  });

  test('covers the body as it came, and the time', () => {
    assert.ok(!verifies(good, Buffer.from('token=x&text=a+b')));
    assert.ok(!verifies({ ...good, 'x-slack-request-timestamp': String(SECONDS + 1) }));
  });

  test('is good for five minutes before its time and after it', () => {
    for (const [seconds, fits] of [
      [-301, false],
      [-300, true],
      [300, true],
      [301, false],
    ] as const) {
      assert.equal(verifies(good, BODY, NOW + seconds * 1000), fits, `${seconds}`);
    }
  });

  test('is of version v0, and of no other', () => {
    for (const other of [
      signature.slice(3),
      signature.replace('v0', 'v1'),
      ` ${signature}`,
      'v0=',
    ]) {
      assert.ok(!verifies({ ...good, 'x-slack-signature': other }), other);
    }
    const later = hmac(NEW, [`v1:${SECONDS}:`, BODY], 'hex');
    assert.ok(!verifies({ ...good, 'x-slack-signature': `v0=${later}` }));
    assert.ok(!verifies({ ...good, 'x-slack-signature': `v1=${later}` }));
  });

  test('is none where a header is missing or came twice', () => {
    for (const name of Object.keys(good)) {
      const { [name]: value = '', ...rest } = good;
      assert.ok(!verifies(rest), name);
      assert.ok(!verifies({ ...rest, [name]: [value, value] }), name);
      assert.ok(!verifies({ ...rest, [name]: [value] }), name);
    }
  });

  test("is judged by the hook's clock, with the secrets of the configuration", async () => {
    let now = NOW;
    const { deps, errors } = createTestDeps({ 'env:S': NEW }, {}, () => now);
    const judge = slackSignature(['env:S', 'env:GONE'], deps, ['signingSecret']);
    assert.deepEqual(errors, [{ at: ['signingSecret'], message: 'is missing' }]);
    assert.ok((await judge({ headers: good }))?.(BODY));
    assert.ok(!(await judge({ headers: good }))?.(Buffer.from('other')));
    now += 301_000;
    await assert.rejects(judge({ headers: good }), { reason: 'UNAUTHENTICATED' });
  });

  test('is asked for only where a head pretends to have one', async () => {
    const judge = slackSignature('env:S', createTestDeps({ 'env:S': NEW }).deps, []);
    assert.equal(await judge({ headers: { 'content-type': 'x' } }), undefined);
    for (const [name, value] of Object.entries(good)) {
      await assert.rejects(judge({ headers: { [name]: value } }), { reason: 'UNAUTHENTICATED' });
    }
  });
});
