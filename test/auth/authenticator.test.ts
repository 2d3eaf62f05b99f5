import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseAuthorization, toHeadAuthentication } from '../../src/auth/authenticator.ts';

describe('the authentication of a head', () => {
  test('that proves its sender yields a principal, whatever the body holds', () => {
    const authentication = toHeadAuthentication('ops', ['a@b.example', 'b']);
    assert.equal(authentication.authenticated, true);
    const { caller, identities } = authentication.authenticate(Buffer.from('anything'));
    assert.deepEqual([caller, identities], ['ops', ['a@b.example', 'b']]);
  });

  test('of a signed body yields a principal without identities, or a 401 as "signature"', () => {
    const authentication = toHeadAuthentication('ops', (body) => body.toString() === 'signed');
    assert.equal(authentication.authenticated, false);
    const { caller, identities } = authentication.authenticate(Buffer.from('signed'));
    assert.deepEqual([caller, identities], ['ops', []]);
    assert.throws(() => authentication.authenticate(Buffer.from('other')), {
      reason: 'UNAUTHENTICATED',
      unauthenticated: 'signature',
    });
  });
});

test('an Authorization header is one scheme, in any case of letters, and one text without spaces', () => {
  for (const header of ['Bearer a', 'bearer a', ' BEARER   a ']) {
    assert.deepEqual(parseAuthorization(header, 'Bearer'), { credentials: 'a' }, header);
  }
  for (const [header, reason] of [
    [undefined, 'no-credentials'],
    ['', 'no-credentials'],
    [' ', 'scheme'],
    ['Basic a', 'scheme'],
    ['Bearer\ta', 'scheme'],
    ['Bearer', 'malformed'],
    ['Bearer a b', 'malformed'],
    ['Bearer a, Bearer b', 'malformed'],
    [['Bearer a'], 'malformed'],
    [[], 'malformed'],
  ] as const) {
    assert.equal(parseAuthorization(header, 'Bearer'), reason, String(header));
  }
  assert.deepEqual(parseAuthorization('Basic a', 'Basic'), { credentials: 'a' });
  assert.equal(parseAuthorization('Bearer a', 'Basic'), 'scheme');
});
