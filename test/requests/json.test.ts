import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { StatusError } from '../../src/errors.ts';
import { parseJson } from '../../src/requests/json.ts';

const parse = (text: string) => parseJson({ body: Buffer.from(text) });
const nested = (depth: number) => `${'[{"a":'.repeat(depth / 2)}1${'}]'.repeat(depth / 2)}`;

test('a body that nests 100 deep is read, and one that nests deeper is refused', () => {
  assert.deepEqual(parse(nested(100)), JSON.parse(nested(100)));
  for (const text of [nested(102), `[${nested(100)}]`, '['.repeat(500_000)]) {
    assert.throws(
      () => parse(text),
      (error) =>
        error instanceof StatusError &&
        error.code === 400 &&
        JSON.stringify(error.body).includes('at most 100 deep'),
    );
  }
});

test('brackets within strings and keys do not nest, whatever quotes and backslashes stand there', () => {
  for (const string of ['['.repeat(200), '"'.repeat(200), '\\'.repeat(201), '"[\\"{'.repeat(99)]) {
    const value = { [string]: [string, string], last: string };
    assert.deepEqual(parse(JSON.stringify(value)), value);
  }
});

test('100,000 objects and lists are read, and more are refused', () => {
  const text = (count: number) =>
    `[${Array(count - 1)
      .fill('{}')
      .join(',')}]`;
  assert.equal((parse(text(100_000)) as unknown[]).length, 99_999);
  assert.throws(() => parse(text(100_001)), StatusError);
});

test('any JSON of an ordinary depth is read as JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 20 }), (text) => {
      assert.deepEqual(parse(text), JSON.parse(text));
    }),
  );
});

test('many lists beside each other are not deep', () => {
  const text = `[${Array(5_000).fill('[[]]').join(',')}]`;
  assert.deepEqual(parse(text), JSON.parse(text));
});
