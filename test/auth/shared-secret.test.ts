import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  basic,
  basicSettings,
  bearer,
  parseAuthorization,
  queryToken,
} from '../../src/auth/shared-secret.ts';
import {
  assertUnauthenticated,
  authenticate,
  BASIC_CHALLENGE,
  BEARER_CHALLENGE,
  createSettingsValidator,
  createTestDeps,
  isAuthenticated,
} from '../support/auth.ts';

describe('a bearer token', () => {
  const { deps, errors } = createTestDeps({ 'env:NEW': 'new-token', 'env:OLD': 'old-token' });
  const authenticator = bearer(['env:NEW', 'env:OLD', 'env:GONE'], deps, ['auth', 'bearer']);
  const authorization = (text: string) => ({ headers: { authorization: text } });

  for (const text of ['Bearer new-token', 'bearer old-token', 'BEARER   new-token  ']) {
    test(`${JSON.stringify(text)} is accepted and names nobody`, async () => {
      assert.deepEqual(await authenticate(authenticator, authorization(text)), []);
    });
  }

  for (const [text, reason] of [
    ['', 'no-credentials'],
    ['Bearer', 'malformed'],
    ['Bearer ', 'malformed'],
    ['Bearer new-token x', 'malformed'],
    ['Bearer new-token new-token', 'malformed'],
    ['Bearernew-token', 'scheme'],
    ['xBearer new-token', 'scheme'],
    ['Basic new-token', 'scheme'],
    ['new-token', 'scheme'],
    ['Bearer other', 'secret'],
    ['Bearer new-token2', 'secret'],
    ['Bearer new-toke', 'secret'],
    ['Bearer New-token', 'secret'],
    ['Bearer undefined', 'secret'],
    ['Bearer env:NEW', 'secret'],
  ] as const) {
    test(`${JSON.stringify(text)} is refused as "${reason}", with a challenge`, () =>
      assertUnauthenticated(authenticator, authorization(text), reason, BEARER_CHALLENGE));
  }

  test('is refused as "no-credentials" if the header is missing', () =>
    assertUnauthenticated(authenticator, {}, 'no-credentials', BEARER_CHALLENGE));

  test('whose reference is missing is an error at its place in the configuration', () => {
    assert.deepEqual(errors, [{ at: ['auth', 'bearer'], message: 'is missing' }]);
  });
});

describe('a user name and password', () => {
  const secrets = { 'env:NEW': 'sesame', 'env:OLD': 'old:sésame', 'env:PADDED': 'sesam' };
  const encode = (text: string) => Buffer.from(text).toString('base64');
  const pair = (text: string, scheme = 'Basic ') => ({
    headers: { authorization: scheme + encode(text) },
  });
  const header = (authorization: string) => ({ headers: { authorization } });

  function createBasic(username = 'ops', password: string | string[] = ['env:NEW', 'env:OLD']) {
    return basic({ username, password }, createTestDeps(secrets).deps, ['auth', 'basic']);
  }

  for (const [what, request] of Object.entries({
    'with the first password': pair('ops:sesame'),
    'with a password that has a colon and an accent': pair('ops:old:sésame'),
    'with the scheme in other letters': pair('ops:sesame', 'bAsIc '),
    'with spaces around': header(`Basic   ${encode('ops:sesame')}  `),
  })) {
    test(`${what} are accepted and name nobody`, async () => {
      assert.deepEqual(await authenticate(createBasic(), request), []);
    });
  }

  test('are accepted with no, one and two characters of padding', async () => {
    for (const [username, padding] of [
      ['ops', 0],
      ['opss', 2],
      ['opsss', 1],
    ] as const) {
      const request = pair(`${username}:sesam`);
      assert.equal(request.headers.authorization.split('=').length - 1, padding);
      assert.deepEqual(await authenticate(createBasic(username, 'env:PADDED'), request), []);
    }
  });

  for (const [what, request, reason] of [
    ['that are missing', {}, 'no-credentials'],
    ['without a scheme', header(encode('ops:sesame')), 'scheme'],
    ['of a scheme that only ends so', pair('ops:sesame', 'xBasic '), 'scheme'],
    ['of a scheme that only begins so', pair('ops:sesame', 'Basics '), 'scheme'],
    ['right behind the scheme', pair('ops:sesame', 'Basic'), 'scheme'],
    ['in Bearer', pair('ops:sesame', 'Bearer '), 'scheme'],
    ['with something behind', header(`Basic ${encode('ops:sesame')} x`), 'malformed'],
    ['in URL-safe base64', header(`Basic ${encode('ops:sesame')}-_`), 'malformed'],
    ['in plain text', header('Basic ops:sesame'), 'malformed'],
    ['behind another character', header(`Basic !${encode('ops:sesame')}`), 'malformed'],
    ['with padding in front', header(`Basic =${encode('ops:sesame')}`), 'malformed'],
    ['without a colon', pair('ops'), 'malformed'],
    ['with the password alone', pair('sesame'), 'malformed'],
    ['with another password', pair('ops:sesame2'), 'secret'],
    ['with a line end', pair('ops:sesame\n'), 'secret'],
    ['with another name', pair('opz:sesame'), 'secret'],
    ['with a longer name', pair('opss:sesame'), 'secret'],
    ['with the name in capitals', pair('OPS:sesame'), 'secret'],
    ['with name and password exchanged', pair('sesame:ops'), 'secret'],
    ['without a password', pair('ops:'), 'secret'],
    ['with no name', pair(':sesame'), 'secret'],
  ] as const) {
    test(`${what} are refused as "${reason}", with the challenge that Cloud Monitoring needs`, () =>
      assertUnauthenticated(createBasic(), request, reason, BASIC_CHALLENGE));
  }

  test('are one pair: a password without a colon is refused even if the name is empty', () =>
    assertUnauthenticated(createBasic(''), pair('sesame'), 'malformed', BASIC_CHALLENGE));

  test('whose password is missing are an error at its place in the configuration', () => {
    const { deps, errors } = createTestDeps();
    basic({ username: 'ops', password: 'env:GONE' }, deps, ['auth', 'basic']);
    assert.deepEqual(errors, [{ at: ['auth', 'basic', 'password'], message: 'is missing' }]);
  });

  test('are configured by a name without colons and control characters, and a password', () => {
    const check = createSettingsValidator(basicSettings);
    const password = 'env:P';
    assert.deepEqual(check({ username: 'alertmanager é', password }), []);
    assert.deepEqual(check({ username: 'a', password: ['env:P', 'file:/p'] }), []);
    for (const username of ['a:b', ':', 'a\n', '\0', 'a\x7f', '\x1fa']) {
      assert.deepEqual(check({ username, password }), [
        'username must be a user name without colons and control characters',
      ]);
    }
    assert.match(
      check({ username: '', password })[0] ?? '',
      /^username must have at least 1 character/,
    );
    assert.deepEqual(check({ password }), ['username is required']);
    assert.deepEqual(check({ username: 'a' }), ['password is required']);
    assert.deepEqual(check({ username: 'a', password, realm: 'x' }), ['realm is unknown']);
    assert.deepEqual(check({ username: 1, password }), ['username must be a string']);
    assert.deepEqual(check('a:b'), ['must be an object']);
    assert.equal(check({ username: 'a', password: 'a-plain-password' }).length, 1);
  });
});

describe("the query's auth_token", () => {
  const { deps } = createTestDeps({
    'env:NEW': 'a+b c=d&ü',
    'env:OLD': 'old',
    'env:PLUS': 'a+b',
    'env:BLANK': 'a b',
  });
  const createToken = (...refs: string[]) => queryToken(refs, deps, ['auth', 'token']);
  const authenticator = createToken('env:NEW', 'env:OLD');

  for (const query of [
    'auth_token=old',
    'a=b&auth_token=old&c',
    '&&auth_token=old',
    'auth%5Ftoken=old',
    `auth_token=${encodeURIComponent('a+b c=d&ü')}`,
    'auth_token=a%2Bb+c=d%26%C3%BC',
    'auth_token=old&%zz=1',
  ]) {
    test(`is found in ${query}`, async () => {
      assert.deepEqual(await authenticate(authenticator, { query }), []);
    });
  }

  for (const [reason, queries] of Object.entries({
    'no-credentials': [
      ...['', 'auth_token', 'auth_token=', 'token=old', 'AUTH_TOKEN=old', 'old', '=old'],
      ...['xauth_token=old', 'a=auth_token=old'],
    ],
    malformed: [
      ...['auth_token=old&auth_token=old', 'auth_token=old&auth_token=', 'auth_token=%6fld%zz'],
      ...['auth_token&auth_token=old', 'auth_token=&auth_token='],
    ],
    secret: [
      ...['auth_token=other', 'auth_token=old2', 'auth_token=ol', 'auth_token=old%00'],
      ...['auth_token=old=', 'auth_token=undefined', 'auth_token=+'],
    ],
  } as const)) {
    for (const query of queries) {
      test(`"${query}" is refused as "${reason}", without a challenge`, () =>
        assertUnauthenticated(authenticator, { query }, reason as 'secret'));
    }
  }

  test('may write a space as a plus, and a plus as itself, but never one for the other', async () => {
    for (const [ref, query, accepted] of [
      ['env:PLUS', 'auth_token=a+b', true],
      ['env:PLUS', 'auth_token=a%2Bb', true],
      ['env:PLUS', 'auth_token=a%20b', false],
      ['env:BLANK', 'auth_token=a+b', true],
      ['env:BLANK', 'auth_token=a%20b', true],
      ['env:BLANK', 'auth_token=a%2Bb', false],
    ] as const) {
      assert.equal(await isAuthenticated(createToken(ref), { query }), accepted, `${ref} ${query}`);
    }
  });
});

test('a secret that is no longer available is refused by every scheme, also if it was empty', async () => {
  for (const secrets of [{}, { 'env:E': '' }]) {
    const { deps } = createTestDeps(secrets as Record<string, string>);
    for (const query of ['auth_token=', 'auth_token', '', 'auth_token=undefined']) {
      assert.ok(!(await isAuthenticated(queryToken('env:E', deps, []), { query })), query);
    }
    for (const authorization of ['Bearer ', 'Bearer undefined', 'Basic b3BzOg==']) {
      const request = { headers: { authorization } };
      assert.ok(!(await isAuthenticated(bearer('env:E', deps, []), request)), authorization);
    }
  }
  const pair = { headers: { authorization: `Basic ${Buffer.from('ops:').toString('base64')}` } };
  const settings = { username: 'ops', password: 'env:E' };
  assert.ok(!(await isAuthenticated(basic(settings, createTestDeps().deps, []), pair)));
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
