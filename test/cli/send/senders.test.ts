/** The signatures that tests and the command line send, against what their senders have published. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { authToken, basic, bearer } from '../../../src/cli/send/senders/authorization.ts';
import {
  signGrafana,
  signPagerduty,
  signSlack,
  signStandardWebhook,
} from '../../../src/cli/send/senders/hmac.ts';

const SIGNATURE = 'x-grafana-alerting-signature';

test("Grafana's published vectors come out", () => {
  assert.deepEqual(signGrafana('test message', 'secret', 0), {
    [SIGNATURE]: '3bcebf43c85d20bba6e3b6ba278af1d2ba3ab0d57de271b0ad30b833e851c5a6',
  });
  assert.deepEqual(
    signGrafana('test message', 'secret', 0, { header: 'X-Sig', timestampHeader: 'X-Time' }),
    {
      'x-sig': 'ac18a483a582b60a883e974541afe25aa1026136163e94665649743324183ef1',
      'x-time': '0',
    },
  );
});

test('a Standard Webhook is what the reference library signs and takes, whatever its bytes', () => {
  const secret = `whsec_${Buffer.from('a key of some two dozen bytes').toString('base64')}`;
  const reference = new Webhook(secret);
  const now = Date.now();
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (body) => {
      const headers = signStandardWebhook(Buffer.from(body), secret, now, 'msg_1');
      const signature = reference.sign('msg_1', new Date(now), body);
      assert.equal(headers['webhook-signature'], signature);
      assert.deepEqual(signStandardWebhook(body, secret, now, 'msg_1'), headers);
    }),
  );
  const json = '{"name":"ä"}';
  const headers = signStandardWebhook(json, secret, now, 'msg_1');
  assert.deepEqual(reference.verify(json, headers), { name: 'ä' });
});

test('a secret that is being rotated gives a signature for each', () => {
  const [both] = Object.values(signPagerduty('{}', 'new', 'old'));
  const each = ['new', 'old'].flatMap((secret) => Object.values(signPagerduty('{}', secret)));
  assert.equal(both, each.join(','));
});

test('a signature covers bytes as they are', () => {
  const bytes = Buffer.from([0x7b, 0xff, 0x00, 0x7d]);
  for (const sign of [
    (body: string | Buffer) => signSlack(body, 'secret', 0),
    (body: string | Buffer) => signPagerduty(body, 'secret'),
    (body: string | Buffer) => signGrafana(body, 'secret', 0),
  ]) {
    assert.notDeepEqual(sign(bytes), sign(bytes.toString('utf8')));
    assert.deepEqual(sign(Buffer.from('{}')), sign('{}'));
  }
});

test('what carries the secret itself: RFC 6750, RFC 7617, and a query', () => {
  assert.deepEqual(bearer('mF_9.B5f-4.1JqM'), { authorization: 'Bearer mF_9.B5f-4.1JqM' });
  // RFC 7617, 2 and 2.1.
  assert.deepEqual(basic('Aladdin', 'open sesame'), {
    authorization: 'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==',
  });
  assert.deepEqual(basic('test', '123£'), { authorization: 'Basic dGVzdDoxMjPCow==' });
  assert.equal(authToken('a/b+c &d=%ü'), 'auth_token=a%2Fb%2Bc%20%26d%3D%25%C3%BC');
});
