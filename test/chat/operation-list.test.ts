import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeOperation, formatAge, renderList } from '../../src/chat/text.ts';
import type { ResourceName } from '../../src/resource-name.ts';

const PARENT = 'projects/p/locations/l';
const NOW = Date.parse('2026-01-10T00:00:00Z');

test('an age has its two largest units', () => {
  const ages: [string | undefined, string | undefined][] = [
    ['2026-01-10T00:00:00Z', '0 s'],
    ['2026-01-09T23:59:15Z', '45 s'],
    ['2026-01-09T23:57:00Z', '3 min'],
    ['2026-01-09T23:56:55Z', '3 min 5 s'],
    ['2026-01-09T20:40:00Z', '3 h 20 min'],
    ['2026-01-07T20:00:00Z', '2 d 4 h'],
    ['2026-01-11T00:00:00Z', '0 s'],
    ['yesterday', undefined],
    [undefined, undefined],
  ];
  for (const [time, expected] of ages) assert.equal(formatAge(time, NOW), expected);
});

test('an operation is described as far as it is known', () => {
  const name = 'projects/p/locations/l/operations/o';
  const createTime = '2026-01-09T21:00:00Z';
  assert.deepEqual(describeOperation({ name, verb: 'create', target: 't', createTime }, NOW), [
    { code: 'create' },
    ' of ',
    { code: 't' },
    ', for 3 h',
  ]);
  assert.deepEqual(describeOperation({ name, verb: 'create', createTime }, NOW, true), [
    { code: 'create' },
    ', started 3 h ago',
  ]);
  assert.deepEqual(describeOperation({ name }, NOW), ['Kind unknown']);
  const [, , target] = describeOperation({ name, verb: 'v', target: 'x'.repeat(400) }, NOW);
  assert.deepEqual(target, { code: `${'x'.repeat(299)}…` });
});

test('a list has an item for each operation, and says how many it leaves out', () => {
  const name = `${PARENT}/operations/o` as ResourceName;
  const found = [{ name, createTime: '2026-01-09T23:00:00Z', verb: 'create' }];
  const { lines, operations } = renderList(PARENT, { kind: 'list', found, more: 3 }, NOW);
  assert.deepEqual(lines, [['Running in ', { code: PARENT }, ', oldest first (and 3 newer):']]);
  assert.deepEqual(operations, [
    { name, lines: [[{ code: name }], [{ code: 'create' }, ', for 1 h']] },
  ]);
});

test('an empty list says that there is nothing to cancel', () => {
  const { lines, operations } = renderList(PARENT, { kind: 'list', found: [], more: 0 }, NOW);
  assert.deepEqual(lines, [
    ['No operation that you may cancel is running in ', { code: PARENT }, '.'],
  ]);
  assert.deepEqual(operations, []);
});
