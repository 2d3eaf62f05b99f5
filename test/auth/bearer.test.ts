import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bearer } from '../../src/auth/bearer.ts';
import { authenticate, createTestDeps, getChallenge } from '../support/auth.ts';

const { deps } = createTestDeps({ 'env:NEW': 'new-token', 'env:OLD': 'old-token' });
const proof = bearer(['env:NEW', 'env:OLD'], deps, ['auth', 'bearer']);
const shown = (authorization: string) => ({ headers: { authorization } });

for (const authorization of ['Bearer new-token', 'bearer old-token', 'BEARER   new-token  ']) {
  test(`${JSON.stringify(authorization)} is accepted, and tells no person`, async () => {
    assert.deepEqual(await authenticate(proof, shown(authorization)), []);
  });
}

for (const authorization of [
  ...['', 'Bearer', 'Bearer ', 'Bearernew-token', 'xBearer new-token', 'Bearer new-token x'],
  ...['Bearer other', 'Basic new-token', 'new-token', 'Bearer new-token2', 'Bearer undefined'],
]) {
  test(`${JSON.stringify(authorization)} is refused, with a challenge`, async () => {
    assert.equal(await getChallenge(proof, shown(authorization)), 'Bearer realm="cancel-hook"');
  });
}

test('no header at all is refused, with a challenge', async () => {
  assert.equal(await getChallenge(proof, {}), 'Bearer realm="cancel-hook"');
});
