import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { invalidRequest, type Reason, StatusError, unauthenticated } from '../src/errors.ts';
import { assertError, ERRORS } from './support/error-form.ts';

const reasons = Object.keys(ERRORS) as Reason[];
const answered = ({ code, body, headers }: StatusError) => ({
  status: code,
  headers: { ...headers, 'content-type': 'application/json' },
  text: body,
});

describe("the hook's own errors", () => {
  for (const reason of reasons) {
    test(`${reason} has the form and the codes of the contract`, () => {
      const fieldViolations = [{ field: 'name', description: 'is required' }];
      const error = StatusError.create(reason, 'Words.', {
        metadata: { caller: 'ops' },
        ...(reason === 'INVALID_REQUEST' ? { fieldViolations } : {}),
      });
      const { message, metadata, violations } = assertError(answered(error), reason);
      assert.deepEqual([message, metadata], ['Words.', { caller: 'ops' }]);
      assert.deepEqual(violations, reason === 'INVALID_REQUEST' ? fieldViolations : []);
      const [code, status] = ERRORS[reason];
      assert.deepEqual([error.reason, error.code, error.status], [reason, code, status]);
      assert.equal(error.message, 'Words.');
    });
  }

  test('are errors of that name, with a cause for nobody outside', () => {
    const cause = new Error('a secret place');
    const error = StatusError.create('INTERNAL', 'Words.', { cause });
    assert.ok(error instanceof Error && error.name === 'StatusError');
    assert.equal(error.cause, cause);
    assert.ok(!error.body.includes('secret') && !JSON.stringify(error).includes('secret'));
    assert.deepEqual(error.headers, {});
    assert.deepEqual(assertError(answered(error), 'INTERNAL').metadata, {});
  });

  test('carry their headers', () => {
    const headers = { 'Retry-After': '5' };
    assert.deepEqual(StatusError.create('OVERLOADED', 'x', { headers }).headers, headers);
  });

  test('stand in a list as the error alone', () => {
    const error = StatusError.create('NOT_ALLOWED', 'No.');
    assert.deepEqual(JSON.parse(JSON.stringify({ error })), JSON.parse(error.body));
  });

  test('may fare better another time where they are of the moment', () => {
    const better = reasons.filter((reason) => StatusError.create(reason, 'x').retryable);
    assert.deepEqual(better, [
      'OVERLOADED',
      'CREDENTIALS_UNAVAILABLE',
      'KEYS_UNAVAILABLE',
      'UPSTREAM_UNAVAILABLE',
      'UPSTREAM_DEADLINE_EXCEEDED',
      'INTERNAL',
    ]);
  });
});

describe("upstream's errors", () => {
  const of = (code: number, headers?: Record<string, string>) =>
    StatusError.upstream(
      { code, status: 'ABORTED', message: 'Words.' },
      '{"error":{"a":1}}',
      headers,
    );

  test('are handed on as they came', () => {
    const error = of(409, { 'Retry-After': '7' });
    assert.deepEqual([error.reason, error.code, error.status], ['UPSTREAM', 409, 'ABORTED']);
    assert.equal(error.body, '{"error":{"a":1}}');
    assert.deepEqual([error.message, error.toJSON()], ['Words.', { a: 1 }]);
    assert.deepEqual(error.headers, { 'Retry-After': '7' });
    assert.deepEqual(of(409).headers, {});
  });

  test('may fare better another time: 429, and what begins with 5 but for 501', () => {
    for (const [code, better] of [
      [400, false],
      [404, false],
      [409, false],
      [428, false],
      [429, true],
      [430, false],
      [499, false],
      [500, true],
      [501, false],
      [502, true],
      [504, true],
    ] as const) {
      assert.equal(of(code).retryable, better, `${code}`);
    }
  });
});

test('whatever else is thrown is INTERNAL, and tells nothing', () => {
  for (const thrown of [new TypeError('secret'), 'secret', undefined, { code: 400 }]) {
    const error = StatusError.from(thrown);
    assert.equal(assertError(answered(error), 'INTERNAL').message, 'Internal error.');
    assert.equal(error.cause, thrown);
    assert.ok(!error.body.includes('secret'));
  }
  const known = unauthenticated('secret');
  assert.equal(StatusError.from(known), known);
});

test('UNAUTHENTICATED has one body for all reasons, and the challenge of its scheme', () => {
  const plain = unauthenticated('secret');
  const challenged = unauthenticated('no-credentials', 'Basic');
  const { message } = assertError(answered(plain), 'UNAUTHENTICATED');
  assert.equal(message, 'Missing or invalid credentials.');
  assert.deepEqual(plain.headers, {});
  assert.deepEqual(challenged.headers, { 'WWW-Authenticate': 'Basic' });
  assert.equal(challenged.body, plain.body);
  assert.deepEqual(
    [plain.unauthenticated, challenged.unauthenticated],
    ['secret', 'no-credentials'],
  );
  assert.equal(StatusError.create('INTERNAL', 'x').unauthenticated, undefined);
});

test('the metadata of an error is kept beside its body, and is empty by default', () => {
  const metadata = { rule: 'allow[0]' };
  assert.deepEqual(StatusError.create('NOT_ALLOWED', 'x', { metadata }).metadata, metadata);
  assert.deepEqual(StatusError.create('NOT_ALLOWED', 'x').metadata, {});
});

test('INVALID_REQUEST names each field, in words and as a list', () => {
  const violations = [
    { field: 'name', description: 'is required' },
    { field: 'wait', description: 'must be a duration' },
  ];
  const told = assertError(answered(invalidRequest(...violations)), 'INVALID_REQUEST');
  assert.equal(told.message, 'Invalid request: name: is required; wait: must be a duration.');
  assert.deepEqual(told.violations, violations);
});
