import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as endOfTurn } from 'node:timers/promises';
import { createLogWriter } from '../src/log-writer.ts';

test('a line is written at once, and those that follow in its turn together, in order', async () => {
  const written: string[] = [];
  const { write } = createLogWriter(
    (text) => written.push(text),
    () => 0,
  );
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

test('no more than 64 KiB are kept in a turn, however long it takes', async () => {
  const written: string[] = [];
  const { write } = createLogWriter(
    (text) => written.push(text),
    () => 0,
  );
  const lines = Array.from({ length: 10_000 }, (_, n) => `${String(n).padStart(99)}\n`);
  let bytes = 0;
  for (const line of lines) {
    write(line);
    bytes += line.length;
    assert.ok(bytes - written.reduce((sum, { length }) => sum + length, 0) <= 65_536);
  }
  await endOfTurn();
  assert.equal(written.join(''), lines.join(''));
  assert.ok(written.length < 20, `${written.length} writes`);
});

test('what is still kept can be written before the process ends', async () => {
  const written: string[] = [];
  const { write, flush } = createLogWriter(
    (text) => written.push(text),
    () => 0,
  );
  write('1\n');
  write('2\n');
  flush();
  flush();
  assert.deepEqual(written, ['1\n', '2\n']);
  await endOfTurn();
  assert.deepEqual(written, ['1\n', '2\n']);
});

test('what nobody reads is kept up to 8 MiB, then lost, and said to be once somebody reads again', async () => {
  const written: string[] = [];
  let waiting = 0;
  const { write } = createLogWriter(
    (text) => {
      written.push(text);
      waiting += text.length;
    },
    () => waiting,
  );
  for (let i = 0; i < 100; i++) {
    for (let j = 0; j < 3; j++) write(`${'x'.repeat(99_999)}\n`);
    await endOfTurn();
  }
  assert.ok(waiting > 8_388_608 && waiting < 8_388_608 + 300_001, `${waiting}`);
  const kept = written.join('').split('\n').length - 1;
  waiting = 0;
  write('again\n');
  const { severity, message } = JSON.parse(written.at(-2) ?? '');
  assert.equal(severity, 'ERROR');
  assert.equal(message, `${300 - kept} log lines were lost: nobody read them in time.`);
  assert.equal(written.at(-1), 'again\n');
  await endOfTurn();
  write('and again\n');
  assert.equal(written.at(-1), 'and again\n', 'it is said once');
});
