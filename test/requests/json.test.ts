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

test('200,000 values are read, and more are refused: empty objects count twice', () => {
  const list = (count: number, item: string) => `[${Array(count).fill(item).join(',')}]`;
  for (const [item, most] of Object.entries({ '1': 200_000, '{}': 100_000, '[0]': 100_000 })) {
    assert.equal((parse(list(most, item)) as unknown[]).length, most);
    assert.throws(() => parse(list(most + 1, item)), StatusError);
  }
});

test('an object of 1,000 fields is read, and one of more is refused, wherever it is', () => {
  const object = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, [n, { a: n, b: n }]]));
  const inside = (value: unknown) => [{ a: 1, b: [0, value, 0] }, object(1_000)];
  assert.deepEqual(parse(JSON.stringify(inside(object(1_000)))), inside(object(1_000)));
  assert.throws(() => parse(JSON.stringify(inside(object(1_001)))), StatusError);
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
