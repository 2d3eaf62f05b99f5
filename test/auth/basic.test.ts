import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { basic, basicSettings } from '../../src/auth/basic.ts';
import {
  authenticate,
  createSettingsValidator,
  createTestDeps,
  getChallenge,
} from '../support/auth.ts';

const env = { 'env:NEW': 'sesame', 'env:OLD': 'old:sésame', 'env:PADDED': 'sesam' };
const encode = (text: string) => Buffer.from(text).toString('base64');
const pair = (text: string, scheme = 'Basic ') => ({ authorization: scheme + encode(text) });

function proofOf(username = 'ops', password: string | string[] = ['env:NEW', 'env:OLD']) {
  return basic({ username, password }, createTestDeps(env).deps, ['auth', 'basic']);
}

describe('a user name and password', () => {
  const accepted: Record<string, Record<string, string>> = {
    'with the first password': pair('ops:sesame'),
    'with a password that has a colon and an umlaut': pair('ops:old:sésame'),
    'with the scheme in other letters': pair('ops:sesame', 'bAsIc '),
    'with blanks around': { authorization: `Basic   ${encode('ops:sesame')}  ` },
  };
  for (const [what, headers] of Object.entries(accepted)) {
    test(`${what} are accepted, and tell no person from another`, async () => {
      assert.deepEqual(await authenticate(proofOf(), { headers }), []);
    });
  }

  test('are accepted with no, one and two signs of padding', async () => {
    for (const [username, padding] of [
      ['ops', 0],
      ['opss', 2],
      ['opsss', 1],
    ] as const) {
      const headers = pair(`${username}:sesam`);
      assert.equal(headers.authorization.split('=').length - 1, padding);
      assert.deepEqual(await authenticate(proofOf(username, 'env:PADDED'), { headers }), []);
    }
  });

  const refused: Record<string, Record<string, string>> = {
    'that are missing': {},
    'without a scheme': { authorization: encode('ops:sesame') },
    'of a scheme that only ends so': pair('ops:sesame', 'xBasic '),
    'of a scheme that only begins so': pair('ops:sesame', 'Basics '),
    'right behind the scheme': pair('ops:sesame', 'Basic'),
    'with something behind': { authorization: `Basic ${encode('ops:sesame')} x` },
    'in another base64': { authorization: `Basic ${encode('ops:sesame')}-_` },
    'with another password': pair('ops:sesame2'),
    'with another name': pair('opz:sesame'),
    'with a longer name': pair('opss:sesame'),
    'without a colon': pair('ops'),
    'without a password': pair('ops:'),
    'with the password alone': pair('sesame'),
    'with no name': pair(':sesame'),
  };
  for (const [what, headers] of Object.entries(refused)) {
    test(`${what} are refused, with the challenge that Cloud Monitoring needs`, async () => {
      const challenge = await getChallenge(proofOf(), { headers });
      assert.equal(challenge, 'Basic realm="cancel-hook", charset="UTF-8"');
    });
  }

  test('are one pair: a password without a colon is none, even of a user without a name', async () => {
    await getChallenge(proofOf(''), { headers: pair('sesame') });
  });

  test('have their password where the configuration has it', () => {
    const { deps, errors } = createTestDeps();
    basic({ username: 'ops', password: 'env:GONE' }, deps, ['auth', 'basic']);
    assert.deepEqual(errors, [{ at: ['auth', 'basic', 'password'], message: 'is missing' }]);
  });
});

test('the settings are a name without colons and control characters, and a password', () => {
  const errors = createSettingsValidator(basicSettings);
  const password = 'env:P';
  assert.deepEqual(errors({ username: 'alertmanager é', password }), []);
  assert.deepEqual(errors({ username: 'a', password: ['env:P', 'file:/p'] }), []);
  for (const username of ['a:b', ':', 'a\n', '\0', 'a\x7f', '\x1fa']) {
    assert.deepEqual(errors({ username, password }), [
      'username must be a user name without colons and control characters',
    ]);
  }
  assert.match(
    errors({ username: '', password })[0] ?? '',
    /^username must have at least 1 character/,
  );
  assert.deepEqual(errors({ password }), ['username is required']);
  assert.deepEqual(errors({ username: 'a' }), ['password is required']);
  assert.deepEqual(errors({ username: 'a', password, realm: 'x' }), ['realm is unknown']);
  assert.deepEqual(errors({ username: 1, password }), ['username must be a string']);
  assert.deepEqual(errors('a:b'), ['must be an object']);
  assert.equal(errors({ username: 'a', password: 'a-plain-password' }).length, 1);
});
