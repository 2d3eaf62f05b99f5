import assert from 'node:assert/strict';
import { test } from 'node:test';
import { json } from '../../src/callers/json.ts';
import { createTestDeps } from '../support/auth.ts';

const emails = ['a@b.example'];

for (const [what, auth, expected] of [
  [
    "google, if its audience is the function's URL",
    { google: { audience: 'https://f.example', emails } },
    'https://f.example',
  ],
  [
    'google, by the first URL of a list',
    { google: { audience: ['f', 'https://f.example'], emails } },
    'https://f.example',
  ],
  ['iam, if it has an audience', { iam: { audience: 'https://f.example' } }, 'https://f.example'],
  ['no iam without an audience', { iam: true }, undefined],
  ['no iam with emails alone', { iam: { emails } }, undefined],
  ['no audience that is no URL', { google: { audience: 'f', emails } }, undefined],
  [
    'no audience of another protocol',
    { google: { audience: 'ftp://f.example', emails } },
    undefined,
  ],
  ['no other scheme', { bearer: 'env:S' }, undefined],
] as const) {
  test(`Cloud Tasks can call back ${what}`, () => {
    const settings = { type: 'json', auth } as unknown as Parameters<typeof json.create>[1];
    const { deps } = createTestDeps({ 'env:S': 'a-secret' });
    const { callback } = json.create('ops', settings, deps);
    assert.deepEqual(callback, expected && { url: 'https://f.example/ops', audience: expected });
  });
}

test('a URL that ends in the route is the address itself', () => {
  const audience = 'https://f.example/base/ops';
  const settings = { type: 'json', auth: { google: { audience, emails } } } as const;
  const { callback } = json.create('ops', settings as never, createTestDeps().deps);
  assert.deepEqual(callback, { url: audience, audience });
});
