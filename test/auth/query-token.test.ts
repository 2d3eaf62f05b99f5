import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { queryToken } from '../../src/auth/query-token.ts';
import { authenticate, createTestDeps, getChallenge, isAuthenticated } from '../support/auth.ts';

const { deps } = createTestDeps({
  'env:NEW': 'a+b c=d&ü',
  'env:OLD': 'old',
  'env:PLUS': 'a+b',
  'env:BLANK': 'a b',
});
const proofOf = (...refs: string[]) => queryToken(refs, deps, ['auth', 'token']);
const both = proofOf('env:NEW', 'env:OLD');

describe("the query's auth_token", () => {
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
      assert.deepEqual(await authenticate(both, { query }), []);
    });
  }

  for (const query of [
    ...['', 'auth_token', 'auth_token=', 'auth_token=other', 'auth_token=old2', 'auth_token=ol'],
    ...['auth_token=old&auth_token=old', 'auth_token=old&auth_token=', 'auth_token&auth_token=old'],
    ...['token=old', 'AUTH_TOKEN=old', 'auth_token=%6fld%zz', 'auth_token=old%00', 'old', '=old'],
    ...['xauth_token=old', 'a=auth_token=old', 'auth_token=old=', 'auth_token=undefined'],
  ]) {
    test(`is not in ${query || 'an empty query'}, and nothing is challenged`, async () => {
      assert.equal(await getChallenge(both, { query }), undefined);
    });
  }

  test('may write a blank as a plus, and a plus as itself, but never one for another', async () => {
    for (const [ref, query, accepted] of [
      ['env:PLUS', 'auth_token=a+b', true],
      ['env:PLUS', 'auth_token=a%2Bb', true],
      ['env:PLUS', 'auth_token=a%20b', false],
      ['env:BLANK', 'auth_token=a+b', true],
      ['env:BLANK', 'auth_token=a%20b', true],
      ['env:BLANK', 'auth_token=a%2Bb', false],
    ] as const) {
      assert.equal(await isAuthenticated(proofOf(ref), { query }), accepted, `${ref} ${query}`);
    }
  });

  test('means nothing where an empty secret should come to be accepted', async () => {
    const empty = queryToken('env:E', createTestDeps({ 'env:E': '' }).deps, []);
    for (const query of ['auth_token=', 'auth_token', '']) {
      assert.ok(!(await isAuthenticated(empty, { query })), query);
    }
  });
});
