import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { loadConfig } from '../../src/config/config.ts';
import { ConfigError, formatIssue } from '../../src/validation/validator.ts';
import { createConfigDeps } from '../support/config-deps.ts';

const QUEUE = 'projects/my-project/locations/us-central1/queues/cancels';
const HOOK = 'https://hook.example.com';
const emails = ['sweeper@my-project.iam.gserviceaccount.com'];
const google = (audience: string | string[]) => ({
  type: 'json',
  auth: { google: { audience, emails } },
});
const iam = (value: unknown) => ({ type: 'json', auth: { iam: value } });
const bearer = { type: 'json', auth: { bearer: 'env:TOKEN' } };

const deps = createConfigDeps({ env: { TOKEN: 'ops-token-0123456789' } });

function load(callers: object, queue: unknown = QUEUE) {
  const allow = [{ operations: ['projects/my-project/locations/*/operations/*'], sweep: true }];
  return loadConfig(JSON.stringify({ callers, allow, queue }), deps);
}

describe('Cloud Tasks can call back a json caller', () => {
  const callbacks: [string, object, object][] = [
    ['with google', google(HOOK), { url: `${HOOK}/a`, audience: HOOK }],
    [
      'with its own URL as the audience',
      google(`${HOOK}/a`),
      { url: `${HOOK}/a`, audience: `${HOOK}/a` },
    ],
    ['with a list of audiences', google(['hook', HOOK]), { url: `${HOOK}/a`, audience: HOOK }],
    [
      'with iam and an audience',
      iam({ audience: HOOK, emails }),
      { url: `${HOOK}/a`, audience: HOOK },
    ],
  ];
  for (const [what, caller, callback] of callbacks) {
    test(what, () => {
      assert.deepEqual(load({ a: caller }).callers.get('a')?.callback, callback);
    });
  }
});

describe('a queue is an error of the configuration', () => {
  const useless: [string, object][] = [
    ['without such a caller', { ops: bearer }],
    ['with an audience that is no URL', { a: google('hook') }],
    ['with an audience of another scheme', { a: google('urn:hook') }],
    ['with iam without an audience', { a: iam(true) }],
    ['with callers of other types', { a: { ...google(HOOK), type: 'pubsub' } }],
  ];
  for (const [what, callers] of useless) {
    test(what, () => {
      assert.throws(
        () => load(callers),
        (error) =>
          error instanceof ConfigError &&
          /^\$\.queue needs /m.test(error.issues.map(formatIssue).join('\n')),
      );
    });
  }

  const malformed = [
    'cancels',
    '',
    `${QUEUE}/tasks/t`,
    `${QUEUE}?x`,
    'projects/p/locations/l/queues/a.b',
    5,
  ];
  for (const queue of malformed) {
    test(`as ${JSON.stringify(queue)}`, () => {
      assert.throws(
        () => load({ a: google(HOOK) }, queue),
        (error) =>
          error instanceof ConfigError &&
          error.issues.every((issue) => formatIssue(issue).startsWith('$.queue')),
      );
    });
  }
});
