import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as endOfTurn } from 'node:timers/promises';
import { createTurns } from '../../src/server/load-shedding.ts';

/** Milliseconds from a turn's first request to each of its others; the clock stands still between turns. */
async function lateIn(...turns: readonly { from: number; requests: readonly number[] }[]) {
  let now = 0;
  const { isLate } = createTurns(() => now, 250);
  const late: boolean[][] = [];
  for (const { from, requests } of turns) {
    late.push(
      requests.map((after) => {
        now = from + after;
        return isLate(now);
      }),
    );
    await endOfTurn();
  }
  return late;
}

test('a single long turn refuses nobody: a cold start is no overload', async () => {
  assert.deepEqual(await lateIn({ from: 0, requests: [0, 100, 251, 5_000] }), [
    [false, false, false, false],
  ]);
});

test('in a long turn after a long turn, who waited for over 250 ms is late', async () => {
  const turns = [
    { from: 0, requests: [0, 300] },
    { from: 300, requests: [0, 250, 251, 400] },
    { from: 710, requests: [0, 251] },
  ];
  const expected = [
    [false, false],
    [false, false, true, true],
    [false, true],
  ];
  assert.deepEqual(await lateIn(...turns), expected);
});

test('250 ms after a long turn all is as at first', async () => {
  const long = { from: 0, requests: [0, 300] };
  const short = { from: 300, requests: [0, 10] };
  assert.deepEqual((await lateIn(long, short, { from: 550, requests: [0, 251] })).at(-1), [
    false,
    true,
  ]);
  assert.deepEqual((await lateIn(long, short, { from: 551, requests: [0, 251] })).at(-1), [
    false,
    false,
  ]);
  assert.deepEqual((await lateIn(long, { from: 551, requests: [0, 251] })).at(-1), [false, false]);
});
