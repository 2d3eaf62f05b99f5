import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as endOfTurn } from 'node:timers/promises';
import { together } from '../src/log.ts';

test('a line is written at once, and those that follow in its turn together, in order', async () => {
  const written: string[] = [];
  const write = together((text) => written.push(text));
  write('1\n');
  assert.deepEqual(written, ['1\n']);
  for (const line of ['2\n', '3\n', '4\n']) write(line);
  assert.deepEqual(written, ['1\n']);
  await endOfTurn();
  assert.deepEqual(written, ['1\n', '2\n3\n4\n']);
  write('5\n');
  assert.deepEqual(written.at(-1), '5\n');
  await endOfTurn();
  assert.equal(written.length, 3, 'nothing is written twice');
});

test('what is still kept can be written before the process ends', async () => {
  const written: string[] = [];
  const write = together((text) => written.push(text));
  write('1\n');
  write('2\n');
  write.flush();
  write.flush();
  assert.deepEqual(written, ['1\n', '2\n']);
  await endOfTurn();
  assert.deepEqual(written, ['1\n', '2\n']);
});
